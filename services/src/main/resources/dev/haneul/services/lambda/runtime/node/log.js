'use strict';
// The console as Lambda formats it: time, request id, level and message, parted by tabs. Each call is one log event,
// whatever lines it has, so it is framed: magic, length, time in microseconds, UTF-8 text, in one write.

const fs = require('node:fs');
const util = require('node:util');

const MAGIC = 0xa55a0003;
const HEAD_BYTES = 16;
const LARGEST_FRAME = 262144;
const LEVELS = { log: 'INFO', info: 'INFO', debug: 'DEBUG', warn: 'WARN', error: 'ERROR', trace: 'TRACE', fatal: 'FATAL' };

/** Lowest first; the level that is wanted and those above it are written. */
const ORDER = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

let requestId;

/** Names the invocation that log lines belong to. */
function setRequest(id) {
  requestId = id;
}

/** Writes one event. */
function emit(level, message) {
  const now = Date.now();
  write(now, `${new Date(now).toISOString()}\t${requestId}\t${level}\t${message}\n`);
}

/** The same as a document: a single object stands as it is, an error with its parts, all else as text. */
function emitJson(level, values) {
  const now = Date.now();
  const document = { timestamp: new Date(now).toISOString(), level, requestId };
  const error = values.find((value) => value instanceof Error);
  const single = values.length === 1 && !error ? values[0] : undefined;
  document.message = single !== null && typeof single === 'object' ? single : util.format(...values);
  if (error) {
    document.errorType = error.name || 'Error';
    document.errorMessage = error.message;
    document.stackTrace = String(error.stack || '').split('\n');
  }
  let line;
  try {
    line = JSON.stringify(document);
  } catch {
    line = JSON.stringify({ ...document, message: util.format(...values) }); // it holds a cycle or a BigInt
  }
  write(now, `${line}\n`);
}

/** Tells of an error that nobody caught. */
function fail(title, error, text) {
  if (process.env.AWS_LAMBDA_LOG_FORMAT !== 'JSON') {
    emit('ERROR', `${title} \t${text}`);
    return;
  }
  emitJson('ERROR', [error instanceof Error ? error : String(error)]);
}

function write(now, line) {
  const frame = Buffer.alloc(HEAD_BYTES + Buffer.byteLength(line));
  const length = Math.min(frame.write(line, HEAD_BYTES), LARGEST_FRAME);
  frame.writeUInt32BE(MAGIC, 0);
  frame.writeUInt32BE(length, 4);
  frame.writeBigUInt64BE(BigInt(now) * 1000n, 8);
  let at = 0;
  const end = HEAD_BYTES + length;
  while (at < end) {
    at += fs.writeSync(1, frame, at, end - at);
  }
}

/** Makes the console write Lambda's format. */
function install() {
  if (process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON') {
    const least = Math.max(0, ORDER.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL || 'INFO'));
    for (const [method, level] of Object.entries(LEVELS)) {
      console[method] = ORDER.indexOf(level) < least ? () => {} : (...values) => emitJson(level, values);
    }
    return;
  }
  for (const [method, level] of Object.entries(LEVELS)) {
    console[method] = (...values) => emit(level, util.format(...values));
  }
  console.trace = (...values) => {
    const trace = { name: 'Trace', message: util.format(...values) };
    Error.captureStackTrace(trace, console.trace);
    emit('TRACE', trace.stack);
  };
}

module.exports = { setRequest, fail, install };
