"""How popular something is: from 0 to 100, by the plays of the last weeks."""

import datetime
import math
from collections.abc import Mapping

_HALF_LIFE_DAYS = 14.0
_OLDEST_DAYS = 120
# So many plays, all of them today, are a popularity of 100.
_FULL = 100_000


def popularity(plays_by_day: Mapping[str, int], today: datetime.date) -> int:
    """On a logarithm's scale, so that ten plays show and a million do not run off it.

    A play weighs half as much after a fortnight. Days are ISO dates.
    """
    weight = 0.0
    for day, plays in plays_by_day.items():
        age = max(0, (today - datetime.date.fromisoformat(day)).days)
        if age <= _OLDEST_DAYS:
            weight += plays * 0.5 ** (age / _HALF_LIFE_DAYS)
    return min(100, round(100 * math.log1p(weight) / math.log1p(_FULL)))
