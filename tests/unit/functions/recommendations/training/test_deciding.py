import numpy as np
import pytest

from functions.recommendations.training.deciding import LEAST_JUDGES, Figures, decide, figures
from functions.recommendations.training.weighing import Doubles

RNG = np.random.default_rng(7)


def found(with_deep: float, without: float, in_service: float, listeners: int = 400) -> Figures:
    def around(mean: float) -> Doubles:
        return np.clip(RNG.normal(mean, 0.05, listeners), 0, 1)

    return figures(
        with_deep=around(with_deep),
        without=around(without),
        deep_alone=around(with_deep),
        in_service=around(in_service),
        against="what there is",
    )


def test_what_is_better_for_certain_goes_into_service() -> None:
    decision = decide(found(0.30, 0.25, 0.25), deep_in_service=False)
    assert decision.promoted
    assert decision.reason == ""


@pytest.mark.parametrize(
    ("figures", "deep_in_service", "reason"),
    [
        (found(0.25, 0.30, 0.25), False, "ahead of the ranking without it by -0.0"),
        (found(0.25, 0.25, 0.20), False, "ahead of the ranking without it"),
        (found(0.30, 0.25, 0.30), False, "ahead of what there is by"),
        (found(0.30, 0.25, 0.40), True, "behind what there is"),
        (found(0.30, 0.25, 0.25, LEAST_JUDGES - 1), False, "too few"),
        (found(float("nan"), 0.25, 0.25), False, "no numbers"),
    ],
)
def test_what_is_not_stays_out(figures: Figures, deep_in_service: bool, reason: str) -> None:
    decision = decide(figures, deep_in_service=deep_in_service)
    assert not decision.promoted
    assert reason in decision.reason


def test_of_two_that_tie_the_newer_one_serves() -> None:
    assert decide(found(0.30, 0.25, 0.301), deep_in_service=True).promoted
