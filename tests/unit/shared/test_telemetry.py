import json
import logging

import pytest

from shared import telemetry


@pytest.mark.parametrize(
    ("traceparent", "cloud_trace", "expected"),
    [
        ("00-" + "a" * 32 + "-" + "b" * 16 + "-01", None, "a" * 32),
        ("nonsense", "c" * 32 + "/123;o=1", "c" * 32),
        (None, None, ""),
    ],
)
def test_trace_of(traceparent: str | None, cloud_trace: str | None, expected: str) -> None:
    assert telemetry.trace_of(traceparent, cloud_trace) == expected


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        telemetry.configure("demo-cadenza", "info")
        telemetry.trace_id.set("d" * 32)
        logging.getLogger("x").info("two\nlines", extra=telemetry.fields(track_id="t1"))
    finally:
        root.handlers[:], root.level = handlers, level
        telemetry.trace_id.set("")

    line = json.loads(capsys.readouterr().out)
    assert line["severity"] == "INFO"
    assert line["message"] == "two\nlines"
    assert line["track_id"] == "t1"
    assert line["logging.googleapis.com/trace"] == "projects/demo-cadenza/traces/" + "d" * 32
