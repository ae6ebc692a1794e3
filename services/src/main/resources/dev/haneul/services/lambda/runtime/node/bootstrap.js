'use strict';
// The Node.js runtime of Haneul's Lambda: loads the handler, then serves invocations from the Runtime API.
//
// Behaves as AWS documents it for Node.js functions (handler naming and styles, context object, error documents,
// console format): https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html and runtimes-api.html.

const fs = require('node:fs');
const path = require('node:path');
const { RuntimeApi } = require('./runtime-api.js');
const log = require('./log.js');
const streaming = require('./streaming.js');
const { Fault, describe, forLog } = require('./errors.js');

const api = new RuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API);
/** The invocation being served, null between two. */
let current = null;
/** Called when nothing keeps the event loop alive any more; set for handlers that may answer late. */
let whenIdle = null;

/** Splits "dir/file.export.nested" and finds the exported function. */
async function loadHandler(root, name) {
  if (name.includes('..')) {
    throw new Fault('Runtime.MalformedHandlerName', `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
  }
  const base = path.basename(name);
  const dot = base.indexOf('.');
  if (dot < 1) {
    throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  }
  const file = path.resolve(root, path.dirname(name), base.slice(0, dot));
  const moduleName = path.join(path.dirname(name), base.slice(0, dot));
  const exported = await loadModule(file, moduleName);
  let found = exported;
  for (const part of base.slice(dot + 1).split('.')) {
    found = found === undefined || found === null ? undefined : found[part];
  }
  if (found === undefined || found === null) {
    throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof found !== 'function') {
    throw new Fault('Runtime.HandlerNotFound', `${name} is not a function`);
  }
  return found;
}

async function loadModule(file, moduleName) {
  try {
    const found = ['', '.js', '.mjs', '.cjs'].map((end) => file + end).find(isFile);
    if (!found) {
      return require(file); // a folder with an index, a layer's module; else Node's own words for the error
    }
    return isEsModule(found) ? await import(found) : require(found);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw Object.assign(new Fault('Runtime.UserCodeSyntaxError', String(error)), { stack: error.stack });
    }
    if (error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND')) {
      const message = error.message.replace(`'${file}'`, `'${moduleName}'`);
      throw Object.assign(new Fault('Runtime.ImportModuleError', `Error: ${message}`), { stack: error.stack });
    }
    throw error;
  }
}

function isFile(name) {
  try {
    return fs.statSync(name).isFile();
  } catch {
    return false;
  }
}

/** By its ending, else by the nearest package.json. */
function isEsModule(file) {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  for (let dir = path.dirname(file); ; dir = path.dirname(dir)) {
    const description = path.join(dir, 'package.json');
    if (isFile(description)) {
      return JSON.parse(fs.readFileSync(description, 'utf8')).type === 'module';
    }
    if (dir === path.dirname(dir)) return false;
  }
}

function contextOf(headers) {
  const parse = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parse('lambda-runtime-client-context'),
    tenantId: headers['lambda-runtime-aws-tenant-id'],
    identity: parse('lambda-runtime-cognito-identity'),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    tenantId: headers['lambda-runtime-aws-tenant-id'],
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
  };
}

/** The result as JSON; undefined becomes null. */
function encode(result) {
  try {
    return JSON.stringify(result === undefined ? null : result);
  } catch (error) {
    throw new Fault('Runtime.MarshalError', `Unable to stringify response body: ${error.message}`);
  }
}

/**
 * Runs the handler; resolves to what became of it. A handler ends by its promise, by its callback, or (having done
 * neither) when the event loop runs empty, which answers null.
 */
function run(handler, event, context) {
  return new Promise((resolve) => {
    let called = false;
    const settle = (outcome) => {
      whenIdle = null;
      resolve(outcome);
    };
    const callback = (error, result) => {
      if (called) return;
      called = true;
      const outcome = error ? { error } : { result };
      if (error || !context.callbackWaitsForEmptyEventLoop) {
        setImmediate(() => settle(outcome));
      } else {
        whenIdle = () => settle(outcome);
      }
    };
    context.done = callback;
    context.fail = (error) => callback(error || 'handled');
    context.succeed = (result) => callback(null, result);
    whenIdle = () => settle({ result: undefined });
    try {
      const returned = handler(event, context, callback);
      if (returned && typeof returned.then === 'function') {
        returned.then(
          (result) => settle({ result }),
          (error) => settle({ error }),
        );
      }
    } catch (error) {
      settle({ error });
    }
  });
}

/** Runs a handler that writes its response to a stream; resolves when the response has ended. */
async function runStreaming(handler, id, event, context) {
  const stream = new streaming.ResponseStream(api, id, streaming.highWaterMark(handler));
  const ended = new Promise((resolve, reject) => {
    stream.once('close', resolve);
    stream.once('error', reject);
  });
  ended.catch(() => {});
  try {
    const returned = handler(event, stream, context);
    if (!returned || typeof returned.then !== 'function') {
      throw new Fault('InvalidStreamingOperation', 'Streaming does not support non-async handlers.');
    }
    await returned;
    whenIdle = () => stream.end(); // nothing is left that could end it
    await ended;
  } catch (error) {
    log.fail('Invoke Error', error, forLog(error));
    const report = describe(error);
    await (stream.begun ? stream.abort(report) : api.fail(id, report));
  } finally {
    whenIdle = null;
  }
}

async function serveOne(handler) {
  const { headers, body } = await api.next();
  const id = headers['lambda-runtime-aws-request-id'];
  current = id;
  log.setRequest(id);
  setTrace(headers['lambda-runtime-trace-id']);
  let outcome;
  try {
    const event = parseEvent(body);
    if (streaming.isStreaming(handler)) {
      await runStreaming(handler, id, event, contextOf(headers));
      current = null;
      return;
    }
    outcome = await run(handler, event, contextOf(headers));
    if (!outcome.error) {
      outcome = { body: encode(outcome.result) };
    }
  } catch (error) {
    outcome = { error };
  }
  if ('error' in outcome) {
    log.fail('Invoke Error', outcome.error, forLog(outcome.error));
    await api.fail(id, describe(outcome.error));
  } else {
    await api.respond(id, outcome.body);
  }
  current = null;
}

function parseEvent(body) {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Fault('Runtime.UnmarshalError', `Unable to parse event: ${error.message}`);
  }
}

function setTrace(id) {
  if (id) {
    process.env._X_AMZN_TRACE_ID = id;
  } else {
    delete process.env._X_AMZN_TRACE_ID;
  }
}

/** Reports what nobody caught, then ends the process with the exit code AWS's runtime uses for it. */
function die(error, title, exitCode) {
  log.fail(title, error, forLog(error));
  const told = api.end().then((asked) => {
    if (asked) return undefined; // between two invocations: nobody could be told
    return current === null ? api.failInit(describe(error)) : api.fail(current, describe(error));
  });
  told.catch(() => {}).finally(() => process.exit(exitCode));
}

process.on('uncaughtException', (error) => die(error, 'Uncaught Exception', 129));
process.on('unhandledRejection', (reason, promise) => {
  const error = new Fault('Runtime.UnhandledPromiseRejection', String(reason));
  Object.assign(error, { reason, promise });
  die(error, 'Unhandled Promise Rejection', 128);
});
process.on('beforeExit', () => {
  const idle = whenIdle;
  if (idle) {
    whenIdle = null;
    idle();
  }
});

/** Code is compiled when it first runs: while nobody waits for it, rather than with somebody's first invocation. */
async function warm() {
  await run(async () => null, parseEvent(Buffer.from('{}')), contextOf({}));
  encode(null);
  setTrace(undefined);
  await loadHandler(__dirname, 'trial-module.handler');
  await loadHandler(__dirname, 'trial-required.handler');
  forgetModule(require.resolve('./trial-required.js'));
}

/** As if it had never been loaded. */
function forgetModule(file) {
  const index = module.children.indexOf(require.cache[file]);
  if (index >= 0) module.children.splice(index, 1);
  delete require.cache[file];
}

/** A runtime booted ahead of time becomes the function whose variables it is told: name, NUL, value, NUL, … */
function waitAtGate(gate) {
  const told = fs.readFileSync(gate, 'utf8').split('\0');
  if (told.length < 3) process.exit(0);
  for (let i = 0; i + 1 < told.length; i += 2) {
    process.env[told[i]] = told[i + 1];
  }
  process.chdir(process.env.LAMBDA_TASK_ROOT);
}

async function main() {
  streaming.install();
  if (process.env.HANEUL_GATE) {
    const gate = process.env.HANEUL_GATE;
    delete process.env.HANEUL_GATE;
    await warm();
    await api.greet();
    waitAtGate(gate);
  }
  log.install();
  let handler;
  try {
    handler = await loadHandler(process.env.LAMBDA_TASK_ROOT || '/var/task', process.env._HANDLER);
  } catch (error) {
    die(error, 'Uncaught Exception', 129);
    return;
  }
  for (;;) {
    await serveOne(handler);
  }
}

main();
