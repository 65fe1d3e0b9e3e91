"""What mixes there are, and their ids: they follow from whose they are and of what kind."""

from enum import Enum
from functools import lru_cache

from shared import ids

MOST_DAILY_MIXES = 6
# Whoever opens a playlist that is not in their library asks: the same few people in a while.
_REMEMBERED = 1_000


class Kind(str, Enum):
    """What a mix is made for. There are up to `MOST_DAILY_MIXES` daily mixes."""

    discover_weekly = "discover-weekly"
    daily_mix = "daily-mix"
    on_repeat = "on-repeat"
    release_radar = "release-radar"
    popular = "popular"


def mix_id(user: str, kind: Kind, number: int = 0) -> str:
    """Always the same for a person's mix of a kind. `number` tells daily mixes apart, from 1."""
    return ids.derive("mix", user, kind.value, str(number))


@lru_cache(_REMEMBERED)
def mix_ids(user: str) -> frozenset[str]:
    """All that a person's mixes can have."""
    daily = {mix_id(user, Kind.daily_mix, number + 1) for number in range(MOST_DAILY_MIXES)}
    return frozenset({*daily, *(mix_id(user, kind) for kind in Kind if kind != Kind.daily_mix)})
