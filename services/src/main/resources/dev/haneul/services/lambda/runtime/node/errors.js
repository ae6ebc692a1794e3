'use strict';
// Errors as Lambda tells them: a document for the caller, and one line of JSON for the log.

const util = require('node:util');

/** Something the runtime, not the handler, has to report, under a name of its own (Runtime.…). */
class Fault extends Error {
  constructor(type, message) {
    super(message);
    this.name = type;
  }
}

/** The error document for callers. Whatever was thrown may be no Error at all. */
function describe(error) {
  if (error instanceof Error || util.types.isNativeError(error)) {
    const document = {
      errorType: (error.name || 'Error').replace(/\x7F/g, '%7F'),
      errorMessage: String(error.message),
    };
    if (error instanceof Fault && 'reason' in error) {
      document.reason = error.reason instanceof Error ? describe(error.reason) : error.reason;
      document.promise = {};
    }
    document.trace = stackOf(error);
    return document;
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function stackOf(error) {
  return String(error.stack || '').split('\n');
}

/** The error as JSON with its own extra fields, as the log shows it. */
function forLog(error) {
  if (!(error instanceof Error || util.types.isNativeError(error))) {
    return JSON.stringify(describe(error));
  }
  const shown = { errorType: error.name || 'UnknownError', errorMessage: error.message, ...error };
  delete shown.name;
  if (shown.reason instanceof Error) {
    shown.reason = describe(shown.reason);
  }
  shown.stack = stackOf(error);
  try {
    return JSON.stringify(shown);
  } catch {
    return JSON.stringify(describe(error)); // it holds a cycle or a BigInt
  }
}

module.exports = { Fault, describe, forLog };
