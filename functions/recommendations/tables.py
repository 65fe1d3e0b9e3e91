"""What the night's tables say of a few listeners, and of all tracks that play a part in it."""

import datetime
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.recommendations.mixes.listening import Fact, Taste
from functions.recommendations.warehouse import Row, Warehouse

_FRESH_DAYS = 28
_MOST_FRESH = 1000
_MOST_TASTES = 300
_MOST_POPULAR = 200

_FACTS = """\
SELECT t.track_id, t.artist_ids, t.artist_names, t.album_id, t.cover_id, t.release_date,
  t.explicit, t.markets, t.genres, t.embedding
FROM `{d}.tracks` AS t
"""
_FRESH = """\
SELECT track_id FROM `{d}.tracks`
WHERE release_date >= @since AND release_date <= @today
ORDER BY release_date DESC, track_id LIMIT {fresh}
"""
_POPULAR = """\
SELECT track_id FROM `{d}.tastes` WHERE recent > 0
GROUP BY track_id ORDER BY COUNT(*) DESC, track_id LIMIT {popular}
"""
_SHARED = """\
SELECT track_id FROM ({fresh}) UNION DISTINCT
SELECT track_id FROM ({popular})
"""
# What somebody likes best; and whatever they have played of what is offered to everybody.
_TASTES = """\
SELECT user_id, track_id, rating, recent FROM `{d}.tastes`
WHERE {range} AND (place <= {tastes} OR track_id IN ({shared}))
ORDER BY user_id, place
"""
_RANKED = """\
SELECT user_id, track_id, loudest FROM `{d}.ranked` WHERE {range} ORDER BY user_id, place
"""
_NAMED = "SELECT track_id FROM `{d}.{table}` WHERE {range} AND place <= {tastes}"
_LISTENERS = """\
SELECT user_id, country FROM `{d}.listeners` WHERE user_id > @after
ORDER BY user_id LIMIT {most}
"""
_RANGE = "user_id > @after AND user_id <= @last"


@dataclass(frozen=True)
class Ranked:
    """A track that was not played; `by_sound`: what it sounds like speaks loudest for it."""

    track_id: str
    by_sound: bool


@dataclass(frozen=True)
class Tables:
    """By user, lists that are best first; facts by track. `model` is "" where there is none."""

    tastes: Mapping[str, Sequence[Taste]]
    ranked: Mapping[str, Sequence[Ranked]]
    facts: Mapping[str, Fact]
    fresh: Sequence[str]
    popular: Sequence[str]
    model: str


class NightTables:
    """Reads them; raises `StatementFailed` and `Unavailable`."""

    def __init__(self, warehouse: Warehouse, dataset: str) -> None:
        self._warehouse = warehouse
        self._values: dict[str, Any] = {
            "d": dataset,
            "range": _RANGE,
            "fresh": _MOST_FRESH,
            "popular": _MOST_POPULAR,
            "tastes": _MOST_TASTES,
        }

    async def listeners(self, after: str, most: int) -> dict[str, str]:
        """The next ones by their ids, and their countries."""
        rows = await self._warehouse.rows(self._sql(_LISTENERS, most=most), after=after)
        return {str(row["user_id"]): str(row["country"] or "") for row in rows}

    async def of(self, after: str, last: str, slot: int, today: datetime.date) -> Tables:
        """For the listeners after one and up to another. `slot` -1: there is no model."""
        since = (today - datetime.timedelta(days=_FRESH_DAYS)).isoformat()
        period = {"since": since, "today": today.isoformat()}
        people = {"after": after, "last": last}
        shared = self._sql(_SHARED.format(fresh=_FRESH, popular=_POPULAR))
        rows = self._warehouse.rows
        tastes = await rows(self._sql(_TASTES, shared=shared), **people, **period)
        ranked = await rows(self._sql(_RANKED), **people)
        fresh = await rows(self._sql(_FRESH), **period)
        popular = await rows(self._sql(_POPULAR))
        named = " UNION DISTINCT ".join(
            [shared, *(self._sql(_NAMED, table=table) for table in ("tastes", "ranked"))]
        )
        facts = await rows(f"{self._sql(_FACTS)} WHERE t.track_id IN ({named})", **people, **period)
        return Tables(
            tastes=_tastes(tastes),
            ranked=_ranked(ranked),
            facts={fact.id: fact for fact in map(fact_of, facts)},
            fresh=[row["track_id"] for row in fresh],
            popular=[row["track_id"] for row in popular],
            model=f"mf_{slot}" if slot >= 0 else "",
        )

    def _sql(self, statement: str, **more: Any) -> str:
        return statement.format(**self._values, **more)


def fact_of(row: Row) -> Fact:
    """A row of `tracks`."""
    return Fact(
        id=row["track_id"],
        artists=list(row["artist_ids"] or []),
        artist_names=list(row["artist_names"] or []),
        album_id=row["album_id"],
        cover_id=row["cover_id"],
        release_date=row["release_date"],
        explicit=bool(row["explicit"]),
        markets=list(row["markets"] or []),
        genres=list(row["genres"] or []),
        vector=_vector(row["embedding"]),
    )


def _vector(numbers: Any) -> Sequence[float]:
    """A few bytes a number: there are thousands of these at a time."""
    return array("f", numbers or [])


def _tastes(rows: Iterable[Row]) -> Mapping[str, Sequence[Taste]]:
    found: dict[str, list[Taste]] = defaultdict(list)
    for row in rows:
        taste = Taste(row["track_id"], float(row["rating"]), int(row["recent"]))
        found[row["user_id"]].append(taste)
    return found


def _ranked(rows: Iterable[Row]) -> Mapping[str, Sequence[Ranked]]:
    found: dict[str, list[Ranked]] = defaultdict(list)
    for row in rows:
        found[row["user_id"]].append(Ranked(row["track_id"], row["loudest"] == "alike"))
    return found
