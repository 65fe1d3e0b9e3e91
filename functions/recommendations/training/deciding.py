"""Whether a newly trained model goes into service."""

import msgspec
import numpy as np

from functions.recommendations.training.weighing import Doubles, Interval, interval

# With fewer listeners to judge by an interval says little.
LEAST_JUDGES = 100


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """nDCG@10 of held-out listeners, by what ranked their candidates.

    `ahead` is by how much the ranking with the model is ahead of the one without it; `of_service`
    of what is in service. `against`: what that is.
    """

    listeners: int
    with_deep: Interval
    without: Interval
    deep_alone: Interval
    in_service: Interval
    against: str
    ahead: Interval
    of_service: Interval


class Decision(msgspec.Struct, frozen=True):
    """`reason` says why not, or ""."""

    promoted: bool
    reason: str = ""


def figures(
    *, with_deep: Doubles, without: Doubles, deep_alone: Doubles, in_service: Doubles, against: str
) -> Figures:
    """Of the same listeners, in the same order."""
    return Figures(
        listeners=len(with_deep),
        with_deep=interval(with_deep),
        without=interval(without),
        deep_alone=interval(deep_alone),
        in_service=interval(in_service),
        against=against,
        ahead=interval(with_deep - without),
        of_service=interval(with_deep - in_service),
    )


def decide(found: Figures, *, deep_in_service: bool) -> Decision:
    """It is to be better than no model for certain, and than what is in service.

    A predecessor of its own kind need only not be better for certain: of two that tie, the one that
    has learned from the newer plays is to serve.
    """
    if found.listeners < LEAST_JUDGES:
        return Decision(False, f"{found.listeners} listeners are too few to judge by")
    if not np.isfinite(found.with_deep.mean):
        return Decision(False, "its scores are no numbers")
    if found.ahead.low <= 0:
        return Decision(False, f"it is ahead of the ranking without it by {found.ahead}")
    if deep_in_service:
        if found.of_service.high < 0:
            return Decision(False, f"it is behind {found.against}: {found.of_service}")
    elif found.of_service.low <= 0:
        return Decision(False, f"it is ahead of {found.against} by {found.of_service}")
    return Decision(True)
