"""The library's dependencies, in memory."""

import asyncio
import operator
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from shared import ids
from shared.audience import ANYBODY, Audience
from shared.catalog_client import Form
from shared.errors import NotFound, Unavailable
from shared.firestore import ABSENT, ANY, Conflict, Stored, Write
from shared.messaging import Publisher
from shared.mixes import Kind, mix_id
from shared.protos import catalog_pb2 as pb
from shared.protos import recommendations_pb2 as mixes_pb

URL = "https://music.example"
ALBUM = ids.derive("album", "one")
ARTIST = ids.derive("artist", "one")

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "<=": operator.le,
    "array_contains": lambda field, value: value in field,
}


class MemoryDocuments:
    """Keeps the store's promise: a batch holds together, on what it was worked out from."""

    def __init__(self) -> None:
        self.stored: dict[str, Stored] = {}
        self.conflicts = 0
        self.reads = 0
        self._writes = 0
        # Instances in threads of their own share what is stored.
        self._lock = threading.Lock()

    async def read(self, paths: Iterable[str]) -> Mapping[str, Stored]:
        await asyncio.sleep(0)
        wanted = list(paths)
        self.reads += len(wanted)
        return {path: self.stored[path] for path in wanted if path in self.stored}

    async def commit(self, writes: Sequence[Write]) -> Mapping[str, Any]:
        await asyncio.sleep(0)
        assert len({write.path for write in writes}) == len(writes)
        with self._lock:
            for write in writes:
                there = self.stored.get(write.path)
                version = there.version if there else ABSENT
                if write.before is not ANY and write.before != version:
                    self.conflicts += 1
                    raise Conflict(write.path)
            self._writes += 1
            for write in writes:
                self._put(write)
            return dict.fromkeys((write.path for write in writes), self._writes)

    def _put(self, write: Write) -> None:
        if write.add:
            there = self.stored.get(write.path)
            data = {**(there.data if there else {}), **(write.data or {})}
            for name, number in write.add.items():
                data[name] = data.get(name, 0) + number
            self.stored[write.path] = Stored(data, self._writes)
        elif write.data is None:
            self.stored.pop(write.path, None)
        else:
            self.stored[write.path] = Stored(dict(write.data), self._writes)

    async def find(
        self, collection: str, field: str, operator: str, value: object, limit: int
    ) -> list[str]:
        await asyncio.sleep(0)
        names = [
            path.rpartition("/")[2]
            for path, stored in self.stored.items()
            if path.rpartition("/")[0] == collection
            and field in stored.data
            and _OPERATORS[operator](stored.data[field], value)
        ]
        return names[:limit]


class RecordingPublisher(Publisher):
    """Keeps what is published; `fails` as many times first."""

    def __init__(self, fails: int = 0) -> None:
        super().__init__("tests")
        self.published: list[tuple[str, msgspec.Struct, str]] = []
        self.fails = fails

    async def publish(self, topic: str, event: msgspec.Struct, *, event_id: str) -> None:
        if self.fails > 0:
            self.fails -= 1
            raise TimeoutError
        self.published.append((topic, event, event_id))


class MemoryCovers:
    """Covers by id and size."""

    def __init__(self) -> None:
        self.stored: dict[str, dict[int, bytes]] = {}

    async def put(self, cover_id: str, pictures: dict[int, bytes]) -> None:
        self.stored[cover_id] = pictures

    async def delete(self, cover_id: str) -> None:
        self.stored.pop(cover_id, None)

    async def delete_all_of(self, playlist_id: str) -> None:
        for cover_id in [each for each in self.stored if each.startswith(f"{playlist_id}-")]:
            del self.stored[cover_id]


class FakeCatalog:
    """Some tracks, albums and artists, in the Web API's shapes; `asked` counts the calls."""

    def __init__(self, *, tracks: Sequence[str] = (), albums: Sequence[str] = ()) -> None:
        self.known_tracks = list(tracks)
        self.known_albums = list(albums)
        self.known_artists = [ARTIST, *(ids.derive("artist", str(at)) for at in range(30))]
        self.asked = 0
        self.audiences: list[Audience] = []

    async def tracks(self, wanted: Sequence[str]) -> list[pb.Track]:
        self.asked += 1
        return [pb.Track(id=id, cover_id=f"cover-{id}") for id in wanted if id in self.known_tracks]

    async def albums(self, wanted: Sequence[str]) -> list[pb.Album]:
        self.asked += 1
        return [pb.Album(id=id) for id in wanted if id in self.known_albums]

    async def artists(self, wanted: Sequence[str]) -> list[pb.Artist]:
        self.asked += 1
        return [pb.Artist(id=id) for id in wanted if id in self.known_artists]

    async def describe(
        self, form: Form, wanted: Sequence[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]:
        self.asked += 1
        self.audiences.append(audience)
        known, shape = {
            Form.track: (self.known_tracks, track_json),
            Form.full_album: (self.known_albums, album_json),
            Form.artist: (self.known_artists, artist_json),
        }[form]
        return {id: msgspec.Raw(msgspec.json.encode(shape(id))) for id in wanted if id in known}


class FakeRecommendations:
    """Mixes by their listener; `asked` counts the calls. `away`: nothing answers."""

    def __init__(self) -> None:
        self.known: dict[str, list[mixes_pb.Mix]] = {}
        self.asked = 0
        self.away = False
        self.audiences: list[Audience] = []

    def add(self, user: str, tracks: Sequence[str], **given: Any) -> mixes_pb.Mix:
        """One mix more, the last of theirs."""
        theirs = self.known.setdefault(user, [])
        values: dict[str, Any] = {
            "id": mix_id(user, Kind.daily_mix, len(theirs) + 1),
            "kind": Kind.daily_mix.value,
            "name": f"Daily Mix {len(theirs) + 1}",
            "description": "This and that",
            "cover_id": "mixed",
            "total": len(tracks),
            "made_at": 1_900_000_000,
            "version": 77,
            "tracks": [mixes_pb.MixTrack(id=id, reason="because") for id in tracks],
            **given,
        }
        theirs.append(mixes_pb.Mix(**values))
        return theirs[-1]

    async def mixes(self, user_id: str, audience: Audience = ANYBODY) -> Sequence[mixes_pb.Mix]:
        self._ask()
        self.audiences.append(audience)
        listed = []
        for mix in self.known.get(user_id, []):
            bare = mixes_pb.Mix()
            bare.CopyFrom(mix)
            del bare.tracks[:]
            listed.append(bare)
        return listed

    async def mix(self, user_id: str, mix_id: str, audience: Audience = ANYBODY) -> mixes_pb.Mix:
        self._ask()
        self.audiences.append(audience)
        for mix in self.known.get(user_id, []):
            if mix.id == mix_id:
                return mix
        raise NotFound("Resource not found")

    def _ask(self) -> None:
        self.asked += 1
        if self.away:
            raise Unavailable("away")


def _item(type: str, id: str) -> dict[str, Any]:
    return {
        "external_urls": {"spotify": f"{URL}/{type}/{id}"},
        "href": f"{URL}/v1/{type}s/{id}",
        "id": id,
        "name": f"The {type} {id}",
        "type": type,
        "uri": f"spotify:{type}:{id}",
    }


def artist_json(id: str) -> dict[str, Any]:
    more = {"followers": {"href": None, "total": 0}, "genres": [], "images": [], "popularity": 0}
    return _item("artist", id) | more


def track_json(id: str) -> dict[str, Any]:
    return _item("track", id) | {
        "album": _simple_album(ALBUM),
        "artists": [_item("artist", ARTIST)],
        "available_markets": ["SE"],
        "disc_number": 1,
        "duration_ms": 1000,
        "explicit": False,
        "external_ids": {"isrc": "X"},
        "is_local": False,
        "is_playable": True,
        "popularity": 0,
        "preview_url": None,
        "track_number": 1,
    }


def album_json(id: str) -> dict[str, Any]:
    page = {
        "href": f"{URL}/v1/albums/{id}/tracks",
        "items": [],
        "limit": 50,
        "next": None,
        "offset": 0,
        "previous": None,
        "total": 0,
    }
    return _simple_album(id) | {
        "copyrights": [],
        "external_ids": {"upc": "X"},
        "genres": [],
        "label": "",
        "popularity": 0,
        "tracks": page,
    }


def _simple_album(id: str) -> dict[str, Any]:
    return _item("album", id) | {
        "album_type": "album",
        "artists": [_item("artist", ARTIST)],
        "available_markets": ["SE"],
        "images": [],
        "release_date": "2020",
        "release_date_precision": "year",
        "total_tracks": 1,
    }
