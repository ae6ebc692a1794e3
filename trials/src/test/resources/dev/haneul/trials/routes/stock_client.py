"""Calls every operation of the named services once through the stock client.

usage: stock_client.py PORT PASS FOLDER[:PROTOCOL]...

PASS is `least` (required members only, sent to http://localhost:PORT) or `most` (every member, three levels deep,
sent to AWS's own host names, which lead to the same port). Prints one JSON line for each call: what was asked, and
how the client took the answer.
"""
import base64
import datetime
import io
import json
import re
import sys

import botocore.session
from botocore.config import Config
from botocore.eventstream import EventStream
from botocore.exceptions import ClientError

try:
    from re import _parser as syntax
except ImportError:
    import sre_parse as syntax

MOMENT = datetime.datetime(2031, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)
DEPTH = 4

# Members whose values the request itself decides, and one that needs a signature of another kind.
LEFT_OUT = {
    "s3": (
        "ContentMD5", "ContentLength", "ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1",
        "ChecksumSHA256", "ChecksumSHA512", "ChecksumMD5", "ChecksumXXHASH64", "ChecksumXXHASH3",
        "ChecksumXXHASH128"),
    "events": ("EndpointId",),
}


def fitting(pattern, least, most):
    """A text that a pattern and two bounds allow, None where none is found."""
    # Letters stand for every class of characters that only other engines know.
    known = re.sub(r"\\[pP](\{\w+\}|[A-Z])", "a-z", pattern)
    try:
        tokens = syntax.parse(known)
        for stretch in range(max(least, 1) + 1):
            text = text_of(tokens, stretch)
            if least <= len(text) <= most and text and re.search(known, text):
                return text
    except (ValueError, re.error, OverflowError):
        pass
    return None


def text_of(tokens, stretch):
    """A short text that a parsed regular expression takes; repeats are stretched by so many."""
    out = []
    for kind, value in tokens:
        name = str(kind)
        if name == "LITERAL":
            out.append(chr(value))
        elif name == "IN":
            out.append(one_of(value))
        elif name == "ANY":
            out.append("a")
        elif name == "NOT_LITERAL":
            out.append("a" if value != ord("a") else "b")
        elif name == "SUBPATTERN":
            out.append(text_of(value[3], stretch))
        elif name == "BRANCH":
            out.append(next(filter(None, (text_of(branch, stretch) for branch in value[1])), ""))
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            out.append(text_of(value[2], stretch) * min(max(value[0], 1) + stretch, value[1]))
        elif name not in ("AT", "ASSERT", "ASSERT_NOT"):
            raise ValueError(name)
    return "".join(out)


def one_of(choices):
    negated = any(str(kind) == "NEGATE" for kind, _ in choices)
    for candidate in "aA1-_/.: ":
        if matches(choices, candidate) != negated:
            return candidate
    for kind, value in choices:
        if str(kind) == "LITERAL":
            return chr(value)
        if str(kind) == "RANGE":
            return chr(value[0])
    raise ValueError(choices)


def matches(choices, candidate):
    for kind, value in choices:
        name = str(kind)
        if name == "LITERAL" and chr(value) == candidate:
            return True
        if name == "RANGE" and value[0] <= ord(candidate) <= value[1]:
            return True
        if name == "CATEGORY":
            letter = {
                "CATEGORY_WORD": r"\w", "CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s",
                "CATEGORY_NOT_WORD": r"\W", "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_NOT_SPACE": r"\S",
            }[str(value)]
            if re.match(letter, candidate):
                return True
    return False


def empty(value):
    """Whether forms cannot tell it from nothing."""
    if isinstance(value, dict):
        return all(empty(each) for each in value.values())
    return isinstance(value, list) and all(empty(each) for each in value)


class Params:
    """Values for a shape."""

    def __init__(self, most, folder):
        self.most = most
        self.left_out = LEFT_OUT.get(folder, ())

    def of(self, shape, depth=0, name="x", seen=()):
        return getattr(self, "_" + shape.type_name, self._scalar)(shape, depth, name, seen)

    def _structure(self, shape, depth, name, seen):
        if getattr(shape, "is_document_type", False):
            return {"key": ["text", 1, True]}
        deep = depth >= DEPTH or shape.name in seen
        union = getattr(shape, "is_tagged_union", False)
        wanted = set(shape.members if self.most and not deep else shape.required_members)
        if union or (depth and not wanted):
            wanted = self._one(shape, seen)
        out = {}
        for member_name, member in shape.members.items():
            if member_name in wanted and member_name not in self.left_out:
                value = self.of(member, depth + 1, member_name, seen + (shape.name,))
                if union or member_name in shape.required_members or not empty(value):
                    out[member_name] = value
        return out

    def _one(self, shape, seen):
        """A member that does not lead back to where we are; a plain one rather than a structure."""
        names = [name for name, member in shape.members.items() if not {member.name, shape.name} & set(seen)]
        plain_ones = [name for name in names if shape.members[name].type_name not in ("structure", "list", "map")]
        return set((plain_ones or names)[:1])

    def _list(self, shape, depth, name, seen):
        count = max(int(shape.metadata.get("min", 0)), 1)
        first = self.of(shape.member, depth + 1, name, seen)
        if shape.member.type_name == "string" and not shape.member.enum and self.most:
            count = max(count, min(2, int(shape.metadata.get("max", 2))))
        others = [self._another(shape.member, first, turn) for turn in range(1, count)]
        return [first] + others

    def _another(self, shape, first, turn):
        """Another element than the first, where it is plain that there can be one."""
        if shape.type_name != "string" or shape.enum or shape.metadata.get("pattern"):
            return first
        text = first + str(turn)
        return text if len(text) <= int(shape.metadata.get("max", 1 << 20)) else first

    def _map(self, shape, depth, name, seen):
        count = max(int(shape.metadata.get("min", 1)), 1)
        first = self.of(shape.key, depth + 1, "key", seen)
        keys = (shape.key.enum or [first + "k" * more for more in range(count)])[:count]
        return {key: self.of(shape.value, depth + 1, name, seen) for key in keys}

    def _string(self, shape, depth, name, seen):
        if shape.enum:
            return shape.enum[0]
        if name == "Bucket":
            return "a-bucket"
        least, most = int(shape.metadata.get("min", 0)), int(shape.metadata.get("max", 1 << 20))
        pattern = shape.metadata.get("pattern")
        text = fitting(pattern, least, most) if pattern else None
        return text or name[:most] + "x" * (least - len(name[:most]))

    _character = _string

    def _integer(self, shape, depth, name, seen):
        return max(int(shape.metadata.get("min", 1)), 1) if int(shape.metadata.get("max", 1)) >= 1 else int(
            shape.metadata["max"])

    _long = _integer

    def _float(self, shape, depth, name, seen):
        low, high = float(shape.metadata.get("min", 1.5)), float(shape.metadata.get("max", 1.5))
        return min(max(1.5, low), max(high, low))

    _double = _float

    def _boolean(self, shape, depth, name, seen):
        return True

    def _timestamp(self, shape, depth, name, seen):
        return MOMENT

    def _blob(self, shape, depth, name, seen):
        return b"blob" + b"b" * (int(shape.metadata.get("min", 0)) - 4)

    def _scalar(self, shape, depth, name, seen):
        raise ValueError(shape.type_name)


def plain(value):
    """A value that JSON can hold and the other side can tell apart."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, io.IOBase):
        content = value.read()
        value.seek(0)
        return {"$bytes": base64.b64encode(content).decode()}
    if isinstance(value, datetime.datetime):
        return {"$time": value.timestamp()}
    return value


def told(value):
    """A member of an answer; streams and events are read to their ends."""
    if isinstance(value, EventStream):
        return [plain(event) for event in value]
    return {"$bytes": base64.b64encode(value.read()).decode()} if hasattr(value, "read") else plain(value)


class Serializer:
    """Remembers the parameters as the client's own handlers left them."""

    def __init__(self, inner):
        self.inner = inner
        self.seen = None

    def serialize_to_request(self, parameters, operation_model):
        self.seen = plain(parameters)
        return self.inner.serialize_to_request(parameters, operation_model)


class Stock:
    def __init__(self, port, most):
        self.port = port
        self.most = most
        self.number = 0
        self.namespace = None
        self.session = botocore.session.get_session()

    def client(self, folder, protocol):
        if protocol:
            loader = self.session.get_component("data_loader")
            metadata = loader.load_service_model(folder, "service-2")["metadata"]
            metadata["protocol"], metadata["protocols"] = protocol, [protocol]
        config = Config(
            retries={"total_max_attempts": 1}, parameter_validation=True, connect_timeout=5, read_timeout=30,
            inject_host_prefix=self.most)
        client = self.session.create_client(
            folder, region_name="eu-west-1", config=config,
            endpoint_url=None if self.most else "http://localhost:%d" % self.port,
            aws_access_key_id="test", aws_secret_access_key="test")
        client.meta.events.register_last("before-send", self.lead)
        client.meta.events.register("response-received", self.hear)
        client._serializer = Serializer(client._serializer)
        return client

    def lead(self, request, **_):
        """Every request leads to the port, whatever host it names; its number is no part of what is signed."""
        scheme, rest = request.url.split("://", 1)
        slash = rest.find("/") if "/" in rest else len(rest)
        question = rest.find("?")
        slash = slash if question < 0 else min(slash, question)
        if "Host" not in request.headers:
            request.headers["Host"] = rest[:slash]
        request.url = "http://127.0.0.1:%d%s" % (self.port, rest[slash:])
        request.headers["x-trial"] = str(self.number)

    def hear(self, response_dict, **_):
        """The namespace of an answer's root element, where it is XML: the client itself does not look at it."""
        body = (response_dict or {}).get("body")
        root = re.match(rb"\s*(?:<\?xml[^>]*>)?\s*<[A-Za-z][^>]*>", body) if isinstance(body, bytes) else None
        if root:
            found = re.search(rb"xmlns(?::\w+)?=[\"']([^\"']+)", root.group())
            self.namespace = found.group(1).decode() if found else ""

    def calls(self, folder, protocol):
        client = self.client(folder, protocol)
        service = client.meta.service_model
        for operation in service.operation_names:
            self.number += 1
            client._serializer.seen = None
            self.namespace = None
            line = {"number": self.number, "operation": operation, "protocol": service.resolved_protocol}
            try:
                model = service.operation_model(operation)
                params = Params(self.most, folder).of(model.input_shape) if model.input_shape else {}
                answer = client._make_api_call(operation, params)
                line["status"] = answer.pop("ResponseMetadata")["HTTPStatusCode"]
                line["answer"] = {name: told(value) for name, value in answer.items()}
            except ClientError as error:
                line["code"] = error.response["Error"]["Code"]
                line["message"] = error.response["Error"].get("Message")
                line["status"] = error.response["ResponseMetadata"]["HTTPStatusCode"]
            except Exception as failure:
                line["failure"] = "%s: %s" % (type(failure).__name__, failure)
            line["service"] = folder
            if self.namespace is not None:
                line["namespace"] = self.namespace
            line["params"] = client._serializer.seen
            yield line


def main():
    port, which = int(sys.argv[1]), sys.argv[2]
    stock = Stock(port, which == "most")
    for named in sys.argv[3:]:
        folder, _, protocol = named.partition(":")
        for line in stock.calls(folder, protocol):
            print(json.dumps(line, default=repr), flush=True)


main()
