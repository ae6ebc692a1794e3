"""The Python runtime of Haneul's Lambda: loads the handler, then serves invocations from the Runtime API.

Behaves as AWS documents it for Python functions (handler naming, context object, error documents, logging format):
https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html and runtimes-api.html.

A cold start pays for every import here, so only what each invocation needs is imported at the top. That is not json:
most of its start is that of regular expressions, which it needs for its words about what is wrong. Where nothing is,
documents are read and written by the compiled part that json itself leaves them to. Log records that may span lines
are framed (see _frame); everything else goes to standard output as it is.
"""

import os
import sys
import time

import _frozen_importlib_external as importlib
import _json
import _socket


def _site():
    """Makes up for Python having been started without its site module (-S), which takes a quarter of its start.

    Left out are the .pth files of the host's packages, which are no part of Lambda's Python, and the directory of a
    user who does not exist. A function with settings of its own for Python has the module whole: sitecustomize is how
    tracing gets in.
    """
    import site

    own = {"PYTHONPATH": os.path.dirname(__file__), "PYTHONDONTWRITEBYTECODE": "1"}
    theirs = any(name.startswith("PYTHON") and own.get(name) != value for name, value in os.environ.items())
    if theirs or "AWS_LAMBDA_EXEC_WRAPPER" in os.environ:
        site.main()
        return
    site.ENABLE_USER_SITE = False
    site.removeduppaths()
    for folder in site.getsitepackages():
        if folder not in sys.path and os.path.isdir(folder):
            sys.path.append(folder)
    site.setquit()
    site.setcopyright()
    site.sethelper()


if sys.flags.no_site:
    _site()

_API = "/2018-06-01/runtime"
_FRAME_MAGIC = b"\xa5\x5a\x00\x03"
_LARGEST_FRAME = 262_144
_RETRY_SECONDS = 0.05
_PATIENCE_SECONDS = 900
_sleep = time.sleep
_STANDARD_PATH = list(sys.path)


class Fault(Exception):
    """Something the runtime, not the handler, has to report, under a name of its own (Runtime.…)."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = list(trace)


class RuntimeApi:
    """A keep-alive connection to the Runtime API. Small on purpose: the server is our own and speaks plain HTTP/1.1.

    A server that goes away is waited for: the next one takes this environment over and opens its door again.
    """

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self._address = (host, int(port))
        self._host = address.encode("ascii")
        self._next = b"GET " + _API.encode("ascii") + b"/invocation/next HTTP/1.1\r\nHost: " + self._host + b"\r\n\r\n"
        self._asked = False
        self._socket = None
        self._buffer = b""

    def greet(self):
        """Opens the connection before there is anything to say, so that it is there when there is."""
        try:
            self._send(b"GET /2018-06-01/ping HTTP/1.1\r\nHost: " + self._host + b"\r\n\r\n")
            self._receive()
        except OSError:
            self._lose()

    def next(self):
        """Waits for an invocation; answers its headers (lower case) and payload."""
        status, headers, body = self._await(self._next)
        if status != 200:
            raise OSError("the Runtime API answered %d to next" % status)
        return headers, body

    def respond(self, request_id, body):
        """Hands in a result, and asks for work in the same breath. Answers the status: 413 where it is too large."""
        path = "%s/invocation/%s/response" % (_API, request_id)
        status = self._await(self._request(path, body, {}) + self._next)[0]
        self._asked = True
        return status

    def fail(self, request_id, error, body):
        """Hands in a handler's error."""
        headers = {"Lambda-Runtime-Function-Error-Type": error["errorType"]}
        self._await(self._request("%s/invocation/%s/error" % (_API, request_id), body, headers))

    def fail_init(self, error, body):
        """Says that the function cannot be started."""
        headers = {"Lambda-Runtime-Function-Error-Type": error["errorType"]}
        self._await(self._request(_API + "/init/error", body, headers))

    def _request(self, path, body, extra):
        lines = [b"POST " + path.encode("ascii") + b" HTTP/1.1", b"Host: " + self._host]
        lines.append(b"Content-Type: application/json")
        lines.append(b"Content-Length: %d" % len(body))
        for name, value in extra.items():
            clean = "".join(c if " " <= c <= "~" else "?" for c in value)
            lines.append(("%s: %s" % (name, clean)).encode("ascii"))
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    def _await(self, request):
        """Sends a request and waits for its answer. What was asked for already is not asked for again."""
        waited = 0.0
        while True:
            try:
                if self._asked:
                    self._asked = False
                else:
                    self._send(request)
                return self._receive()
            except OSError:
                self._lose()
                if waited >= _PATIENCE_SECONDS:
                    raise
            _sleep(_RETRY_SECONDS)
            waited += _RETRY_SECONDS

    def _lose(self):
        try:
            if self._socket is not None:
                self._socket.close()
        except OSError:
            pass  # the handler closed it already
        self._socket = None
        self._buffer = b""

    def _send(self, data):
        if self._socket is None:
            self._socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
            self._socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
            self._socket.connect(self._address)
        self._socket.sendall(data)

    def _receive(self):
        while b"\r\n\r\n" not in self._buffer:
            self._fill()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        lines = head.decode("iso-8859-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        parts, held = [self._buffer], len(self._buffer)
        while held < length:
            self._buffer = b""
            self._fill()
            parts.append(self._buffer)
            held += len(self._buffer)
        body = b"".join(parts)
        self._buffer = body[length:]
        return int(lines[0].split(" ", 2)[1]), headers, body[:length]

    def _fill(self):
        data = self._socket.recv(65_536)
        if not data:
            raise OSError("the Runtime API closed the connection")
        self._buffer += data


class CognitoIdentity:
    """Who called through a mobile SDK."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self, values=None):
        values = values or {}
        self.cognito_identity_id = values.get("cognitoIdentityId")
        self.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")


class Client:
    """The calling app, as a mobile SDK tells it."""

    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))


class ClientContext:
    """What the caller sent as client context."""

    __slots__ = ("custom", "env", "client")

    def __init__(self, values):
        self.custom = values.get("custom")
        self.env = values.get("env")
        client = values.get("client")
        self.client = Client(client) if client else None


class LambdaContext:
    """The second argument of every handler."""

    def __init__(self, headers):
        environment = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        context = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(_parse(context, "client context")) if context else None
        identity = headers.get("lambda-runtime-cognito-identity")
        self.identity = CognitoIdentity(_parse(identity, "Cognito identity") if identity else None)
        self._epoch_deadline_time_in_ms = int(headers.get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        """How long the handler may still run."""
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def log(self, message):
        """Writes to the log as it is."""
        sys.stdout.write(str(message))

    def __repr__(self):
        shown = ", ".join("%s=%s" % (k, v) for k, v in vars(self).items() if not k.startswith("_"))
        return "LambdaContext([%s])" % shown


class _StandardFirst:
    """Finds json and what it needs as if it had been imported before the function was there: not among its files."""

    _NAMES = frozenset(
        ("json", "re", "enum", "functools", "collections", "copyreg", "keyword", "operator", "reprlib", "types")
        + ("sre_compile", "sre_constants", "sre_parse", "haneul_logging")
    )

    def find_spec(self, name, path=None, target=None):
        if path is not None or name not in self._NAMES:
            return None
        return importlib.PathFinder.find_spec(name, _STANDARD_PATH)


class _LoggingSetup:
    """Gives the logging module Lambda's handler the moment somebody imports it, and costs nothing before."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                self._loader = spec.loader
                spec.loader = self
                return spec
        return None

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        import haneul_logging

        haneul_logging.configure(module, _frame, lambda: _current_request)


_current_request = ""


def _frame(text):
    """Writes one log event, whatever lines it has: magic, length, time in microseconds, UTF-8 text, in one write."""
    sys.stdout.flush()
    data = text.encode("utf-8", "backslashreplace")[:_LARGEST_FRAME]
    head = _FRAME_MAGIC + len(data).to_bytes(4, "big") + int(time.time() * 1e6).to_bytes(8, "big")
    view = memoryview(head + data)
    while view:
        view = view[os.write(1, view) :]


def _parse(text, what):
    import json

    try:
        return json.loads(text)
    except ValueError as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", "Unable to parse %s: %s" % (what, error)) from None


def _load(handler):
    """Finds the handler function named "package/module.function"."""
    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (handler, error)) from None
    module_name = module_name.replace("/", ".")
    try:
        if module_name.split(".")[0] in sys.builtin_module_names:
            raise Fault(
                "Runtime.BuiltInModuleConflict",
                "Cannot use built-in module %s as a handler module" % module_name,
            )
        __import__(module_name)
        module = sys.modules[module_name]
    except ImportError as error:
        raise Fault(
            "Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error)
        ) from None
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, (error.text or "").rstrip("\n"))]
        raise Fault(
            "Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace
        ) from None
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name)
        ) from None


def _describe(error, request_id):
    """The error document AWS answers for an exception. Frames of this file are left out."""
    if isinstance(error, Fault):
        return {
            "errorMessage": error.message,
            "errorType": error.error_type,
            "requestId": request_id,
            "stackTrace": error.trace,
        }
    import traceback

    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    trace = [line for line in traceback.format_list(frames)]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": [line.rstrip("\n") + "\n" for line in trace],
    }


def _log_error(error):
    """Writes an error as AWS does: one event, the trace indented with spaces that consoles keep."""
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        now = time.time()
        document = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + ".%03dZ" % (now % 1 * 1000),
            "log_level": "ERROR",
            "errorType": error["errorType"],
            "errorMessage": error["errorMessage"],
            "stackTrace": error["stackTrace"],
            "requestId": _current_request,
        }
        import json

        _frame(json.dumps(document, ensure_ascii=False) + "\n")
        return
    lines = ["[ERROR] %s" % error["errorType"]]
    if error["errorMessage"]:
        lines[0] += ": " + error["errorMessage"]
    if error["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        for entry in error["stackTrace"]:
            for line in entry.rstrip("\n").split("\n"):
                bare = line.lstrip(" ")
                lines.append("\u00a0" * (len(line) - len(bare)) + bare)
    _frame("\n".join(lines) + "\n")


class _Defaults:
    """What json.loads reads documents with where nothing else is asked for."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {"-Infinity": float("-inf"), "Infinity": float("inf"), "NaN": float("nan")}.__getitem__


_scan = _json.make_scanner(_Defaults)


def _encode(result):
    """As json.dumps does."""

    def other(value):
        if type(value).__name__ == "Decimal":
            return float(value)
        raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)

    string = _json.encode_basestring_ascii if _ASCII else _json.encode_basestring
    try:
        write = _json.make_encoder({}, other, string, None, ": ", ", ", False, False, True)
        return "".join(write(result, 0)).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error) from None


def _decode(payload):
    """As json.loads does; what is not plainly well-formed UTF-8 is left to it."""
    try:
        text = payload.decode("utf-8").strip(" \t\n\r")
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    except (ValueError, StopIteration, RecursionError):
        pass  # it knows the words for it
    import json

    try:
        return json.loads(payload)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error) from None


def _wants_ascii():
    """Up to Python 3.11 Lambda escaped what is not ASCII in results; from 3.12 on it does not."""
    name = os.environ.get("AWS_EXECUTION_ENV", "")
    minor = name.rpartition("python3.")[2]
    return minor.isdigit() and int(minor) < 12


_ASCII = False


def _serve_one(api, handler):
    global _current_request
    headers, payload = api.next()
    request_id = headers["lambda-runtime-aws-request-id"]
    _current_request = request_id
    trace_id = headers.get("lambda-runtime-trace-id")
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        body = _encode(handler(_decode(payload), LambdaContext(headers)))
    except Exception as error:
        described = _describe(error, request_id)
        _log_error(described)
        _flush()
        import json

        api.fail(request_id, described, json.dumps(described).encode("ascii"))
        return
    _flush()
    api.respond(request_id, body)


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # the handler closed it; there is nothing left to write then


def _set_paths():
    """The module search path AWS documents: the function, then layers, then the runtime's own."""
    task = os.environ.get("LAMBDA_TASK_ROOT", "/var/task")
    version = "python%d.%d" % sys.version_info[:2]
    sys.path[0:0] = [task, "/opt/python/lib/%s/site-packages" % version, "/opt/python"]


def _import_ahead():
    """Has there what most functions import, and this file when it is needed: nobody waits for it now."""
    import json  # noqa: F401
    import string  # noqa: F401
    import threading  # noqa: F401
    import traceback  # noqa: F401

    import haneul_logging  # noqa: F401


def _warm():
    """What runs for the first time is slow: here it is while nobody waits, and leaves nothing behind."""
    importlib.PathFinder.find_spec("haneul_nothing", _STANDARD_PATH)
    importlib.SourceFileLoader("bootstrap", os.path.join(os.path.dirname(__file__), "bootstrap.py")).get_code("bootstrap")
    compile("def handler(event, context):\n    return {'statusCode': 200}\n", "handler.py", "exec")
    LambdaContext({"lambda-runtime-aws-request-id": "", "lambda-runtime-deadline-ms": "0"})
    _encode(_decode(b'{"key": ["value", 1, 1.5, true, null]}'))


def _wait_at_gate(gate):
    """A runtime booted ahead of time becomes the function whose variables it is told: name, NUL, value, NUL, ..."""
    with open(gate, "rb") as words:
        told = words.read().split(b"\0")
    if len(told) < 3:
        sys.exit(0)
    for name, value in zip(told[0::2], told[1::2]):
        os.environb[name] = value
    os.chdir(os.environ["LAMBDA_TASK_ROOT"])
    time.tzset()


def main():
    """Runs until the environment is taken away. Answers the exit code for a function that cannot be started."""
    global _ASCII
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    gate = os.environ.pop("HANEUL_GATE", None)
    if gate:
        _import_ahead()
        _warm()
        api.greet()
        _wait_at_gate(gate)
    else:
        sys.meta_path.insert(0, _StandardFirst())
    _ASCII = _wants_ascii()
    sys.stdout.reconfigure(line_buffering=True)
    sys.meta_path.insert(0, _LoggingSetup())
    _set_paths()
    try:
        handler = _load(os.environ["_HANDLER"])
    except Exception as error:
        described = _describe(error, "")
        _log_error(described)
        _flush()
        import json

        api.fail_init(described, json.dumps(described).encode("ascii"))
        return 1
    while True:
        _serve_one(api, handler)
