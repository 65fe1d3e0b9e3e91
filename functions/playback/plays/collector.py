"""Takes plays from deliveries of one play each, and writes those of a listener's day together.

Whatever arrives while a write is under way goes into the next one. A delivery is acknowledged
only when its play is written.
"""

import asyncio
import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from cachetools import LRUCache

from functions.playback.plays.journal import MOST_A_DAY, Entry, Key, entry_of, key_of, merged
from functions.playback.plays.store import StoredDay
from shared import telemetry
from shared.errors import BadRequest, Unavailable
from shared.events import Play
from shared.firestore import Conflict
from shared.telemetry import fields

_GATHER_S = 0.01
_MOST_DAYS_AT_ONCE = 100
_TRIES = 10
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0
# Days that this instance wrote last: they need not be read again. Some 10 KB each.
_REMEMBERED = 2000

log = logging.getLogger(__name__)


class Days(Protocol):
    """Where listeners' days are kept."""

    async def days(self, keys: Iterable[Key]) -> dict[Key, StoredDay]: ...

    async def write(self, day: StoredDay, entries: list[Entry]) -> StoredDay: ...

    async def erased(self, user_ids: Iterable[str]) -> set[str]: ...


@dataclass(frozen=True)
class _Waiting:
    entry: Entry
    done: "asyncio.Future[None]"
    tries: int = 0


class Collector:
    """Any number of plays, any number of times, in any order, from any number of instances."""

    def __init__(self, store: Days) -> None:
        self._store = store
        self._waiting: dict[Key, list[_Waiting]] = {}
        self._known: LRUCache[Key, StoredDay] = LRUCache(_REMEMBERED)
        self._writing: asyncio.Task[None] | None = None

    async def add(self, play: Play) -> None:
        """Returns when the play is kept; raises `BadRequest` or `Unavailable`."""
        if not play.user_id or "/" in play.user_id or play.started_at <= 0:
            raise BadRequest("Invalid play: no listener or no time")
        waiting = _Waiting(entry_of(play), asyncio.get_running_loop().create_future())
        self._put(key_of(play), [waiting])
        await waiting.done

    def _put(self, key: Key, waiting: list[_Waiting]) -> None:
        self._waiting.setdefault(key, []).extend(waiting)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())

    async def _write_all(self) -> None:
        await asyncio.sleep(_GATHER_S)
        while self._waiting:
            keys = list(self._waiting)[:_MOST_DAYS_AT_ONCE]
            group = {key: self._waiting.pop(key) for key in keys}
            try:
                await self._write_group(group)
            except Exception as error:  # noqa: BLE001  # each delivery is told, and comes again
                for waiting in group.values():
                    _fail(waiting, error)

    async def _write_group(self, group: dict[Key, list[_Waiting]]) -> None:
        days = {key: self._known[key] for key in group if key in self._known}
        days |= await self._read([key for key in group if key not in days])
        new = {key.user_id for key, day in days.items() if day.version is None}
        erased = await self._store.erased(new)
        await asyncio.gather(
            *(self._write_day(days[key], group[key], key.user_id in erased) for key in group)
        )

    async def _read(self, keys: list[Key]) -> dict[Key, StoredDay]:
        return await self._store.days(keys) if keys else {}

    async def _write_day(self, day: StoredDay, waiting: list[_Waiting], is_erased: bool) -> None:
        """`is_erased`: the listener has left, and what comes late is dropped."""
        entries = None if is_erased else merged(day.entries, (each.entry for each in waiting))
        try:
            if entries is not None:
                day = await self._store.write(day, self._bounded(day, entries))
        except Conflict:
            self._known.pop(day.key, None)
            self._again(day.key, waiting)
        except Exception as error:  # noqa: BLE001  # likewise
            self._known.pop(day.key, None)
            _fail(waiting, error)
        else:
            self._remember(day)
            for each in waiting:
                if not each.done.done():
                    each.done.set_result(None)

    @staticmethod
    def _bounded(day: StoredDay, entries: list[Entry]) -> list[Entry]:
        """Nobody listens that much: what is too much is dropped, those that are kept stay."""
        if len(entries) <= MOST_A_DAY:
            return entries
        telemetry.count("plays_dropped", len(entries) - MOST_A_DAY)
        log.warning("too many plays in a day", extra=fields(day=day.key.day))
        kept = {entry.play_id for entry in day.entries}
        for entry in entries:
            if len(kept) >= MOST_A_DAY:
                break
            kept.add(entry.play_id)
        return [entry for entry in entries if entry.play_id in kept]

    def _again(self, key: Key, waiting: list[_Waiting]) -> None:
        """Somebody else wrote the day meanwhile."""
        tries = max(each.tries for each in waiting) + 1
        if tries >= _TRIES:
            _fail(waiting, Unavailable("the day changes too often; the event will come again"))
            return
        following = [_Waiting(each.entry, each.done, tries) for each in waiting]
        most = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**tries)
        pause = random.uniform(0, most)  # noqa: S311  # not for secrets
        asyncio.get_running_loop().call_later(pause, self._put, key, following)

    def _remember(self, day: StoredDay) -> None:
        if day.version is not None:
            self._known[day.key] = day


def _fail(waiting: Iterable[_Waiting], error: Exception) -> None:
    for each in waiting:
        if not each.done.done():
            each.done.set_exception(error)
