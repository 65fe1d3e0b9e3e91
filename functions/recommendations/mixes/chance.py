"""Chance that is the same whenever it is asked again: for a person and a week or a day."""

import hashlib
import math
import random
from collections.abc import Sequence


def generator(*parts: str) -> random.Random:
    """The same parts give the same numbers, in every process."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))  # noqa: S311  # no secret


def shuffled(tracks: Sequence[str], chance: random.Random, strength: float) -> list[str]:
    """Tracks, best first, in an order that keeps to it the more the less `strength` is; 0 is not.

    Places are worth their logarithm, and each gets a Gumbel number: a draw without putting back.
    """
    keyed = []
    for place, track in enumerate(tracks):
        gumbel = -math.log(-math.log(min(max(chance.random(), 1e-12), 1 - 1e-12)))
        keyed.append((-math.log1p(place) + strength * gumbel, -place, track))
    return [track for _, _, track in sorted(keyed, reverse=True)]
