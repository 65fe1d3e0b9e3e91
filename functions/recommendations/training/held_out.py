"""What is known of listeners and candidates at a moment of the past, and what they chose after it.

The night's own statements make the signals, on tables with a suffix that end at that moment; the
tables are gone again in the end.
"""

import datetime
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from functions.recommendations.features import statements as features
from functions.recommendations.models import blend, deep, signals
from functions.recommendations.models import statements as models
from functions.recommendations.training.weighing import Doubles, Question

Row = Mapping[str, Any]
Run = Callable[[str], Awaitable[None]]
Rows = Callable[[str], Iterable[Row]]

SUFFIX = deep.HELD_OUT
# Their candidates are read: some hundred rows each.
MOST_LISTENERS = 2_000

# What they heard first, and not to skip it, of what was there to be heard.
_WANTED = """\
CREATE OR REPLACE TABLE `{d}.wanted{s}` AS
SELECT DISTINCT p.user_id, p.track_id
FROM `{d}.plays_unique` AS p
JOIN `{d}.listeners{s}` AS l ON l.user_id = p.user_id
JOIN `{d}.worths{s}` AS w ON w.track_id = p.track_id
LEFT JOIN `{d}.tastes{s}` AS h ON h.user_id = p.user_id AND h.track_id = p.track_id
WHERE p.started_at >= {until} AND p.counted AND h.track_id IS NULL
"""
_ASKED = """\
SELECT user_id, track_id FROM `{d}.wanted{s}`
WHERE user_id IN (
  SELECT user_id FROM (
    SELECT user_id, TO_HEX(MD5(user_id)) AS turn FROM `{d}.wanted{s}` GROUP BY user_id
  )
  ORDER BY turn LIMIT {most}
)
"""
_CANDIDATES = """\
SELECT s.user_id, s.track_id, s.factors, s.together, s.alike, s.artists, s.share, s.popularity
FROM `{d}.signals{s}` AS s
WHERE s.user_id IN (
  SELECT user_id FROM (
    SELECT user_id, TO_HEX(MD5(user_id)) AS turn FROM `{d}.wanted{s}` GROUP BY user_id
  )
  ORDER BY turn LIMIT {most}
)
ORDER BY s.user_id, s.track_id
"""
_SCORES = "SELECT user_id, track_id, score FROM `{d}.deep_scores{s}`"
_TABLES = (*deep.PERSONAL, "together", "worths", "speakers", "artist_steps")


@dataclass(frozen=True)
class Candidates:
    """Of one listener: what could be chosen, each with its signals' features, and what was."""

    user: str
    tracks: list[str]
    features: Doubles
    wanted: frozenset[str]

    def question(self, *more: Doubles) -> Question:
        """With these as further features."""
        found = np.array([track in self.wanted for track in self.tracks])
        return Question(
            user=self.user,
            features=np.column_stack([self.features, *more]),
            wanted=found,
            missed=len(self.wanted) - int(found.sum()),
        )


def timestamp(at: float) -> str:
    """As GoogleSQL writes a moment."""
    moment = datetime.datetime.fromtimestamp(at, datetime.UTC)
    return f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}+00'"


def statements(dataset: str, slot: int, until: str) -> list[str]:
    """In the order in which they need each other; `slot` -1: there is no factorisation."""
    made = features.past(dataset, suffix=SUFFIX, until=until)
    if slot >= 0:
        made += [
            models.create(dataset, slot, suffix=SUFFIX),
            models.candidates(dataset, slot, suffix=SUFFIX),
        ]
    return [
        *made,
        models.content(dataset, suffix=SUFFIX),
        *signals.relations(dataset, suffix=SUFFIX, until=until),
        *signals.signals(dataset, slot, suffix=SUFFIX),
        _WANTED.format(d=dataset, s=SUFFIX, until=until),
    ]


def leftovers(dataset: str) -> list[str]:
    """What takes all of it away again."""
    return [
        *(f"DROP TABLE IF EXISTS `{dataset}.{table}{SUFFIX}`" for table in _TABLES),
        *(f"DROP MODEL IF EXISTS `{dataset}.mf_{slot}{SUFFIX}`" for slot in (0, 1)),
    ]


def candidates(rows: Rows, dataset: str) -> list[Candidates]:
    """Of those who wanted something; who was offered nothing has no part in it."""
    names = {"d": dataset, "s": SUFFIX, "most": MOST_LISTENERS}
    wanted: dict[str, set[str]] = defaultdict(set)
    for row in rows(_ASKED.format(**names)):
        wanted[row["user_id"]].add(row["track_id"])
    tracks: dict[str, list[str]] = defaultdict(list)
    said: dict[str, list[blend.Features]] = defaultdict(list)
    for row in rows(_CANDIDATES.format(**names)):
        user = row["user_id"]
        tracks[user].append(row["track_id"])
        given = blend.Signals(**{name: float(row[name] or 0.0) for name in blend.NAMES})
        said[user].append(blend.features(given))
    return [
        Candidates(user, tracks[user], np.array(said[user]), frozenset(wanted[user]))
        for user in sorted(tracks)
    ]


def scored(rows: Rows, dataset: str, of: Sequence[Candidates]) -> list[Doubles]:
    """What the deep model in service says of the candidates: 0 where it says nothing."""
    known: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows(_SCORES.format(d=dataset, s=SUFFIX)):
        known[row["user_id"]][row["track_id"]] = float(row["score"])
    return [
        np.array([known.get(each.user, {}).get(track, 0.0) for track in each.tracks]) for each in of
    ]


def scores_in_service(dataset: str, slot: int, until: str) -> str:
    """Asks the model of a slot about the candidates, with histories that end then."""
    return deep.scores(dataset, slot, suffix=SUFFIX, until=until)
