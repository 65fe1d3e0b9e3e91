from typing import Any

import msgspec
import pytest

from tests.unit.functions.catalog import contract
from tests.unit.functions.media.analysis import made


@pytest.fixture(scope="module")
def analysis() -> dict[str, Any]:
    sound: dict[str, Any] = msgspec.to_builtins(made.heard(made.clicks(120, 10)).analysis)
    return sound


def test_it_is_what_the_contract_describes(analysis: dict[str, Any]) -> None:
    contract.check(analysis, "AudioAnalysisObject")
    contract.check(analysis["sections"][0], "SectionObject")
    contract.check(analysis["segments"][0], "SegmentObject")
    for intervals in ("bars", "beats", "tatums"):
        contract.check(analysis[intervals][0], "TimeIntervalObject")


def test_silence_is_too() -> None:
    silence = msgspec.to_builtins(made.heard(made.silence(2)).analysis)
    contract.check(silence, "AudioAnalysisObject")
    contract.check(silence["sections"][0], "SectionObject")
    assert (silence["sections"][0]["key"], silence["sections"][0]["mode"]) == (-1, -1)
