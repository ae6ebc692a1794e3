"""An ASGI 3 application as a Lambda handler for function URLs: events and answers of payload format 2.0.

    from lambda_asgi import handler_for
    handler = handler_for(app)

The lifespan's startup runs once, while the function starts; a function is never told that it ends, so there is no
shutdown. Events: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, ASGI: https://asgi.readthedocs.io.
"""

import asyncio
import base64
from urllib.parse import quote, unquote

# Bodies of these types go back as they are; all else as Base64, which is right for every type and a third larger.
TEXTS = ("text/", "application/json", "application/javascript", "application/xml", "application/x-www-form-urlencoded")


def handler_for(app):
    """The handler that passes each event to the application and returns its answer."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    lifespan = loop.run_until_complete(start(app, loop))

    def handler(event, context):
        return loop.run_until_complete(exchange(app, event, context))

    handler.lifespan = lifespan  # a task that nobody holds may be collected
    return handler


async def start(app, loop):
    """Runs the application's startup; its lifespan then waits for a shutdown that never comes. Returns its task."""
    told = loop.create_future()
    asked = False

    async def receive():
        nonlocal asked
        if asked:
            await loop.create_future()
        asked = True
        return {"type": "lifespan.startup"}

    async def send(message):
        if not told.done():
            told.set_result(message)

    task = loop.create_task(app({"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}, receive, send))
    await asyncio.wait([told, task], return_when=asyncio.FIRST_COMPLETED)
    if told.done() and told.result()["type"] == "lifespan.startup.failed":
        raise RuntimeError("the application did not start: " + told.result().get("message", ""))
    if task.done():
        task.exception()  # an application without a lifespan raises, which the specification allows
    return task


async def exchange(app, event, context):
    """One request and its answer."""
    body = body_of(event)
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    gone = asyncio.get_running_loop().create_future()
    answer = {"status": 500, "headers": [], "body": bytearray()}

    async def receive():
        return messages.pop() if messages else await gone

    async def send(message):
        if message["type"] == "http.response.start":
            answer.update(status=message["status"], headers=message.get("headers", []))
        elif message["type"] == "http.response.body":
            answer["body"] += message.get("body", b"")
            if not message.get("more_body") and not gone.done():
                gone.set_result({"type": "http.disconnect"})

    await app(scope_of(event, context), receive, send)
    return answer_of(answer["status"], answer["headers"], bytes(answer["body"]))


def scope_of(event, context):
    http = event["requestContext"]["http"]
    path = unquote(event["rawPath"])
    headers = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in event["headers"].items()
               if name != "cookie"]
    cookies = "; ".join(event.get("cookies", []))
    if cookies:
        headers.append((b"cookie", cookies.encode("utf-8")))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": http["protocol"].split("/")[-1],
        "method": http["method"],
        "scheme": event["headers"].get("x-forwarded-proto", "https"),
        "path": path,
        "raw_path": quote(path).encode("ascii"),
        "query_string": event["rawQueryString"].encode("utf-8"),
        "root_path": "",
        "headers": headers,
        "client": (http["sourceIp"], 0),
        "server": (event["requestContext"]["domainName"], int(event["headers"].get("x-forwarded-port", "443"))),
        "aws.event": event,
        "aws.context": context,
    }


def body_of(event):
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def answer_of(status, headers, body):
    """The answer in payload format 2.0: a header has one value, and cookies are a list of their own."""
    joined, cookies = {}, []
    for name, value in headers:
        name, value = name.decode("latin-1").lower(), value.decode("latin-1")
        if name == "set-cookie":
            cookies.append(value)
        else:
            joined[name] = joined[name] + ", " + value if name in joined else value
    text = joined.get("content-type", "").startswith(TEXTS) and "content-encoding" not in joined
    return {
        "statusCode": status,
        "headers": joined,
        "cookies": cookies,
        "body": body.decode("utf-8") if text else base64.b64encode(body).decode("ascii"),
        "isBase64Encoded": not text,
    }
