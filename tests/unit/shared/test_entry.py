import logging
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp

from shared.entry import application
from shared.settings import InvalidSettings, UnitSettings


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def create(_: UnitSettings) -> ASGIApp:
    return Starlette()


def test_one_application_is_made_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = application(UnitSettings, create)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo-cadenza")
    monkeypatch.setenv("LOG_LEVEL", "INFO")

    assert made() is made()


def test_a_missing_setting_is_named_and_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = application(UnitSettings, create)
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo-cadenza")
    with pytest.raises(InvalidSettings, match="log_level"):
        made()
    monkeypatch.setenv("LOG_LEVEL", "INFO")

    assert made() is made()
