import msgspec
import pytest

from shared.settings import InvalidSettings, load


class Example(msgspec.Struct):
    log_level: str
    max_bytes: int
    emulator: str = ""


def test_reads_typed_values_from_upper_case_names() -> None:
    assert load(Example, {"LOG_LEVEL": "INFO", "MAX_BYTES": "12"}) == Example("INFO", 12)


def test_optional_settings_may_be_given() -> None:
    environ = {"LOG_LEVEL": "INFO", "MAX_BYTES": "12", "EMULATOR": "here", "OTHER": "x"}

    assert load(Example, environ).emulator == "here"


@pytest.mark.parametrize(
    ("environ", "named"),
    [({"LOG_LEVEL": "INFO"}, "max_bytes"), ({"LOG_LEVEL": "", "MAX_BYTES": "many"}, "max_bytes")],
)
def test_names_what_is_missing_or_wrong(environ: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidSettings, match=named):
        load(Example, environ)
