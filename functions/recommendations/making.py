"""Mixes for a few listeners at a time, built of what the night's tables say, and written."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from functions.recommendations.mixes.build import Shelf, make
from functions.recommendations.mixes.listening import Listener
from functions.recommendations.model import UserMixes
from functions.recommendations.opinions import user_mixes
from functions.recommendations.retry import retried
from functions.recommendations.store import Documents, mixes_path
from functions.recommendations.tables import NightTables, Tables
from shared.clock import Clock, utc_now
from shared.documents import to_document
from shared.firestore import Stored

_AT_ONCE = 20
_WRITTEN_AT_ONCE = 10
# The rest of a document is its person's own: what they said of tracks and artists.
_FIELDS_OF_A_NIGHT = frozenset({"made_at", "model", "mixes"})


@dataclass(frozen=True)
class Batch:
    """The last listener that was looked at, and how many of them have new mixes."""

    last: str
    made: int


class MixMaker:
    """Raises `StatementFailed` and `Unavailable`; what is written stays, and is written again."""

    def __init__(
        self, *, tables: NightTables, documents: Documents, clock: Clock = utc_now
    ) -> None:
        self._tables = tables
        self._documents = documents
        self._clock = clock

    async def make(self, *, after: str, slot: int, only_new: bool) -> Batch | None:
        """For the listeners that come after this one by id; None where there are no more.

        `slot` -1: there is no model. `only_new`: those that have mixes keep them.
        """
        wanted = await self._tables.listeners(after, _AT_ONCE)
        if not wanted:
            return None
        last = max(wanted)
        known = await self._documents.read(mixes_path(user) for user in wanted)
        if only_new:
            wanted = {
                user: country
                for user, country in wanted.items()
                if not user_mixes(known.get(mixes_path(user))).mixes
            }
        if wanted:
            tables = await self._tables.of(after, last, slot, self._clock().date())
            await self._write(wanted, known, tables)
        return Batch(last, len(wanted))

    async def _write(
        self, wanted: Mapping[str, str], known: Mapping[str, Stored], tables: Tables
    ) -> None:
        turns = asyncio.Semaphore(_WRITTEN_AT_ONCE)

        async def write(user: str) -> None:
            async with turns:
                await self._write_one(user, wanted[user], known.get(mixes_path(user)), tables)

        await asyncio.gather(*(write(user) for user in wanted))

    async def _write_one(
        self, user: str, country: str, stored: Stored | None, tables: Tables
    ) -> None:
        path, latest = mixes_path(user), [stored]

        async def attempt() -> None:
            if not latest:
                latest.append((await self._documents.read([path])).get(path))
            read = latest.pop()
            before = user_mixes(read)
            if before.erased:
                return
            document = to_document(self._made(user, country, before, tables))
            fields = {name: document[name] for name in _FIELDS_OF_A_NIGHT}
            await self._documents.write(path, fields, read.version if read else None)

        await retried(attempt)

    def _made(self, user: str, country: str, before: UserMixes, tables: Tables) -> UserMixes:
        now = self._clock()
        ranked = tables.ranked.get(user, ())
        listener = Listener(
            user=user,
            country=country,
            tastes=tables.tastes.get(user, ()),
            ranked=[each.track_id for each in ranked],
            by_sound=frozenset(each.track_id for each in ranked if each.by_sound),
            opinions=before.opinions,
        )
        shelf = Shelf(tables.facts, tables.fresh, tables.popular)
        mixes = make(listener, shelf, now.date(), before.mixes)
        return UserMixes(made_at=int(now.timestamp()), model=tables.model, mixes=mixes)
