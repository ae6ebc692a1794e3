"""A notes API for a container: every task keeps its notes in the same bucket, with the task role's own credentials."""

import json
import os
import re
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from botocore.exceptions import ClientError

BUCKET = os.environ["BUCKET"]
VERSION = os.environ.get("VERSION", "1")
NOTE = re.compile(r"/notes/([A-Za-z0-9_-]{1,64})")
MOST_BYTES = 10_000

s3 = boto3.client("s3", endpoint_url=os.environ.get("AWS_ENDPOINT_URL"))


class Notes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, {"healthy": True})
        if self.path == "/":
            return self.answer(200, {"version": VERSION, "task": os.uname().nodename})
        note = NOTE.fullmatch(self.path)
        if not note:
            return self.answer(404, {"error": "there is no such page"})
        try:
            kept = s3.get_object(Bucket=BUCKET, Key=note[1])
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return self.answer(404, {"error": "there is no such note"})
            raise
        self.answer(200, json.load(kept["Body"]))

    def do_PUT(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > MOST_BYTES:
            self.close_connection = True
            return self.answer(413, {"error": "a note has at most %d bytes" % MOST_BYTES})
        body = self.rfile.read(length)
        note = NOTE.fullmatch(self.path)
        if not note:
            return self.answer(404, {"error": "notes are put to /notes/NAME"})
        try:
            json.loads(body)
        except ValueError:
            return self.answer(400, {"error": "a note is JSON"})
        s3.put_object(Bucket=BUCKET, Key=note[1], Body=body, ContentType="application/json")
        self.answer(201, {"kept": note[1], "version": VERSION})

    def answer(self, status, document):
        body = json.dumps(document).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, text, *values):
        if self.path != "/health":
            print(text % values, flush=True)


def main():
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Notes)
    # A task that is stopped gets SIGTERM: what is being answered is answered to its end.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print("version %s listens at port %d" % (VERSION, server.server_port), flush=True)
    server.serve_forever()
    server.server_close()
    sys.exit(0)


if __name__ == "__main__":
    main()
