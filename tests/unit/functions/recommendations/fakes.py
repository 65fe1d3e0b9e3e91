"""Stands in for Firestore, BigQuery and the rest, in memory."""

import copy
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from functions.recommendations.mixes.listening import Fact
from functions.recommendations.model import KnownTrack, Radio
from functions.recommendations.warehouse import Progress, Row, StatementFailed, Value
from shared import ids
from shared.audience import ANYBODY, Audience
from shared.catalog_client import Form
from shared.documents import to_document
from shared.firestore import Conflict, Stored
from shared.protos.catalog_pb2 import ArtistRef, Media, Track

# A Wednesday.
NOW = datetime.datetime(2026, 11, 25, 3, tzinfo=datetime.UTC)
DATASET = "p.warehouse"


def track_id(number: int) -> str:
    return ids.derive("track", str(number))


def artist_id(number: int) -> str:
    return ids.derive("artist", str(number))


def fact(number: int, *, artist: int = 0, **given: Any) -> Fact:
    values: dict[str, Any] = {
        "artists": [artist_id(artist)],
        "artist_names": [f"Artist {artist}"],
        "cover_id": f"cover{number}",
        **given,
    }
    return Fact(id=track_id(number), **values)


def radio(*numbers: int, about: str = "") -> dict[str, Any]:
    """A radio's document: tracks as `fact` has them, five by each artist."""
    near = [
        KnownTrack(track_id(each), [artist_id(each // 5)], False, [], f"cover{each}")
        for each in numbers
    ]
    return to_document(Radio(near, about))


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime.datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += datetime.timedelta(**by)


class MemoryDocuments:
    """Documents with versions; `in_between` is done once, before the next write is checked."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self._versions: dict[str, int] = {}
        self.reads: list[list[str]] = []
        self.in_between: Any = None

    async def read(self, paths: Iterable[str]) -> Mapping[str, Stored]:
        wanted = list(paths)
        self.reads.append(wanted)
        return {
            path: Stored(copy.deepcopy(self.kept[path]), self._versions[path])
            for path in wanted
            if path in self.kept
        }

    async def write(self, path: str, fields: Mapping[str, Any], before: Any) -> Any:
        if self.in_between is not None:
            meanwhile, self.in_between = self.in_between, None
            await meanwhile()
        if before != (self._versions[path] if path in self.kept else None):
            raise Conflict(path)
        self.kept.setdefault(path, {}).update(copy.deepcopy(dict(fields)))
        self._versions[path] = self._versions.get(path, 0) + 1
        return self._versions[path]

    async def replace(self, path: str, data: Mapping[str, Any]) -> None:
        self.kept[path] = copy.deepcopy(dict(data))
        self._versions[path] = self._versions.get(path, 0) + 1

    async def replace_all(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        for path, data in documents.items():
            await self.replace(path, data)


class FakeWarehouse:
    """Answers a query by the first text in `answers` that it holds.

    `fails` is by text too: how often statements that hold it fail; `slow` are found running so
    often before they are done.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Sequence[Row]] = {}
        self.fails: dict[str, int] = {}
        self.slow: dict[str, int] = {}
        self.ran: list[tuple[str, str]] = []
        self.asked: list[tuple[str, Mapping[str, Value]]] = []
        self.appended: dict[str, Row] = {}

    async def run(self, statement: str, *, job_id: str, wait_s: float) -> Progress:
        self.ran.append((job_id, statement))
        self._may_fail(statement)
        for text, times in self.slow.items():
            if text in statement and times:
                self.slow[text] = times - 1
                return Progress.running
        return Progress.done

    async def rows(self, query: str, **parameters: Value) -> list[Row]:
        self.asked.append((query, parameters))
        self._may_fail(query)
        for text, rows in self.answers.items():
            if text in query:
                return list(rows)
        return []

    async def append(self, table: str, rows: Sequence[tuple[str, Row]]) -> None:
        self.appended.update({f"{table}/{row_id}": row for row_id, row in rows})

    def _may_fail(self, statement: str) -> None:
        for text, times in self.fails.items():
            if text in statement and times:
                self.fails[text] = times - 1
                raise StatementFailed(f"{text} is refused")


class FakeCatalogue:
    """Tracks by number; what is `gone` is not listed."""

    def __init__(self, tracks: int = 60) -> None:
        self.known = {
            track_id(number): Track(
                id=track_id(number),
                name=f"Track {number}",
                artists=[ArtistRef(id=artist_id(number // 5), name=f"Artist {number // 5}")],
                album_id=ids.derive("album", str(number)),
                media=Media(prefix=f"media/{number}"),
                playable=True,
                genres=["jazz"],
                markets=["SE", "NO"],
            )
            for number in range(tracks)
        }
        self.gone: set[str] = set()
        self.audiences: list[Audience] = []

    async def tracks(self, ids: Sequence[str]) -> Sequence[Track]:
        return [self.known[id] for id in ids if id in self.known and id not in self.gone]

    async def artist_tracks(self, artist_id: str, limit: int = 100) -> list[str]:
        return [id for id, track in self.known.items() if track.artists[0].id == artist_id][:limit]

    async def describe(
        self, form: Form, ids: Iterable[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]:
        self.audiences.append(audience)
        found = await self.tracks(list(ids))
        return {
            track.id: msgspec.Raw(msgspec.json.encode({"id": track.id, "name": track.name}))
            for track in found
        }


class RecordingPublisher:
    def __init__(self) -> None:
        self.published: list[tuple[str, msgspec.Struct]] = []

    async def publish(self, topic: str, event: msgspec.Struct, *, event_id: str) -> None:
        self.published.append((topic, event))
