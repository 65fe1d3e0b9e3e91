"""Writes an index: one SQLite file that is never changed again.

A row's number is its place by popularity, so that a scan in the order of rows finds the most
popular first and may stop early. `near` leads from each word with one letter left out to the word
(Garbe's symmetric deletes): two words of one typing error share such a rest.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from functions.search import terms, text
from functions.search.model import Document, Kind, Stored
from shared import ids

SCHEMA_VERSION = 1
# A prefix of so many letters at most has its most frequent words listed; longer ones are few.
LISTED_PREFIX = 3
MOST_COMPLETIONS = 32
SHORTEST_CORRECTED = 3
_BATCH = 5_000

_KIND = """
CREATE TABLE {kind}_docs(
    rank INTEGER PRIMARY KEY, id, name TEXT, artists TEXT, popularity INTEGER, stored BLOB);
CREATE VIRTUAL TABLE {kind}_words USING fts5(
    name, artists, album, facets,
    {content}columnsize=0, tokenize="ascii tokenchars '_'");
CREATE TABLE {kind}_keys(key INTEGER, rank INTEGER, PRIMARY KEY(key, rank)) WITHOUT ROWID;
"""
_SHARED = """
CREATE TABLE vocabulary(id INTEGER PRIMARY KEY, word TEXT, count INTEGER);
CREATE UNIQUE INDEX vocabulary_words ON vocabulary(word, count);
CREATE TABLE completions(
    prefix TEXT, place INTEGER, word TEXT, count INTEGER, PRIMARY KEY(prefix, place)) WITHOUT ROWID;
CREATE TABLE near(rest INTEGER, word INTEGER, PRIMARY KEY(rest, word)) WITHOUT ROWID;
CREATE TABLE gone(kind TEXT, id TEXT, version INTEGER, PRIMARY KEY(kind, id)) WITHOUT ROWID;
"""


def create_schema(connection: sqlite3.Connection, *, keeps_text: bool = False) -> None:
    """The tables of an empty index. Rows can be taken out again only where it `keeps_text`."""
    content = "" if keeps_text else "content='', "
    for kind in Kind:
        connection.executescript(_KIND.format(kind=kind.value, content=content))
    connection.executescript(_SHARED)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def build(path: Path, documents: Iterable[Document]) -> int:
    """Writes the index of documents that come with the most popular first; how many there are.

    Documents that are gone are noted, so that what was said before they went is known for old.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # Whoever crashes here starts anew: nothing needs to be safe on the way.
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        create_schema(connection)
        connection.execute("BEGIN")
        counts: Counter[str] = Counter()
        total = _write(connection, documents, counts)
        _write_words(connection, counts)
        for kind in Kind:
            table = f"{kind.value}_words"
            connection.execute(f"INSERT INTO {table}({table}) VALUES('optimize')")
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
    finally:
        connection.close()
    return total


def _write(
    connection: sqlite3.Connection, documents: Iterable[Document], counts: Counter[str]
) -> int:
    ranks = dict.fromkeys(Kind, 0)
    keys: dict[Kind, list[tuple[int, int]]] = {kind: [] for kind in Kind}
    incoming = iter(documents)
    while batch := list(islice(incoming, _BATCH)):
        rows: dict[Kind, list[tuple[object, ...]]] = {kind: [] for kind in Kind}
        words: dict[Kind, list[tuple[object, ...]]] = {kind: [] for kind in Kind}
        for document in batch:
            kind = document.kind
            if document.is_gone:
                connection.execute(
                    "INSERT OR REPLACE INTO gone VALUES (?, ?, ?)",
                    (kind.value, document.id, document.version),
                )
                continue
            ranks[kind] += 1
            rank = ranks[kind]
            indexed = terms.columns(document)
            rows[kind].append(row(rank, document, indexed))
            words[kind].append((rank, *indexed))
            keys[kind] += [(key, rank) for key in terms.keys(document, indexed)]
            counts.update({*indexed.name.split(), *indexed.artists.split()})
        for kind in Kind:
            insert(connection, kind, rows[kind], words[kind])
    for kind in Kind:
        connection.executemany(
            f"INSERT OR IGNORE INTO {kind.value}_keys VALUES (?, ?)", sorted(keys[kind])
        )
    return sum(ranks.values())


def row(rank: int, document: Document, indexed: terms.Columns) -> tuple[object, ...]:
    """What is kept of a document besides its words."""
    stored = None
    if document.kind in {Kind.playlist, Kind.user}:
        stored = msgspec.msgpack.encode(
            Stored(
                owner=document.owner,
                description=document.description,
                cover_id=document.cover_id,
                tracks=document.tracks,
                name=document.name,
                version=document.version,
            )
        )
    return (rank, packed(document.id), indexed.name, indexed.artists, document.popularity, stored)


def packed(id: str) -> bytes | str:
    """An id of 22 characters as its 16 bytes."""
    return ids.to_bytes(id) if ids.is_valid(id) else id


def unpacked(stored: bytes | str) -> str:
    return ids.from_bytes(stored) if isinstance(stored, bytes) else stored


def insert(
    connection: sqlite3.Connection,
    kind: Kind,
    rows: Iterable[tuple[object, ...]],
    words: Iterable[tuple[object, ...]],
) -> None:
    """Rows as `row` makes them, and their rank with the columns of their words."""
    connection.executemany(f"INSERT INTO {kind.value}_docs VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.executemany(
        f"INSERT INTO {kind.value}_words(rowid, name, artists, album, facets)"
        " VALUES (?, ?, ?, ?, ?)",
        words,
    )


def _write_words(connection: sqlite3.Connection, counts: Counter[str]) -> None:
    """The vocabulary, the most frequent first: a smaller number is a more frequent word."""
    vocabulary = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    connection.executemany(
        "INSERT INTO vocabulary VALUES (?, ?, ?)",
        ((number, word, count) for number, (word, count) in enumerate(vocabulary, 1)),
    )
    connection.executemany("INSERT INTO completions VALUES (?, ?, ?, ?)", _completions(vocabulary))
    near = (
        (rest, number) for number, (word, _) in enumerate(vocabulary, 1) for rest in rests(word)
    )
    connection.executemany("INSERT OR IGNORE INTO near VALUES (?, ?)", sorted(near))


def _completions(vocabulary: list[tuple[str, int]]) -> Iterator[tuple[str, int, str, int]]:
    places: Counter[str] = Counter()
    for word, count in vocabulary:
        for length in range(1, LISTED_PREFIX + 1):
            prefix = word[:length]
            if len(prefix) == length and places[prefix] < MOST_COMPLETIONS:
                places[prefix] += 1
                yield prefix, places[prefix], word, count


def rests(word: str) -> list[int]:
    """Keys of the word, and of the word without each of its letters in turn."""
    if len(word) < SHORTEST_CORRECTED:
        return []
    shorter = {word[:place] + word[place + 1 :] for place in range(len(word))}
    return [text.key("near", rest) for rest in {word, *shorter}]
