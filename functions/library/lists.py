"""A person's lists: saved tracks and albums, followed artists, people and playlists.

Kept oldest first, so that what is added comes at the end and no position before it changes: pages
that are read newest first stay where they are while items come in.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from functions.library.activity import Activity, Deed
from functions.library.chunks import Chunks, packed, path_of
from functions.library.model import LIST_CHUNK, Kind, SavedList, list_document, list_of, list_path
from functions.library.retry import Turns, retried
from functions.library.sequence import Entry, spliced
from functions.library.splices import Splice, ranges
from functions.library.store import Documents
from shared.errors import BadRequest, Forbidden
from shared.firestore import ABSENT, Write

MOST_ENTRIES = 100_000


class Opened(NamedTuple):
    """A list as it was read; `before` is the condition for writing it."""

    path: str
    saved: SavedList
    before: Any


class Slice(NamedTuple):
    """Some entries, newest first, of the `total` that there were at the top of the first page."""

    entries: list[Entry]
    total: int


class Prepared(NamedTuple):
    """Writes that change a list, and the ids that they change. None of either: it is so already."""

    writes: list[Write]
    ids: list[str]


_NOTHING = Prepared([], [])


class Lists:
    """Reads and writes lists by their person and kind.

    `activity` hears of the tracks that are saved and removed; who only reads has none.
    """

    def __init__(
        self, documents: Documents, chunks: Chunks, activity: Activity | None = None
    ) -> None:
        self._documents = documents
        self._chunks = chunks
        self._activity = activity
        self._turns = Turns()

    async def page(
        self, user: str, kind: Kind, *, limit: int, offset: int, as_of: int | None = None
    ) -> Slice:
        """`as_of`: the total of the first page; what came later is above it."""

        async def attempt() -> Slice:
            opened = await self._open(user, kind)
            directory = opened.saved.directory
            total = min(directory.total, as_of) if as_of is not None else directory.total
            end = max(0, total - offset)
            start = max(0, end - limit)
            keys, first = directory.within(start, end)
            known = await self._chunks.load(opened.path, keys)
            entries = [entry for key in keys for entry in known[key]]
            return Slice(entries[start - first : end - first][::-1], total)

        return await retried(attempt)

    async def everything(self, user: str, kind: Kind) -> list[Entry]:
        """Oldest first."""

        async def attempt() -> list[Entry]:
            return await self._entries(await self._open(user, kind))

        return await retried(attempt)

    async def contain(self, user: str, kind: Kind, ids: Sequence[str]) -> list[bool]:
        there = {entry.id for entry in await self.everything(user, kind)}
        return [id in there for id in ids]

    async def add(self, user: str, kind: Kind, entries: Sequence[Entry]) -> None:
        """Those that are there keep their dates. Raises `BadRequest` when the list is full."""

        async def attempt() -> None:
            await self._commit(user, kind, Deed.saved, await self.adding(user, kind, entries))

        async with self._turns.of(list_path(user, kind)):
            await retried(attempt)

    async def remove(self, user: str, kind: Kind, ids: Collection[str]) -> None:
        async def attempt() -> None:
            await self._commit(user, kind, Deed.removed, await self.removing(user, kind, ids))

        async with self._turns.of(list_path(user, kind)):
            await retried(attempt)

    async def adding(self, user: str, kind: Kind, entries: Sequence[Entry]) -> Prepared:
        """What `add` writes, for a batch with more in it."""
        opened = await self._open(user, kind)
        there = await self._entries(opened)
        known = {entry.id for entry in there}
        new = list({entry.id: entry for entry in entries if entry.id not in known}.values())
        if not new:
            return _NOTHING
        if len(there) + len(new) > MOST_ENTRIES:
            raise BadRequest(f"The library is full: at most {MOST_ENTRIES} {kind.value}")
        new.sort(key=_at)
        gaps = {bisect_right(there, entry.at, key=_at) for entry in new}
        if len(gaps) == 1:
            splice, coming = Splice((), gaps.pop(), len(new)), new
        else:
            coming = sorted([*there, *new], key=_at)
            splice = Splice(((0, len(there)),), 0, len(coming))
        return Prepared(await self._writes(opened, splice, coming), [entry.id for entry in new])

    async def removing(self, user: str, kind: Kind, ids: Collection[str]) -> Prepared:
        """What `remove` writes, for a batch with more in it."""
        opened = await self._open(user, kind)
        there = await self._entries(opened)
        gone = [at for at, entry in enumerate(there) if entry.id in ids]
        if not gone:
            return _NOTHING
        writes = await self._writes(opened, Splice(ranges(gone)), ())
        return Prepared(writes, [there[at].id for at in gone])

    async def marking(self, user: str, kind: Kind, id: str, mark: str) -> Prepared:
        """Writes that note `mark` in the entry's `by`."""
        opened = await self._open(user, kind)
        there = await self._entries(opened)
        for at, entry in enumerate(there):
            if entry.id == id and entry.by != mark:
                splice = Splice(((at, at + 1),), at, 1)
                marked = [entry._replace(by=mark)]
                return Prepared(await self._writes(opened, splice, marked), [id])
        return _NOTHING

    async def erase(self, user: str, kind: Kind) -> None:
        """Empties the list for good: nothing is added to it again."""

        async def attempt() -> None:
            opened = await self._open(user, kind, erased=True)
            directory = opened.saved.directory
            gone = [*directory.keys, *directory.stale]
            empty = SavedList(version=opened.saved.version + 1, erased=True)
            await self._documents.commit(
                [
                    Write(opened.path, list_document(empty), opened.before),
                    *(Write(path_of(opened.path, key)) for key in gone),
                ]
            )

        await retried(attempt)

    async def _open(self, user: str, kind: Kind, *, erased: bool = False) -> Opened:
        path = list_path(user, kind)
        stored = (await self._documents.read([path])).get(path)
        if stored is None:
            return Opened(path, SavedList(), ABSENT)
        saved = list_of(stored.data)
        if saved.erased and not erased:
            raise Forbidden("This account was deleted")
        return Opened(path, saved, stored.version)

    async def _entries(self, opened: Opened) -> list[Entry]:
        keys = opened.saved.directory.keys
        known = await self._chunks.load(opened.path, keys)
        return [entry for key in keys for entry in known[key]]

    async def _writes(
        self, opened: Opened, splice: Splice, entries: Sequence[Entry]
    ) -> list[Write]:
        saved = opened.saved
        known = await self._chunks.load(opened.path, saved.directory.keys)
        version = saved.version + 1
        written = spliced(saved.directory, known, splice, entries, version=version, most=LIST_CHUNK)
        after = SavedList(version=version, directory=written.directory)
        return [
            Write(opened.path, list_document(after), opened.before),
            *(
                Write(path_of(opened.path, key), {"entries": packed(chunk)})
                for key, chunk in written.chunks.items()
            ),
            *(Write(path_of(opened.path, key)) for key in written.deleted),
        ]

    async def _commit(self, user: str, kind: Kind, deed: Deed, prepared: Prepared) -> None:
        if not prepared.writes:
            return
        if self._activity is None or kind is not Kind.tracks:
            await self._documents.commit(prepared.writes)
            return
        note = self._activity.note(user, deed, prepared.ids)
        await self._documents.commit([*prepared.writes, note.write])
        self._activity.tell(note)


def newest_first(ids: Iterable[str], at: int) -> list[Entry]:
    """Entries of one moment that will show in the order given."""
    return [Entry(id, at) for id in reversed(list(dict.fromkeys(ids)))]


def _at(entry: Entry) -> int:
    return entry.at
