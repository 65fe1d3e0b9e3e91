import math
from typing import Any

import msgspec
import pytest

from functions.recommendations.models.promotion import NDCG, Sanity, decide, figures

SANE = Sanity(listeners=100, served=98, tracks=400, broken=0, catalogue=1000)


def test_the_first_model_that_is_sane_goes_into_service() -> None:
    assert decide({NDCG: 0.01}, SANE, {}).promoted


@pytest.mark.parametrize(("measured", "promoted"), [(0.5, True), (0.41, True), (0.39, False)])
def test_a_worse_model_does_not(measured: float, promoted: bool) -> None:
    decision = decide({NDCG: measured}, SANE, {NDCG: 0.5})
    assert decision.promoted is promoted
    assert bool(decision.reason) is not promoted


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"broken": 3}, "3 scores"),
        ({"served": 0}, "nothing for anybody"),
        ({"served": 89}, "89 of 100"),
        ({"tracks": 10}, "same 10 tracks"),
    ],
)
def test_an_insane_model_does_not_however_good_it_says_it_is(
    changes: dict[str, Any], reason: str
) -> None:
    decision = decide({NDCG: 0.99}, msgspec.structs.replace(SANE, **changes), {})
    assert not decision.promoted
    assert reason in decision.reason


def test_a_few_listeners_may_have_played_everything() -> None:
    few = Sanity(listeners=3, served=1, tracks=4, broken=0, catalogue=8)
    assert decide({NDCG: 0.5}, few, {}).promoted


@pytest.mark.parametrize("evaluated", [{}, {NDCG: None}, {NDCG: math.nan}])
def test_what_cannot_be_evaluated_does_not(evaluated: dict[str, Any]) -> None:
    assert not decide(evaluated, SANE, {}).promoted


def test_figures_are_numbers() -> None:
    assert figures({"a": 1, "b": None, "c": "x", "d": math.inf, "e": 0.5}) == {"a": 1.0, "e": 0.5}
