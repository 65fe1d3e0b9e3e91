"""What last night's ranking was worth: against what was then played for the first time.

Nothing of it was known when the ranking was made, so that nothing has to be withheld from a model.
Beside it stands what was popular then: who is asked is the same for both.
"""

import math
from collections.abc import Iterable

import msgspec

from functions.recommendations.warehouse import Row

MOST_LISTENERS = 2_000
# Of fewer listeners the figures say nothing.
LEAST_LISTENERS = 50
PLACES = 10

RANKED, POPULAR, LISTENERS = "ranked_ndcg", "popular_ndcg", "heldout_listeners"

# Whom it is drawn from is another day's by chance: nobody is always asked. Popular is what most
# people had played in the month before, and of it what the listener had not.
_HITS = """\
WITH firsts AS (
  SELECT user_id, track_id, MIN(started_at) AS first_at,
    LOGICAL_OR(counted AND started_at >= @since) AS liked
  FROM `{d}.plays_unique`
  WHERE user_id IN (SELECT user_id FROM `{d}.ranked` WHERE place = 1)
  GROUP BY user_id, track_id
), wanted AS (
  SELECT f.user_id, f.track_id
  FROM firsts AS f JOIN `{d}.tracks` AS t ON t.track_id = f.track_id
  WHERE f.first_at >= @since AND f.liked
), asked AS (
  SELECT user_id, COUNT(*) AS wanted FROM wanted
  GROUP BY user_id
  ORDER BY FARM_FINGERPRINT(CONCAT(user_id, @night)) LIMIT {most}
), popular AS (
  SELECT track_id, COUNT(DISTINCT user_id) AS people
  FROM `{d}.plays_unique`
  WHERE counted AND started_at < @since
    AND started_at > TIMESTAMP_SUB(@since, INTERVAL 30 DAY)
  GROUP BY track_id
  ORDER BY people DESC, track_id LIMIT {popular}
), offered AS (
  SELECT a.user_id, p.track_id,
    ROW_NUMBER() OVER (PARTITION BY a.user_id ORDER BY p.people DESC, p.track_id) AS place
  FROM asked AS a CROSS JOIN popular AS p
  LEFT JOIN firsts AS f
    ON f.user_id = a.user_id AND f.track_id = p.track_id AND f.first_at < @since
  WHERE f.track_id IS NULL
)
SELECT a.wanted,
  SUM(IF(r.place <= {places}, 1 / LOG(r.place + 1, 2), 0.0)) AS ranked,
  SUM(IF(o.place <= {places}, 1 / LOG(o.place + 1, 2), 0.0)) AS popular
FROM asked AS a
JOIN wanted AS w ON w.user_id = a.user_id
LEFT JOIN `{d}.ranked` AS r ON r.user_id = w.user_id AND r.track_id = w.track_id
LEFT JOIN offered AS o ON o.user_id = w.user_id AND o.track_id = w.track_id
GROUP BY a.user_id, a.wanted
"""
# So many that some of them are new to anybody.
_POPULAR = 500


class Hits(msgspec.Struct, frozen=True):
    """Of one listener: how many tracks they wanted, and the discounted gain of what hit them."""

    wanted: int
    ranked: float
    popular: float


def hits(dataset: str) -> str:
    """Takes `@since`, when the ranking was made, and `@night`, by which listeners are drawn.

    A row of `Hits` for each of those who have had a ranking and have played something new.
    """
    return _HITS.format(d=dataset, most=MOST_LISTENERS, popular=_POPULAR, places=PLACES)


def worth(rows: Iterable[Row]) -> dict[str, float]:
    """Mean nDCG@10 of both orders, and of how many listeners; nothing of too few."""
    found = [msgspec.convert(dict(row), Hits) for row in rows]
    if len(found) < LEAST_LISTENERS:
        return {}
    ideals = [_ideal(each.wanted) for each in found]
    return {
        RANKED: _mean(each.ranked / most for each, most in zip(found, ideals, strict=True)),
        POPULAR: _mean(each.popular / most for each, most in zip(found, ideals, strict=True)),
        LISTENERS: float(len(found)),
    }


def _ideal(wanted: int) -> float:
    return sum(1 / math.log2(place + 1) for place in range(1, min(wanted, PLACES) + 1))


def _mean(values: Iterable[float]) -> float:
    of = list(values)
    return math.fsum(of) / len(of)
