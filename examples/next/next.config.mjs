/** One folder with all that the server needs, so that the image holds no build tools. */
export default { output: 'standalone', outputFileTracingRoot: import.meta.dirname, poweredByHeader: false };
