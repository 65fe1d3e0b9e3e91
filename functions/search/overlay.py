"""What has changed since the base was built: a small index in memory, and what it hides there."""

import sqlite3
from collections import Counter
from collections.abc import Iterable

from functions.search import build, terms
from functions.search.index import Index
from functions.search.model import Document, Kind, is_newer

# Rows are numbered by popularity here too, in the order of arrival among equals.
_STEP = 2**32


class Overlay:
    """Takes documents in the order of the log; each takes the place of what was there before it."""

    def __init__(self, base: Index | None) -> None:
        self._base = base
        self._connection = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False
        )
        build.create_schema(self._connection, keeps_text=True)
        self.index = Index(self._connection)
        # Ranks of the base that do not hold any more.
        self.hidden: dict[Kind, set[int]] = {kind: set() for kind in Kind}
        self._ranks: dict[tuple[Kind, str], int] = {}
        self._versions: dict[tuple[Kind, str], int] = {}
        self._gone_users: set[str] = set()
        self._owned: dict[str, set[tuple[Kind, str]]] = {}
        self._counts: Counter[str] = Counter()
        self._taken = 0
        self._applied = 0

    @property
    def version(self) -> int:
        """Another one whenever anything has changed."""
        return self._applied

    def close(self) -> None:
        self._connection.close()

    def apply(self, documents: Iterable[Document]) -> None:
        """What is older than what is known, or belongs to somebody who is gone, is passed over."""
        self._connection.execute("BEGIN")
        for document in documents:
            if is_newer(document, self._version(document.kind, document.id)):
                self._apply(document)
        self._connection.execute("COMMIT")

    def is_hidden(self, kind: Kind, id: str) -> bool:
        """Whether what the base says of an item does not hold any more."""
        return (kind, id) in self._versions

    def _apply(self, document: Document) -> None:
        kind, id = document.kind, document.id
        self._applied += 1
        self._forget(kind, id)
        self._versions[kind, id] = document.version
        if kind is Kind.user:
            if document.is_gone:
                self._user_gone(id)
            else:
                self._gone_users.discard(id)
        if not document.is_gone and not self._is_owner_gone(document):
            self._insert(document)

    def _forget(self, kind: Kind, id: str) -> None:
        rank = self._ranks.pop((kind, id), None)
        if rank is not None:
            for table, column in (("docs", "rank"), ("words", "rowid"), ("keys", "rank")):
                self._connection.execute(
                    f"DELETE FROM {kind.value}_{table} WHERE {column} = ?", (rank,)
                )
        if (kind, id) not in self._versions and self._base is not None:
            hidden = self._base.rank_of(kind, id)
            if hidden is not None:
                self.hidden[kind].add(hidden)

    def _insert(self, document: Document) -> None:
        kind = document.kind
        self._taken += 1
        rank = (100 - document.popularity) * _STEP + self._taken
        indexed = terms.columns(document)
        build.insert(
            self._connection, kind, [build.row(rank, document, indexed)], [(rank, *indexed)]
        )
        self._connection.executemany(
            f"INSERT OR IGNORE INTO {kind.value}_keys VALUES (?, ?)",
            [(key, rank) for key in terms.keys(document, indexed)],
        )
        self._ranks[kind, document.id] = rank
        if document.owner:
            self._owned.setdefault(document.owner, set()).add((kind, document.id))
        for word in {*indexed.name.split(), *indexed.artists.split()}:
            self._count(word)

    def _count(self, word: str) -> None:
        """Words are not taken out again: one that nothing has any more finds nothing."""
        self._counts[word] += 1
        if self._counts[word] > 1:
            self._connection.execute(
                "UPDATE vocabulary SET count = count + 1 WHERE word = ?", (word,)
            )
            return
        number = len(self._counts)
        self._connection.execute("INSERT INTO vocabulary VALUES (?, ?, 1)", (number, word))
        self._connection.executemany(
            "INSERT OR IGNORE INTO near VALUES (?, ?)",
            [(rest, number) for rest in build.rests(word)],
        )

    def _user_gone(self, user_id: str) -> None:
        self._gone_users.add(user_id)
        for kind, id in self._owned.pop(user_id, set()):
            self._forget(kind, id)
        if self._base is not None:
            key = terms.owner_key(user_id)
            for id in self._base.owned(Kind.playlist, key, user_id):
                self._forget(Kind.playlist, id)
                self._versions.setdefault((Kind.playlist, id), 0)

    def _is_owner_gone(self, document: Document) -> bool:
        owner = document.owner
        if not owner:
            return False
        if (Kind.user, owner) in self._versions:
            return owner in self._gone_users
        return self._base is not None and self._base.gone(Kind.user, owner) is not None

    def _version(self, kind: Kind, id: str) -> int:
        """What is known of an item already; of the catalogue the log's order decides."""
        if kind not in {Kind.playlist, Kind.user}:
            return 0
        if (kind, id) in self._versions:
            return self._versions[kind, id]
        if self._base is None:
            return 0
        if (gone := self._base.gone(kind, id)) is not None:
            return gone
        stored = self._base.stored(kind, id)
        return stored.version if stored else 0
