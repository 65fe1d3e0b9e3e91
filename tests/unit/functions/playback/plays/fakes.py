"""Plays without Google: a store in memory that refuses what has changed, and who is told."""

import datetime
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from functions.playback.plays.counting import Item, Tally
from functions.playback.plays.counts import Count
from functions.playback.plays.journal import Entry, Key, untold
from functions.playback.plays.store import StoredDay
from shared.audience import ANYBODY, Audience
from shared.catalog_client import Form
from shared.errors import Unavailable
from shared.events import Play
from shared.firestore import Conflict
from shared.protos.catalog_pb2 import ArtistRef, Track

NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
NOW_MS = int(NOW.timestamp() * 1000)


def track_id(number: int) -> str:
    return f"{number:022d}"


def play(
    number: int,
    *,
    user: str = "u",
    track: int = 1,
    ago_s: int = 3600,
    counted: bool = True,
    **more: Any,
) -> Play:
    """A play whose id and moment its number decides."""
    values: dict[str, Any] = {
        "play_id": f"play-{number}",
        "user_id": user,
        "track_id": track_id(track),
        "album_id": "",
        "started_at": (NOW_MS - ago_s * 1000 + number) * 1000,
        "received_at": NOW_MS * 1000,
        "ms_played": 180_000,
        "start_position_ms": 0,
        "end_position_ms": 180_000,
        "duration_ms": 180_000,
        "reason_start": "",
        "reason_end": "finished",
        "context_uri": "",
        "device_id": "",
        "device_type": "",
        "app": "app",
        "seeks": 0,
        "shuffle": False,
        "offline": False,
        "country": "SE",
        "plan": "free",
        "counted": counted,
    }
    return Play(**(values | more))


class MemoryDays:
    """Days and numbers; a write of what has changed since it was read is refused.

    The next writes fail as `failures` say; `between` runs before each write.
    """

    def __init__(self) -> None:
        self.stored: dict[Key, StoredDay] = {}
        self.counts: dict[Item, Counter[str]] = {}
        self.popularity: dict[Item, int] = {}
        self.due_at: dict[Item, datetime.datetime] = {}
        self.erased_users: dict[str, datetime.datetime] = {}
        self.look_again: dict[str, datetime.datetime] = {}
        self.failures: list[Exception] = []
        self.writes = self.reads = 0
        self._versions = itertools.count(1)

    async def days(self, keys: Iterable[Key]) -> dict[Key, StoredDay]:
        self.reads += 1
        return {key: self.stored.get(key, StoredDay(key, [])) for key in keys}

    async def write(self, day: StoredDay, entries: list[Entry]) -> StoredDay:
        self._check(day)
        self.writes += 1
        written = StoredDay(day.key, entries, next(self._versions))
        self.stored[day.key] = written
        return written

    def _check(self, day: StoredDay) -> None:
        if self.failures:
            raise self.failures.pop(0)
        current = self.stored.get(day.key)
        if (current.version if current else None) != day.version:
            raise Conflict("changed")

    async def waiting(self, limit: int) -> list[StoredDay]:
        return [day for day in self.stored.values() if untold(day.entries)][:limit]

    async def latest(
        self, user_id: str, *, first_day: str = "", last_day: str = "9999"
    ) -> AsyncIterator[StoredDay]:
        for key in sorted(self.stored, key=lambda key: key.name):
            if key.user_id == user_id and first_day <= key.day <= last_day:
                yield self.stored[key]

    async def forget(self, user_id: str) -> None:
        for key in [key for key in self.stored if key.user_id == user_id]:
            del self.stored[key]

    async def mark_erased(self, user_id: str, now: datetime.datetime) -> None:
        self.erased_users[user_id] = self.look_again[user_id] = now

    async def erased(self, user_ids: Iterable[str]) -> set[str]:
        return {user_id for user_id in user_ids if user_id in self.erased_users}

    async def erased_to_look_at(
        self, now: datetime.datetime, limit: int
    ) -> Mapping[str, datetime.datetime]:
        due = [user_id for user_id, moment in self.look_again.items() if moment <= now]
        return {user_id: self.erased_users[user_id] for user_id in due[:limit]}

    async def look_again_at(self, user_id: str, moment: datetime.datetime | None) -> None:
        if moment is None:
            del self.look_again[user_id]
        else:
            self.look_again[user_id] = moment

    async def commit(self, tally: Tally, now: datetime.datetime) -> None:
        for day, _ in tally.days:
            self._check(day)
        for day, entries in tally.days:
            self.stored[day.key] = StoredDay(day.key, entries, next(self._versions))
        for item, plays in tally.plays.items():
            self.counts.setdefault(item, Counter()).update(plays)
            self.due_at[item] = now

    async def get(self, items: Iterable[Item]) -> dict[Item, Count]:
        return {item: self._count(item) for item in items if item in self.counts}

    async def due(self, now: datetime.datetime, limit: int) -> list[Count]:
        return [self._count(item) for item, at in self.due_at.items() if at <= now][:limit]

    async def settle(
        self, settled: Iterable[tuple[Count, int]], again_at: datetime.datetime
    ) -> None:
        for count, popularity in settled:
            self.popularity[count.item] = popularity
            if popularity:
                self.due_at[count.item] = again_at
            else:
                del self.due_at[count.item]

    def _count(self, item: Item) -> Count:
        days = self.counts[item]
        return Count(item, days.total(), days, self.popularity.get(item, 0))

    def entries(self) -> list[Entry]:
        """All plays of all days."""
        return [entry for day in self.stored.values() for entry in day.entries]


class MemoryCatalogue:
    """Tracks 1 to 9 of three minutes: of the artists 1 and 2 by turns, all on one album."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []
        self.is_away = False
        self._tracks = {
            track_id(number): Track(
                id=track_id(number),
                duration_ms=180_000,
                album_id="album",
                owner="owner",
                artists=[ArtistRef(id=f"artist-{number % 2}")],
            )
            for number in range(1, 10)
        }

    async def tracks(self, ids: Sequence[str]) -> list[Track]:
        self.asked.append(ids)
        if self.is_away:
            raise Unavailable("away")
        return [self._tracks[id] for id in ids if id in self._tracks]

    async def describe(
        self, form: Form, ids: Sequence[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]:
        return {
            id: msgspec.Raw(msgspec.json.encode({"id": id, "in": audience.market})) for id in ids
        }


class RecordingTopic:
    """Where plays are published to."""

    def __init__(self) -> None:
        self.published: list[Play] = []
        self.is_away = False

    async def publish(self, plays: Sequence[Play]) -> None:
        if self.is_away:
            raise Unavailable("away", retry_after_s=5)
        self.published += plays


class RecordingPublisher:
    """Events that were published."""

    def __init__(self) -> None:
        self.published: list[tuple[str, Any]] = []

    async def publish(self, topic: str, event: Any, *, event_id: str) -> None:
        assert event_id
        self.published.append((topic, event))
