"""Every document of an index to be, in a file: a million of them in little memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from functions.search.model import CATALOGUE, Document, Kind

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE documents(
    kind TEXT, id TEXT, popularity INTEGER, version INTEGER, gone_at INTEGER, owner TEXT,
    packed BLOB, PRIMARY KEY(kind, id)) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS owners ON documents(owner) WHERE owner != '';
"""


class Staging:
    """Takes documents in the order of the log, with the same rules as `Overlay`."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.executescript(_SCHEMA + _INDEXES)
        self._connection.execute("BEGIN")
        self._pack = msgspec.msgpack.Encoder().encode
        self._unpack = msgspec.msgpack.Decoder(Document).decode

    def close(self) -> None:
        self._connection.close()

    def put(self, documents: Iterable[Document]) -> None:
        """Takes documents as they are, which nothing newer is known of."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    document.kind.value,
                    document.id,
                    document.popularity,
                    document.version,
                    document.gone_at,
                    document.owner,
                    self._pack(document),
                )
                for document in documents
            ),
        )

    def apply(self, documents: Iterable[Document]) -> None:
        """What is older than what is here, or belongs to somebody who is gone, is passed over."""
        for document in documents:
            known = self._one("version", document.kind, document.id)
            if known is not None and document.version < known:
                continue
            if document.kind is Kind.user and document.is_gone:
                self._connection.execute("DELETE FROM documents WHERE owner = ?", (document.id,))
            if not (document.owner and self._one("gone_at", Kind.user, document.owner)):
                self.put([document])

    def forget_gone(self, before_ms: int) -> None:
        """What went so long ago that no event from before can come any more; people stay gone."""
        self._connection.execute(
            "DELETE FROM documents WHERE gone_at BETWEEN 1 AND ? AND kind != ?",
            (before_ms, Kind.user.value),
        )
        # The catalogue is read anew at each event, so nothing old can come back.
        self._connection.executemany(
            "DELETE FROM documents WHERE gone_at > 0 AND kind = ?",
            [(kind.value,) for kind in CATALOGUE],
        )

    def most_popular_first(self) -> Iterator[Document]:
        found = self._connection.execute(
            "SELECT packed FROM documents ORDER BY popularity DESC, kind, id"
        )
        return (self._unpack(packed) for (packed,) in found)

    def _one(self, column: str, kind: Kind, id: str) -> int | None:
        found = self._connection.execute(
            f"SELECT {column} FROM documents WHERE kind = ? AND id = ?", (kind.value, id)
        )
        return next((int(value) for (value,) in found), None)
