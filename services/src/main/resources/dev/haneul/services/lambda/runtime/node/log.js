'use strict';
// The console as Lambda formats it: time, request id, level and message, parted by tabs. Each call is one log event,
// whatever lines it has, so it is framed: magic, length, time in microseconds, UTF-8 text, in one write.

const fs = require('node:fs');
const util = require('node:util');

const MAGIC = 0xa55a0003;
const HEAD_BYTES = 16;
const LARGEST_FRAME = 262144;
const LEVELS = { log: 'INFO', info: 'INFO', debug: 'DEBUG', warn: 'WARN', error: 'ERROR', trace: 'TRACE', fatal: 'FATAL' };

let requestId;

/** Names the invocation that log lines belong to. */
function setRequest(id) {
  requestId = id;
}

/** Writes one event. */
function emit(level, message) {
  const now = Date.now();
  const line = `${new Date(now).toISOString()}\t${requestId}\t${level}\t${message}\n`;
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
  for (const [method, level] of Object.entries(LEVELS)) {
    console[method] = (...values) => emit(level, util.format(...values));
  }
  console.trace = (...values) => {
    const trace = { name: 'Trace', message: util.format(...values) };
    Error.captureStackTrace(trace, console.trace);
    emit('TRACE', trace.stack);
  };
}

module.exports = { setRequest, emit, install };
