// As trial-required.js, for the loader of modules of the other kind.

export const handler = async () => null;
