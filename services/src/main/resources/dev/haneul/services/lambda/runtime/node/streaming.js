'use strict';
// Response streaming: what handlers find as the global `awslambda`, and the stream they write to.
//
// See https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html and, for the prelude of HTTP
// responses, https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html.

const { Writable } = require('node:stream');

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const HTTP_INTEGRATION = 'application/vnd.awslambda.http-integration-response';
/** Lies between the prelude of an HTTP response and its body. */
const DELIMITER = Buffer.alloc(8);

/** Opens the response to the platform with its first bytes and hands on what is written, waiting where the platform waits. */
class ResponseStream extends Writable {
  constructor(api, id, highWaterMark) {
    super({ highWaterMark });
    this.api = api;
    this.id = id;
    this.contentType = 'application/octet-stream';
    this.prelude = null;
    this.upload = null;
  }

  setContentType(type) {
    if (this.upload) throw new Error('Cannot set content-type, too late.');
    this.contentType = type;
  }

  /** Whether bytes may have reached the caller: from then on an error can only stand in trailers. */
  get begun() {
    return this.upload !== null;
  }

  open() {
    if (this.upload === null) {
      this.upload = this.api.stream(this.id, this.contentType);
      if (this.prelude !== null) this.upload.write(this.prelude, () => {});
    }
    return this.upload;
  }

  _write(chunk, encoding, done) {
    this.open().write(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk, encoding), done);
  }

  _final(done) {
    this.open().end().then(() => done(), done);
  }

  /** Ends a response that has begun with an error. */
  async abort(error) {
    const upload = this.open();
    this.destroy();
    await upload.end(error);
  }
}

class HttpResponseStream {
  /** Makes the stream an HTTP response with this status and these headers. */
  static from(stream, metadata) {
    stream.setContentType(HTTP_INTEGRATION);
    stream.prelude = Buffer.concat([Buffer.from(JSON.stringify(metadata)), DELIMITER]);
    return stream;
  }
}

function streamifyResponse(handler, options) {
  handler[STREAMING] = 'response';
  if (options && options.highWaterMark !== undefined) {
    handler[HIGH_WATER_MARK] = Number(options.highWaterMark);
  }
  return handler;
}

function install() {
  globalThis.awslambda = { streamifyResponse, HttpResponseStream };
}

const isStreaming = (handler) => handler[STREAMING] === 'response';
const highWaterMark = (handler) => handler[HIGH_WATER_MARK];

module.exports = { install, isStreaming, highWaterMark, ResponseStream };
