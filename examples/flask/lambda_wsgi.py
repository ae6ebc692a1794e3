"""A WSGI application (PEP 3333) as a Lambda handler for function URLs: events and answers of payload format 2.0.

    from lambda_wsgi import handler_for
    handler = handler_for(app)

The event is described at https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html.
"""

import base64
import io
import sys
from urllib.parse import unquote_to_bytes

# Bodies of these types go back as they are; all else as Base64, which is right for every type and a third larger.
TEXTS = ("text/", "application/json", "application/javascript", "application/xml", "application/x-www-form-urlencoded")


def handler_for(app):
    """The handler that passes each event to the application and returns its answer."""

    def handler(event, context):
        answer = {}

        def start_response(status, headers, exc_info=None):
            answer.update(status=int(status.split(" ", 1)[0]), headers=headers)
            return chunks.append

        chunks = []
        body = app(environ_of(event), start_response)
        try:
            chunks.extend(body)
        finally:
            if hasattr(body, "close"):
                body.close()
        return answer_of(answer["status"], answer["headers"], b"".join(chunks))

    return handler


def environ_of(event):
    """The event as the environment of PEP 3333: text in it is bytes read as Latin-1."""
    http = event["requestContext"]["http"]
    headers = event["headers"]
    body = body_of(event)
    environ = {
        "REQUEST_METHOD": http["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(event["rawPath"]).decode("latin-1"),
        "QUERY_STRING": event["rawQueryString"],
        "SERVER_NAME": event["requestContext"]["domainName"],
        "SERVER_PORT": headers.get("x-forwarded-port", "443"),
        "SERVER_PROTOCOL": http["protocol"],
        "REMOTE_ADDR": http["sourceIp"],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": headers.get("x-forwarded-proto", "https"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "lambda.event": event,
    }
    for name, value in headers.items():
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name != "content-length":
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    if event.get("cookies"):
        environ["HTTP_COOKIE"] = "; ".join(event["cookies"])
    return environ


def body_of(event):
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def answer_of(status, headers, body):
    """The answer in payload format 2.0: a header has one value, and cookies are a list of their own."""
    joined, cookies = {}, []
    for name, value in headers:
        name = name.lower()
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
