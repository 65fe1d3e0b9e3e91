"""Structured logs: one JSON object a line, in the fields that Cloud Logging understands."""

import contextvars
import json
import logging
import sys

# The trace that the work at hand belongs to: 32 hexadecimal digits, or "".
trace_id: contextvars.ContextVar[str] = contextvars.ContextVar("trace_id", default="")

log = logging.getLogger(__name__)


class _CloudFormatter(logging.Formatter):
    def __init__(self, project: str) -> None:
        super().__init__()
        self._project = project

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            **getattr(record, "fields", {}),
        }
        if trace := trace_id.get():
            entry["logging.googleapis.com/trace"] = f"projects/{self._project}/traces/{trace}"
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def configure(project: str, level: str = "INFO") -> None:
    """Send every log line of this process to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_CloudFormatter(project))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # One line for each outgoing call would drown the rest.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def fields(**values: object) -> dict[str, object]:
    """Structured fields of a log line: `log.info("ready", extra=fields(track_id=…))`."""
    return {"fields": values}


def count(metric: str, value: int = 1, **labels: str) -> None:
    """Adds to a counter: a log line, from which Cloud Logging makes the metric."""
    log.info("metric", extra=fields(metric=metric, value=value, **labels))


def trace_of(traceparent: str | None, cloud_trace: str | None) -> str:
    """The trace id in W3C's `traceparent` or Google's `X-Cloud-Trace-Context`, or ""."""
    if traceparent:
        parts = traceparent.split("-")
        if len(parts) >= 4 and len(parts[1]) == 32:
            return parts[1]
    if cloud_trace:
        return cloud_trace.split("/", 1)[0]
    return ""
