"""A bucket, a catalogue and an index in memory."""

import asyncio
import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from functions.search import build
from functions.search.engine import Engine
from functions.search.index import Index
from functions.search.model import Document, Kind
from functions.search.objects import Listed
from functions.search.overlay import Overlay
from functions.search.query import parse
from shared import ids
from shared.audience import ANYBODY, Audience
from shared.catalog_client import Form

TODAY = datetime.date(2026, 11, 23)
EPOCH = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)


class MemoryObjects:
    """A bucket. `now` is when what is written was written."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[bytes, int, datetime.datetime]] = {}
        self.now = EPOCH
        self.reads = 0
        self._generation = 0

    async def read(self, name: str) -> tuple[bytes, int] | None:
        self.reads += 1
        await asyncio.sleep(0)
        found = self.held.get(name)
        return (found[0], found[1]) if found else None

    async def write(self, name: str, data: bytes, *, if_generation: int) -> bool:
        await asyncio.sleep(0)
        if (self.held[name][1] if name in self.held else 0) != if_generation:
            return False
        self._put(name, data)
        return True

    async def list(self, prefix: str, after: str = "") -> Sequence[Listed]:
        await asyncio.sleep(0)
        return [
            Listed(name, len(data), written_at)
            for name, (data, _, written_at) in sorted(self.held.items())
            if name.startswith(prefix) and name > after
        ]

    async def delete(self, name: str) -> None:
        self.held.pop(name, None)

    async def upload(self, name: str, file: Path) -> None:
        self._put(name, file.read_bytes())

    async def download(self, name: str, file: Path) -> bool:
        if name not in self.held:
            return False
        file.write_bytes(self.held[name][0])
        return True

    def names(self, prefix: str) -> Sequence[str]:
        return sorted(name for name in self.held if name.startswith(prefix))

    def _put(self, name: str, data: bytes) -> None:
        self._generation += 1
        self.held[name] = (data, self._generation, self.now)


class MemoryCatalogue:
    """What catalog-rpc answers from, by type and id."""

    def __init__(self) -> None:
        self.items: dict[tuple[Kind, str], Document] = {}
        self.described_for: list[Audience] = []

    def put(self, *documents: Document) -> None:
        self.items.update({(each.kind, each.id): each for each in documents})

    async def load(self, items: Sequence[tuple[Kind, str]]) -> list[Document]:
        await asyncio.sleep(0)
        return [self.items.get((kind, id)) or Document(kind, id, gone_at=1) for kind, id in items]

    async def list(self, type: str, page_token: str = "", limit: int = 1000) -> Any:
        from shared.protos import catalog_pb2 as pb

        found = sorted(id for kind, id in self.items if kind.value == type)
        start = int(page_token or 0)
        page = [self.items[Kind(type), id] for id in found[start : start + limit]]
        following = str(start + limit) if start + limit < len(found) else ""
        if type == "track":
            tracks = [pb.Track(id=each.id, name=each.name) for each in page]
            return pb.Listed(tracks=tracks, next_page_token=following)
        if type == "album":
            albums = [pb.Album(id=each.id, name=each.name) for each in page]
            return pb.Listed(albums=albums, next_page_token=following)
        artists = [pb.Artist(id=each.id, name=each.name) for each in page]
        return pb.Listed(artists=artists, next_page_token=following)

    async def describe(
        self, form: Form, ids: Iterable[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]:
        self.described_for.append(audience)
        kind = Kind(form.name)
        return {
            id: msgspec.Raw(msgspec.json.encode({"id": id, "name": self.items[kind, id].name}))
            for id in ids
            if (kind, id) in self.items
        }


class FakePublisher:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.published: list[Any] = []

    async def publish(self, topic: str, event: Any, *, event_id: str) -> None:
        self.published.append(event)


def track(name: str, artist: str = "Nobody", **fields: Any) -> Document:
    """A track whose id is made of its name and artist."""
    id = fields.pop("id", "") or ids.derive("test", name, artist)
    return Document(Kind.track, id, name, artists=(artist,), **fields)


def album(name: str, artist: str = "Nobody", **fields: Any) -> Document:
    return Document(Kind.album, ids.derive("album", name), name, artists=(artist,), **fields)


def artist(name: str, **fields: Any) -> Document:
    return Document(Kind.artist, ids.derive("artist", name), name, **fields)


def playlist(name: str, owner: str = "anna", version: int = 1, **fields: Any) -> Document:
    id = fields.pop("id", "") or ids.derive("playlist", name)
    return Document(Kind.playlist, id, name, owner=owner, version=version, **fields)


def by_popularity(documents: Iterable[Document]) -> list[Document]:
    return sorted(documents, key=lambda each: (-each.popularity, each.kind.value, each.id))


def base_of(folder: Path, documents: Iterable[Document], name: str = "index.db") -> Index:
    """The index of these documents as one file."""
    build.build(folder / name, by_popularity(documents))
    return Index.open(folder / name)


def engine_of(folder: Path, *documents: Document, later: Sequence[Document] = ()) -> Engine:
    """A base of `documents`, and what came later."""
    base = base_of(folder, documents)
    overlay = Overlay(base)
    overlay.apply(later)
    return Engine(base, overlay)


def search(engine: Engine, q: str, kind: Kind = Kind.track, upto: int = 200) -> list[str]:
    """The ids found, in order."""
    return engine.search(parse(q), kind, TODAY, upto=upto).ids()
