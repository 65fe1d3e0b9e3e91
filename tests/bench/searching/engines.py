"""Cadenza's engine, and FTS5 and tantivy as they come, behind one face."""

import datetime
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from functions.search import build, query
from functions.search.distance import is_one_error
from functions.search.engine import Engine
from functions.search.index import Index
from functions.search.model import Document, Kind
from tests.bench.searching.queries import Asked

LIMIT = 10
_TODAY = datetime.date(2026, 1, 1)


class Searching(Protocol):
    """An engine that is open."""

    def search(self, asked: Asked) -> list[str]:
        """The ids of the first ten."""


class Cadenza:
    """What `functions/search` does for one request, without the network around it."""

    def __init__(self, path: Path) -> None:
        self._engine = Engine(Index.open(path / "index.db"))

    @staticmethod
    def build(path: Path, tracks: Sequence[Document]) -> None:
        build.build(path / "index.db", tracks)

    def search(self, asked: Asked) -> list[str]:
        q = asked.q if asked.goes_on else f"{asked.q} "
        if asked.fields:
            years = asked.fields.get("from")
            q = "".join(
                f"{name}:{word} "
                for name, word in asked.fields.items()
                if name not in {"from", "to"}
            )
            q += f"year:{years}-{asked.fields['to']} " if years else ""
        return self._engine.search(query.parse(q), Kind.track, _TODAY).ids(0, LIMIT)


class PlainFts5:
    """FTS5 with rows by popularity and prefix indexes, and each unknown word replaced by the most
    frequent one of those that one error makes of it."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path / 'plain.db'}?mode=ro&immutable=1", uri=True)
        self._db.execute(f"PRAGMA mmap_size = {2**40}")

    @staticmethod
    def build(path: Path, tracks: Sequence[Document]) -> None:
        db = sqlite3.connect(path / "plain.db", isolation_level=None)
        db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE docs(rank INTEGER PRIMARY KEY, id TEXT, year INTEGER);"
            "CREATE VIRTUAL TABLE words USING fts5(name, artists, album, content='', prefix='2 3');"
            "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, row);"
            "CREATE TABLE known(id INTEGER PRIMARY KEY, word TEXT UNIQUE, count INTEGER);"
            "CREATE TABLE near(rest INTEGER, word INTEGER, PRIMARY KEY(rest, word)) WITHOUT ROWID;"
        )
        db.execute("BEGIN")
        rows = [(n, t.id, int(t.released or 0)) for n, t in enumerate(tracks, 1)]
        db.executemany("INSERT INTO docs VALUES (?, ?, ?)", rows)
        db.executemany(
            "INSERT INTO words(rowid, name, artists, album) VALUES (?, ?, ?, ?)",
            ((n, t.name, " ".join(t.artists), t.album) for n, t in enumerate(tracks, 1)),
        )
        db.execute("COMMIT")
        db.execute("BEGIN")
        counts: Counter[str] = Counter(dict(db.execute("SELECT term, doc FROM vocabulary")))
        known = [(n, word, count) for n, (word, count) in enumerate(counts.most_common(), 1)]
        db.executemany("INSERT INTO known VALUES (?, ?, ?)", known)
        near = sorted((rest, n) for n, word, _ in known for rest in build.rests(word))
        db.executemany("INSERT OR IGNORE INTO near VALUES (?, ?)", near)
        db.execute("COMMIT")
        db.close()

    def search(self, asked: Asked) -> list[str]:
        sql = "SELECT docs.id FROM words JOIN docs ON docs.rank = words.rowid WHERE words MATCH ?"
        if asked.fields:
            columns = {"track": "name", "artist": "artists", "album": "album"}
            match = " AND ".join(
                f'{columns[name]} : "{word}"'
                for name, word in asked.fields.items()
                if name in columns
            )
            if "from" in asked.fields:
                sql += f" AND year BETWEEN {asked.fields['from']} AND {asked.fields['to']}"
        else:
            words = asked.q.split()
            if asked.kind == "one error":
                words = [self._corrected(word) for word in words]
            match = " AND ".join(f'"{word}"' for word in words) + "*" * asked.goes_on
        found = self._db.execute(f"{sql} ORDER BY words.rowid LIMIT {LIMIT}", (match,))
        return [id for (id,) in found]

    def _corrected(self, word: str) -> str:
        if self._db.execute("SELECT 1 FROM known WHERE word = ?", (word,)).fetchone():
            return word
        rests = build.rests(word)
        found = self._db.execute(
            "SELECT word FROM known WHERE id IN (SELECT word FROM near WHERE rest IN"
            f" ({','.join('?' * len(rests))})) ORDER BY id",
            rests,
        )
        return next((other for (other,) in found if is_one_error(word, other)), word)


class PlainTantivy:
    """tantivy's own query parser, fuzzy terms and BM25."""

    def __init__(self, path: Path) -> None:
        import tantivy  # type: ignore[import-not-found]  # in a group of its own

        self._index = tantivy.Index.open(str(path))
        self._searcher = self._index.searcher()

    @staticmethod
    def build(path: Path, tracks: Sequence[Document]) -> None:
        import tantivy

        schema = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
        for name in ("name", "artists", "album"):
            schema = schema.add_text_field(name)
        schema = schema.add_integer_field("year", indexed=True)
        index = tantivy.Index(schema.build(), path=str(path))
        writer = index.writer(256 * 1024 * 1024, 1)
        for track in tracks:
            writer.add_document(
                tantivy.Document(
                    id=track.id,
                    name=track.name,
                    artists=" ".join(track.artists),
                    album=track.album,
                    year=int(track.released or 0),
                )
            )
        writer.commit()
        writer.wait_merging_threads()

    def search(self, asked: Asked) -> list[str]:
        fields = ["name", "artists", "album"]
        options: dict[str, Any] = {"conjunction_by_default": True}
        if asked.fields:
            columns = {"track": "name", "artist": "artists", "album": "album"}
            q = " ".join(
                f"{columns[name]}:{word}" for name, word in asked.fields.items() if name in columns
            )
            if "from" in asked.fields:
                q += f" year:[{asked.fields['from']} TO {asked.fields['to']}]"
        else:
            q = asked.q
            if asked.goes_on:
                options["fuzzy_fields"] = dict.fromkeys(fields, (True, 0, True))
            if asked.kind == "one error":
                options["fuzzy_fields"] = dict.fromkeys(fields, (False, 1, True))
        parsed = self._index.parse_query(q, fields, **options)
        hits = self._searcher.search(parsed, LIMIT).hits
        return [self._searcher.doc(address)["id"][0] for _, address in hits]


BUILDERS: dict[str, Callable[[Path, Sequence[Document]], None]] = {
    "cadenza": Cadenza.build,
    "plain FTS5": PlainFts5.build,
    "plain tantivy": PlainTantivy.build,
}
OPENERS: dict[str, Callable[[Path], Searching]] = {
    "cadenza": Cadenza,
    "plain FTS5": PlainFts5,
    "plain tantivy": PlainTantivy,
}
