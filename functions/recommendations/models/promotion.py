"""Whether tonight's model goes into service."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

# What is missed by less may be chance: there is a new test set every night.
WORST_SHARE = 0.8
LEAST_SERVED = 0.9
# With so many listeners shares mean something.
_SOME_LISTENERS = 20
_LEAST_DISTINCT = 12

NDCG = "normalized_discounted_cumulative_gain"


class Sanity(msgspec.Struct, frozen=True):
    """How many there are with a taste, are served by the model, and what it tells them.

    `tracks`: different ones among everybody's first ten. `broken`: scores that are no number.
    """

    listeners: int
    served: int
    tracks: int
    broken: int
    catalogue: int


class Decision(msgspec.Struct, frozen=True):
    """`reason` says why not, or ""."""

    promoted: bool
    reason: str = ""


def decide(
    evaluated: Mapping[str, Any], sanity: Sanity, in_service: Mapping[str, float]
) -> Decision:
    """By ML.EVALUATE's row, our own look, and the figures of the model in service, if any."""
    if reason := _insane(sanity):
        return Decision(False, reason)
    measured = figures(evaluated)
    if NDCG not in measured:
        return Decision(False, "it could not be evaluated")
    before = in_service.get(NDCG, 0.0)
    if measured[NDCG] < before * WORST_SHARE:
        return Decision(False, f"nDCG {measured[NDCG]:.4f} after {before:.4f}")
    return Decision(True)


def figures(evaluated: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of a row that are numbers."""
    return {
        name: float(value)
        for name, value in evaluated.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }


def _insane(sanity: Sanity) -> str:
    if sanity.broken:
        return f"{sanity.broken} scores are no numbers"
    if sanity.served == 0:
        return "it has nothing for anybody"
    # A few may have played all that there is.
    if sanity.listeners < _SOME_LISTENERS:
        return ""
    if sanity.served < LEAST_SERVED * sanity.listeners:
        return f"it serves {sanity.served} of {sanity.listeners} listeners"
    if sanity.tracks < min(_LEAST_DISTINCT, sanity.catalogue):
        return f"it has the same {sanity.tracks} tracks for everybody"
    return ""
