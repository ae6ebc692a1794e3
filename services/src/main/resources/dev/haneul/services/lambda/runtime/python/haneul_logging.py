"""Python's logging as Lambda sets it up. Imported the moment somebody imports logging, and not before."""

import json
import os
import time
import traceback


def configure(logging, frame, request_id):
    """Gives the root logger Lambda's handler; frame writes one event, request_id tells whose it is."""

    class LambdaFilter(logging.Filter):
        def filter(self, record):
            record.aws_request_id = request_id()
            return True

    class LambdaHandler(logging.Handler):
        def emit(self, record):
            try:
                frame(self.format(record))
            except Exception:  # logging's own convention: a broken log call must not break the function
                self.handleError(record)

    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        handler = LambdaHandler()
        handler.setFormatter(_json_formatter(logging))
        handler.addFilter(LambdaFilter())
        logging.root.addHandler(handler)
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
        logging.root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level))
        return

    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime
    handler = LambdaHandler()
    handler.setFormatter(formatter)
    handler.addFilter(LambdaFilter())
    logging.root.addHandler(handler)


def _json_formatter(logging):
    """One JSON document per record, with whatever else the caller gave as "extra"."""
    usual = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "aws_request_id"}

    class JsonFormatter(logging.Formatter):
        def format(self, record):
            document = {
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
                + ".%03dZ" % (record.created % 1 * 1000),
                "level": record.levelname,
                "message": record.getMessage(),
                "logger": record.name,
            }
            if record.exc_info:
                kind, error, trace = record.exc_info
                document["stackTrace"] = [line.rstrip("\n") for line in traceback.format_tb(trace)]
                document["errorType"] = kind.__name__ if kind else None
                document["errorMessage"] = str(error)
            document.update((key, value) for key, value in vars(record).items() if key not in usual)
            if record.aws_request_id:
                document["requestId"] = record.aws_request_id
            return json.dumps(document, default=str, ensure_ascii=False) + "\n"

    return JsonFormatter()
