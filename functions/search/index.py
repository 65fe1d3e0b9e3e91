"""An open index: the questions that a search puts to one SQLite file, or to one in memory."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from functions.search import build, terms
from functions.search.distance import begins_with_one_error, is_one_error
from functions.search.model import Kind, Stored

MOST_NEAR = 40
# Of a word that is still being typed so many letters are believed; with fewer, too many words are
# near, and an error among them is forgiven when the word is whole.
_BELIEVED = 3
_SHORTEST_BEGUN = 5
_MOST_LOOKED_AT = 3_000
_MMAP_BYTES = 2**40


class Row(NamedTuple):
    """What ranking needs of a document: its place by popularity and its words."""

    rank: int
    id: bytes | str
    name: str
    artists: str
    popularity: int


class Index:
    """Reads an index; for one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.sizes = {kind: self._size(kind) for kind in Kind}

    @classmethod
    def open(cls, path: Path) -> "Index":
        """A file that nobody changes, mapped into memory."""
        connection = sqlite3.connect(
            f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        connection.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
        connection.execute("PRAGMA cache_size = -2000")
        return cls(connection)

    def close(self) -> None:
        self._connection.close()

    def _size(self, kind: Kind) -> int:
        [(last,)] = self._connection.execute(f"SELECT max(rank) FROM {kind.value}_docs")
        return last or 0

    def find(self, kind: Kind, match: str, *, limit: int, beyond: int = 0) -> list[int]:
        """The ranks of what matches, the most popular first; `beyond`: of those after that rank."""
        query = f"SELECT rowid FROM {kind.value}_words WHERE {kind.value}_words MATCH ?"
        if beyond:
            query += f" AND rowid > {beyond}"
        found = self._connection.execute(f"{query} ORDER BY rowid LIMIT {limit}", (match,))
        return [rank for (rank,) in found]

    def after(self, kind: Kind, rank: int, limit: int) -> list[int]:
        """What comes after a rank, whatever it is."""
        found = self._connection.execute(
            f"SELECT rank FROM {kind.value}_docs WHERE rank > ? ORDER BY rank LIMIT ?",
            (rank, limit),
        )
        return [each for (each,) in found]

    def keyed(self, kind: Kind, keys: Sequence[int], limit: int) -> list[int]:
        """The ranks under any of the keys, the most popular first under each."""
        found: list[int] = []
        for key in keys:
            rows = self._connection.execute(
                f"SELECT rank FROM {kind.value}_keys WHERE key = ? ORDER BY rank LIMIT ?",
                (key, limit - len(found)),
            )
            found += [rank for (rank,) in rows]
            if len(found) >= limit:
                break
        return found

    def rows(self, kind: Kind, ranks: Iterable[int]) -> list[Row]:
        """In the order of rank."""
        numbers = ",".join(map(str, ranks))
        found = self._connection.execute(
            f"SELECT rank, id, name, artists, popularity FROM {kind.value}_docs"
            f" WHERE rank IN ({numbers})"
        )
        return [Row(*each) for each in found]

    def rank_of(self, kind: Kind, id: str) -> int | None:
        wanted = build.packed(id)
        for row in self.rows(kind, self.keyed(kind, [terms.id_key(id)], 100)):
            if row.id == wanted:
                return row.rank
        return None

    def stored(self, kind: Kind, id: str) -> Stored | None:
        """What is kept of a playlist or a user."""
        if (rank := self.rank_of(kind, id)) is None:
            return None
        [(stored,)] = self._connection.execute(
            f"SELECT stored FROM {kind.value}_docs WHERE rank = ?", (rank,)
        )
        return msgspec.msgpack.decode(stored, type=Stored) if stored else None

    def owned(self, kind: Kind, key: int, owner: str) -> list[str]:
        """The ids of what somebody owns; `key` is the owner's."""
        found = self._connection.execute(
            f"SELECT id, stored FROM {kind.value}_docs WHERE rank IN"
            f" (SELECT rank FROM {kind.value}_keys WHERE key = ?)",
            (key,),
        )
        return [
            build.unpacked(id)
            for id, stored in found
            if stored and msgspec.msgpack.decode(stored, type=Stored).owner == owner
        ]

    def rank_at(self, kind: Kind, popularity: int) -> int:
        """How many are more popular than this."""
        low, high = 0, self.sizes[kind]
        while low < high:
            middle = (low + high) // 2
            [(found,)] = self._connection.execute(
                f"SELECT popularity FROM {kind.value}_docs WHERE rank = ?", (middle + 1,)
            )
            low, high = (middle + 1, high) if found > popularity else (low, middle)
        return low

    def gone(self, kind: Kind, id: str) -> int | None:
        """The version at which an item went."""
        found = self._connection.execute(
            "SELECT version FROM gone WHERE kind = ? AND id = ?", (kind.value, id)
        )
        return next((int(version) for (version,) in found), None)

    def counts(self, words: Iterable[str]) -> dict[str, int]:
        """In how many documents each word is, of those that are in any."""
        asked = list(words)
        marks = ",".join("?" * len(asked))
        return dict(
            self._connection.execute(
                f"SELECT word, count FROM vocabulary WHERE word IN ({marks})", asked
            )
        )

    def completions(self, prefix: str) -> list[tuple[str, int]]:
        """The most frequent words that begin with it, and in how many documents they are."""
        if len(prefix) <= build.LISTED_PREFIX:
            listed = self._connection.execute(
                "SELECT word, count FROM completions WHERE prefix = ? ORDER BY place", (prefix,)
            ).fetchall()
            if listed:
                return listed
        return self._connection.execute(
            "SELECT word, count FROM vocabulary WHERE word >= ? AND word < ?"
            " ORDER BY count DESC LIMIT ?",
            (prefix, prefix + "\x7f", build.MOST_COMPLETIONS),
        ).fetchall()

    def near(self, word: str) -> list[tuple[str, int]]:
        """The most frequent words that one typing error makes of `word`, or it of them."""
        rests = build.rests(word)
        marks = ",".join("?" * len(rests))
        numbers = self._connection.execute(
            "SELECT word, count FROM vocabulary WHERE id IN"
            f" (SELECT word FROM near WHERE rest IN ({marks})) ORDER BY id",
            rests,
        )
        found = [(other, count) for other, count in numbers if is_one_error(word, other)]
        return found[:MOST_NEAR]

    def near_begun(self, typed: str) -> list[tuple[str, int]]:
        """The most frequent words that `typed`, with one error after its first letters, begins."""
        if len(typed) < _SHORTEST_BEGUN:
            return []
        first = typed[:_BELIEVED]
        beginning_alike = self._connection.execute(
            "SELECT word, count FROM vocabulary WHERE word >= ? AND word < ? LIMIT ?",
            (first, first + "\x7f", _MOST_LOOKED_AT),
        )
        found = [each for each in beginning_alike if begins_with_one_error(typed, each[0])]
        return sorted(found, key=lambda each: (-each[1], each[0]))[:MOST_NEAR]
