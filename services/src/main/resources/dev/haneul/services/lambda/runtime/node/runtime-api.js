'use strict';
// A keep-alive connection to the Runtime API. Small on purpose: it loads faster than Node's own HTTP client, and the
// server is our own and always says how long its answers are. A server that goes away is waited for: the next one takes
// this environment over and opens its door again.

const net = require('node:net');

const ROOT = '/2018-06-01/runtime';
const RETRY_MILLIS = 50;
const PATIENCE_MILLIS = 900_000;
const NEXT = `${ROOT}/invocation/next`;
const later = setTimeout;
const soon = setImmediate;
const notNow = clearImmediate;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

class RuntimeApi {
  constructor(address) {
    const colon = address.lastIndexOf(':');
    this.host = address.slice(0, colon);
    this.port = Number(address.slice(colon + 1));
    this.socket = null;
    /** Who waits for answers, in the order they asked in. */
    this.waiting = [];
    /** The result that was handed in last, until it is known to have arrived. */
    this.handing = null;
    /** Work that was asked for before that was known. */
    this.early = null;
    this.ending = false;
    this.received = Buffer.alloc(0);
  }

  /** Opens the connection before there is anything to say, so that it is there when there is. */
  async greet() {
    try {
      await this.tryCall('GET', '/2018-06-01/ping');
    } catch {
      // the first real call tries again
    }
  }

  /** Waits for an invocation: its headers (lower case) and payload. */
  async next() {
    if (this.ending) return new Promise(() => {});
    if (this.early === null) this.early = this.tryCall('GET', NEXT);
    const asked = this.early;
    const answer = await asked.catch(() => this.call('GET', NEXT)).finally(() => {
      this.early = null;
    });
    if (answer.status !== 200) {
      throw new Error(`the Runtime API answered ${answer.status} to next`);
    }
    return answer;
  }

  /**
   * Hands in a result, and asks for work before it is known to have arrived: the caller waits until both are through.
   * What the handler has left to run at once comes first: an error that nobody catches ends this process, which must not
   * have asked for work then.
   */
  async respond(id, body) {
    this.handing = this.call('POST', `${ROOT}/invocation/${id}/response`, body);
    const socket = this.socket;
    const asking = soon(() => {
      if (this.socket !== socket || this.ending) return;
      this.early = this.tryCall('GET', NEXT);
      this.early.catch(() => {}); // it is asked for again, after the result was handed in again
    });
    try {
      await this.handing;
    } finally {
      this.handing = null;
      notNow(asking);
    }
  }

  /** Asks for no more work. Resolves to whether it had done so already, once a result that is on its way has arrived. */
  async end() {
    this.ending = true;
    const asked = this.early !== null;
    if (asked && this.handing !== null) await this.handing;
    return asked;
  }

  fail(id, error) {
    return this.call('POST', `${ROOT}/invocation/${id}/error`, JSON.stringify(error), error.errorType);
  }

  failInit(error) {
    return this.call('POST', `${ROOT}/init/error`, JSON.stringify(error), error.errorType);
  }

  /** Begins a response that is sent in chunks; an error in the middle of it ends it in trailers. */
  stream(id, contentType) {
    const socket = this.connect();
    const answered = new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
    });
    answered.catch(() => {}); // whoever ends the response hears of it
    socket.ref();
    socket.write(
      `POST ${ROOT}/invocation/${id}/response HTTP/1.1\r\nHost: ${this.host}:${this.port}\r\n` +
        `Content-Type: ${String(contentType).replace(/[^\x20-\x7e]/g, '?')}\r\n` +
        'Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n' +
        'Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n',
      'latin1',
    );
    return {
      write(bytes, done) {
        if (bytes.length === 0) {
          done();
          return;
        }
        socket.cork();
        socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
        socket.write(bytes);
        socket.write('\r\n', 'latin1', (error) => done(error));
        socket.uncork();
      },
      end(error) {
        let tail = '0\r\n';
        if (error) {
          const type = String(error.errorType).replace(/[^\x20-\x7e]/g, '?');
          const body = Buffer.from(JSON.stringify(error)).toString('base64');
          tail += `Lambda-Runtime-Function-Error-Type: ${type}\r\nLambda-Runtime-Function-Error-Body: ${body}\r\n`;
        }
        socket.write(`${tail}\r\n`, 'latin1');
        return answered;
      },
    };
  }

  async call(method, path, body, errorType) {
    for (let waited = 0; ; waited += RETRY_MILLIS) {
      try {
        return await this.tryCall(method, path, body, errorType);
      } catch (error) {
        if (waited >= PATIENCE_MILLIS) throw error;
      }
      await new Promise((resolve) => later(resolve, RETRY_MILLIS));
    }
  }

  tryCall(method, path, body, errorType) {
    let head = `${method} ${path} HTTP/1.1\r\nHost: ${this.host}:${this.port}\r\n`;
    if (errorType) {
      head += `Lambda-Runtime-Function-Error-Type: ${String(errorType).replace(/[^\x20-\x7e]/g, '?')}\r\n`;
    }
    const payload = Buffer.from(body || '', 'utf8');
    if (method === 'POST') {
      head += `Content-Type: application/json\r\nContent-Length: ${payload.length}\r\n`;
    }
    return new Promise((resolve, reject) => {
      const socket = this.connect();
      this.waiting.push({ resolve, reject });
      socket.ref();
      socket.cork();
      socket.write(`${head}\r\n`, 'latin1');
      if (payload.length > 0) {
        socket.write(payload);
      }
      socket.uncork();
    });
  }

  connect() {
    if (this.socket === null) {
      const socket = net.connect({ host: this.host, port: this.port, noDelay: true });
      socket.on('data', (data) => this.receive(data));
      socket.on('error', (error) => this.lose(socket, error));
      socket.on('close', () => this.lose(socket, new Error('the Runtime API closed the connection')));
      this.socket = socket;
    }
    return this.socket;
  }

  receive(data) {
    this.received = this.received.length === 0 ? data : Buffer.concat([this.received, data]);
    for (let answer = this.takeAnswer(); answer !== null; answer = this.takeAnswer()) {
      const first = this.waiting.shift();
      if (this.waiting.length === 0) {
        this.socket.unref(); // the handler's event loop is its own: our idle connection must not keep it alive
      }
      first.resolve(answer);
    }
  }

  /** The first answer of what was received; null where it is not all there. */
  takeAnswer() {
    const end = this.received.indexOf(END_OF_HEAD);
    if (end < 0) return null;
    const lines = this.received.toString('latin1', 0, end).split('\r\n');
    const headers = {};
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const from = end + END_OF_HEAD.length;
    const length = Number(headers['content-length'] || 0);
    if (this.received.length < from + length) return null;
    const body = this.received.subarray(from, from + length);
    this.received = this.received.subarray(from + length);
    return { status: Number(lines[0].split(' ')[1]), headers, body };
  }

  lose(socket, error) {
    if (this.socket !== socket) return;
    this.socket = null;
    this.received = Buffer.alloc(0);
    for (const one of this.waiting.splice(0)) {
      one.reject(error);
    }
  }
}

module.exports = { RuntimeApi };
