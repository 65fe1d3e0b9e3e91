"""Chunks of lists, packed into documents and kept in memory: they never change."""

import contextlib
import zlib
from collections.abc import Sequence

import msgspec
from cachetools import LRUCache

from functions.library.sequence import Entry
from functions.library.store import Documents
from shared.firestore import Conflict

# Some 20 MiB.
MOST_ENTRIES = 100_000
_LEVEL = 3


class _Columns(msgspec.Struct, array_like=True):
    """`by` points into `people`, who are few."""

    ids: list[str]
    at: list[int]
    by: list[int]
    people: list[str]


class Gone(Conflict):
    """A chunk has been left behind and deleted since its directory was read."""


def packed(entries: Sequence[Entry]) -> bytes:
    """The entries as a document's field: about 20 bytes each."""
    people = list(dict.fromkeys(entry.by for entry in entries))
    place = {person: at for at, person in enumerate(people)}
    columns = _Columns(
        [entry.id for entry in entries],
        [entry.at for entry in entries],
        [place[entry.by] for entry in entries],
        people,
    )
    return zlib.compress(msgspec.msgpack.encode(columns), _LEVEL)


def unpacked(data: bytes) -> list[Entry]:
    columns = msgspec.msgpack.decode(zlib.decompress(data), type=_Columns)
    people = columns.people
    return [
        Entry(id, at, people[by])
        for id, at, by in zip(columns.ids, columns.at, columns.by, strict=True)
    ]


class Chunks:
    """Reads chunks, those that were read last from memory."""

    def __init__(self, documents: Documents, most_entries: int = MOST_ENTRIES) -> None:
        self._documents = documents
        self._kept: LRUCache[str, list[Entry]] = LRUCache(most_entries, getsizeof=len)

    async def load(self, base: str, keys: Sequence[str]) -> dict[str, list[Entry]]:
        """The entries by key of the chunks of the list at `base`; raises `Gone`."""
        paths = {key: path_of(base, key) for key in keys}
        # Held here: what is read meanwhile may push them out.
        kept = {path: self._kept.get(path) for path in paths.values()}
        missing = [path for path, entries in kept.items() if entries is None]
        found = await self._documents.read(missing) if missing else {}
        for path in missing:
            if path not in found:
                raise Gone(path)
        result = {}
        for key, path in paths.items():
            entries = kept[path]
            if entries is None:
                entries = unpacked(found[path].data["entries"])
                # What is larger than all of the memory is not kept.
                with contextlib.suppress(ValueError):
                    self._kept[path] = entries
            result[key] = entries
        return result


def path_of(base: str, key: str) -> str:
    return f"{base}/chunks/{key}"
