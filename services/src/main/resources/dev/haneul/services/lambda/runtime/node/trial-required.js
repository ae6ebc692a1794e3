'use strict';
// Loaded while a runtime stands by, so that the loader has run once when a function's module comes; see warm().

exports.handler = async () => null;
