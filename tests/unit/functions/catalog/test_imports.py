from collections.abc import Iterable
from typing import Any

import pytest
from starlette.testclient import TestClient

from functions.catalog.audit import Entry, Tag
from functions.catalog.import_store import Found, Import, Writes
from functions.catalog.imports import Imports
from functions.catalog.model import Album, StoredTrack
from functions.catalog.store import Stored
from functions.catalog.telling import Teller
from shared import ids
from shared.firestore import Conflict
from tests import catalogues
from tests.unit.functions.catalog.callers import as_, client_of
from tests.unit.functions.catalog.factories import track
from tests.unit.functions.catalog.fakes import MemoryCatalogue, MemoryEdits, RecordingPublisher

SHA256 = "0" * 64


class MemoryImports:
    """Keeps the store's promise: a write holds only on what was found."""

    def __init__(self) -> None:
        self.imports: dict[str, Stored[Import]] = {}
        self.artists: dict[str, str] = {}
        self.albums: dict[str, Stored[Album]] = {}
        self.tracks: dict[str, Stored[StoredTrack]] = {}
        self.entries: list[Entry] = []
        self.writes = 0

    async def open(self, fresh: Import, entry: Entry) -> Stored[Import]:
        if fresh.id not in self.imports:
            self.imports[fresh.id] = Stored(fresh, 0)
            self.entries.append(entry)
        return self.imports[fresh.id]

    async def find(self, import_id: str) -> Stored[Import] | None:
        return self.imports.get(import_id)

    async def find_items(
        self, artists: Iterable[str], albums: Iterable[str], tracks: Iterable[str]
    ) -> Found:
        return Found(
            {id: self.artists[id] for id in artists if id in self.artists},
            {id: self.albums[id] for id in albums if id in self.albums},
            {id: self.tracks[id] for id in tracks if id in self.tracks},
        )

    async def put(
        self, writes: Writes, found: Found, before: Stored[Import], after: Import
    ) -> None:
        for imported in writes.albums:
            if self.albums.get(imported.album.id) is not found.albums.get(imported.album.id):
                raise Conflict
            if any(
                self.tracks.get(one.id) is not found.tracks.get(one.id) for one in imported.tracks
            ):
                raise Conflict
        self.writes += 1
        self.artists |= {artist.id: artist.name for artist in writes.artists}
        for imported in writes.albums:
            self.albums[imported.album.id] = Stored(imported.album, self.writes)
            for one in imported.tracks:
                fields = {name: getattr(one, name) for name in type(one).__struct_fields__}
                self.tracks[one.id] = Stored(StoredTrack(**fields, changes=[]), self.writes)
        self.imports[after.id] = Stored(after, self.writes)


class World:
    """An operator before an empty catalogue."""

    def __init__(self) -> None:
        self.store = MemoryImports()
        teller = Teller(MemoryEdits(MemoryCatalogue()), RecordingPublisher(), "t")
        self.client: TestClient = client_of([Imports(self.store, teller)], "operator")
        self.id = self.open()["id"]

    def open(self, sha256: str = SHA256) -> Any:
        return self.client.post("/v1/imports", json={"name": "file", "sha256": sha256}).json()

    def send(self, sequence: int, items: list[Any]) -> Any:
        answer = self.client.post(
            f"/v1/imports/{self.id}/batches", json={"sequence": sequence, "items": items}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def world() -> World:
    return World()


def ordered(tracks: int) -> list[dict[str, Any]]:
    rank = {"artist": 0, "album": 1, "track": 2}
    return sorted(catalogues.lines(tracks, artists=3), key=lambda line: rank[line["type"]])


def test_a_batch_is_put_in(world: World) -> None:
    lines = ordered(30)
    answer = world.send(1, lines)
    assert answer == {"accepted": len(lines), "refused": [], "next_sequence": 2}
    assert len(world.store.tracks) == 30
    listed = [each.id for stored in world.store.albums.values() for each in stored.item.tracks]
    assert sorted(listed) == sorted(world.store.tracks)
    shown = world.client.get(f"/v1/imports/{world.id}").json()
    assert (shown["accepted"], shown["next_sequence"]) == (len(lines), 2)


def test_an_album_may_come_in_pieces(world: World) -> None:
    lines = ordered(30)
    for sequence, line in enumerate(lines, 1):
        assert world.send(sequence, [line])["accepted"] == 1
    whole = World()
    whole.send(1, lines)
    assert {id: stored.item for id, stored in world.store.albums.items()} == {
        id: stored.item for id, stored in whole.store.albums.items()
    }


def test_a_batch_that_comes_again_is_answered_as_before(world: World) -> None:
    lines = [*ordered(3), {"type": "track"}]
    first = world.send(1, lines)
    assert [each["line"] for each in first["refused"]] == [len(lines)]
    assert world.send(1, lines) == first
    assert world.store.writes == 1
    late = world.client.post(f"/v1/imports/{world.id}/batches", json={"sequence": 3, "items": []})
    assert (late.status_code, late.json()["error"]["message"]) == (
        409,
        "Invalid sequence: expected 2",
    )


def test_the_same_file_goes_on_where_it_was(world: World) -> None:
    world.send(1, ordered(3))
    assert world.open()["next_sequence"] == 2
    assert world.open("1" * 64)["next_sequence"] == 1
    assert [entry.tag for entry in world.store.entries] == [Tag.import_opened] * 2


def test_lines_are_refused_one_by_one(world: World) -> None:
    artist, album = (
        next(x for x in ordered(3) if x["type"] == kind) for kind in ("artist", "album")
    )
    song = next(x for x in ordered(3) if x.get("album") == album["id"])
    nobody = ids.derive("nobody")
    artists = [line for line in ordered(3) if line["type"] == "artist"]
    answer = world.send(
        1,
        [
            *artists,
            artist,
            album,
            song,
            song | {"id": nobody, "album": nobody},
            song | {"id": nobody, "artists": [nobody]},
            album | {"id": nobody, "artists": [nobody]},
            song | {"id": ids.derive("of a refused album"), "album": nobody},
            "no object",
        ],
    )
    assert {each["line"]: each["reason"].split(":")[0] for each in answer["refused"]} == {
        4: "id",
        7: "album",
        8: "id",
        9: "artists",
        10: "album",
        11: "expected `object`, got `str`",
    }
    assert answer["accepted"] == 5


def test_a_track_stays_on_its_album(world: World) -> None:
    lines = ordered(30)
    world.send(1, lines)
    song = next(line for line in lines if line["type"] == "track")
    albums = [line["id"] for line in lines if line["type"] == "album"]
    other = next(id for id in albums if id != song["album"])
    [refused] = world.send(2, [song | {"album": other}])["refused"]
    assert f"is on album {song['album']}" in refused["reason"]


def test_a_track_of_a_new_album_may_be_elsewhere(world: World) -> None:
    """Which is only found out when it cannot be written."""
    lines = ordered(3)
    world.send(1, lines)
    album, song = (next(x for x in lines if x["type"] == kind) for kind in ("album", "track"))
    fresh = ids.derive("fresh")
    answer = world.send(2, [album | {"id": fresh}, song | {"album": fresh}])
    assert [each["line"] for each in answer["refused"]] == [2]


def test_what_was_uploaded_is_not_overwritten(world: World) -> None:
    lines = ordered(3)
    song = track("uploaded")
    uploaded = StoredTrack(
        **{name: getattr(song, name) for name in type(song).__struct_fields__}, changes=[]
    )
    world.store.tracks[song.id] = Stored(uploaded, 0)
    mine = next(line for line in lines if line["type"] == "track") | {"id": song.id}
    [refused] = world.send(1, [*lines, mine])["refused"]
    assert (refused["line"], "was uploaded" in refused["reason"]) == (len(lines) + 1, True)


def test_a_line_that_comes_again_later_changes_what_it_says(world: World) -> None:
    lines = ordered(3)
    world.send(1, lines)
    song = next(line for line in lines if line["type"] == "track")
    world.send(2, [song | {"name": "Renamed"}])
    assert world.store.tracks[song["id"]].item.name == "Renamed"
    listed = world.store.albums[song["album"]].item.tracks
    assert [each.name for each in listed if each.id == song["id"]] == ["Renamed"]


def test_only_operators(world: World) -> None:
    for caller in ("owner", "anybody"):
        answers = [
            world.client.post("/v1/imports", json={"name": "x"}, headers=as_(caller)),
            world.client.get(f"/v1/imports/{world.id}", headers=as_(caller)),
            world.client.post(f"/v1/imports/{world.id}/batches", json={}, headers=as_(caller)),
        ]
        assert [answer.status_code for answer in answers] == [403] * 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"sequence":0,"items":[]}',
        b'{"sequence":1,"items":[' + b"1," * 500 + b"1]}",
    ],
)
def test_what_is_no_batch_is_refused(world: World, body: bytes) -> None:
    assert world.client.post(f"/v1/imports/{world.id}/batches", content=body).status_code == 400
    assert (
        world.client.post(
            f"/v1/imports/{ids.random()}/batches", json={"sequence": 1, "items": []}
        ).status_code
        == 404
    )
