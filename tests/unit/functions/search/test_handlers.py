"""Events put into the index what is; in any order and any number of times."""

import asyncio
import base64
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from functions.search.appender import Appender
from functions.search.compaction import Compaction
from functions.search.handlers import SearchEvents
from functions.search.live import LiveIndex
from functions.search.model import Kind
from shared import ids
from shared.events import (
    CatalogChanged,
    Change,
    PersonErased,
    PersonErasedHere,
    PlaylistChanged,
    ProfileChanged,
)
from tests.unit.functions.search.fakes import (
    FakePublisher,
    MemoryCatalogue,
    MemoryObjects,
    search,
    track,
)

SONG = ids.derive("song")
MIX = ids.derive("mix")


class World:
    def __init__(self) -> None:
        self.objects, self.catalogue = MemoryObjects(), MemoryCatalogue()
        self.publisher = FakePublisher()
        self.pauses: list[float] = []
        self.meanwhile: list[Any] = []
        self.handler = SearchEvents(
            appender=Appender(self.objects, self.catalogue.load),
            load=self.catalogue.load,
            compaction=Compaction(self.objects, self.catalogue),
            publisher=self.publisher,  # type: ignore[arg-type]  # the same method, in memory
            person_erased_here_topic="t",
            pause=self._pause,
        )

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.catalogue.put(*self.meanwhile)

    async def found(self, q: str, kind: Kind = Kind.track) -> list[str]:
        index = LiveIndex(self.objects)
        found = await index.run(lambda engine: search(engine, q, kind))
        await index.close()
        return found

    async def track_changed(self) -> None:
        await self.handler.catalog_changed(
            CatalogChanged("e", "", 1, [Change("track", SONG), Change("moon", SONG)])
        )


@pytest.fixture
def world() -> World:
    return World()


def playlist_changed(**fields: Any) -> PlaylistChanged:
    values = {
        "event_id": "e", "playlist_id": MIX, "owner": "anna", "name": "Morning", "description": "",
        "public": True, "collaborative": False, "deleted": False, "cover_id": "", "tracks": 3,
        "followers": 0, "version": 1,
    }  # fmt: skip
    return PlaylistChanged(**{**values, **fields})


async def test_a_new_track_is_found_and_a_taken_down_one_is_not(world: World) -> None:
    world.catalogue.put(track("Blue", id=SONG))
    for _ in range(2):
        await world.track_changed()
    assert await world.found("blue") == [SONG]
    world.catalogue.items.clear()
    await world.track_changed()
    assert await world.found("blue") == []


async def test_what_the_catalogue_told_late_is_read_again(world: World) -> None:
    world.catalogue.put(track("Blue", id=SONG))
    world.meanwhile = [track("Green", id=SONG)]
    await world.track_changed()
    assert world.pauses
    assert await world.found("green") == [SONG]
    assert await world.found("blue") == []


async def test_nothing_is_written_twice_for_what_stayed_the_same(world: World) -> None:
    world.catalogue.put(track("Blue", id=SONG))
    await world.track_changed()
    assert len(world.objects.names("deltas/")) == 1


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (2, 2, 1)])
async def test_the_newest_of_a_playlist_holds(world: World, order: tuple[int, ...]) -> None:
    named = {1: "Morning", 2: "Evening"}
    for version in order:
        await world.handler.playlist_changed(playlist_changed(name=named[version], version=version))
    assert await world.found("evening", Kind.playlist) == [MIX]
    assert await world.found("morning", Kind.playlist) == []


@pytest.mark.parametrize("fields", [{"public": False}, {"deleted": True}])
async def test_what_is_not_for_everybody_leaves(world: World, fields: dict[str, bool]) -> None:
    await world.handler.playlist_changed(playlist_changed())
    await world.handler.playlist_changed(playlist_changed(version=2, **fields))
    await world.handler.playlist_changed(playlist_changed())
    assert await world.found("morning", Kind.playlist) == []


async def test_a_person_by_their_last_name_until_they_are_erased(world: World) -> None:
    for name, at in (("Anna New", 20), ("Anna Old", 10)):
        await world.handler.profile_changed(ProfileChanged("e", "anna", name, at))
    await world.handler.playlist_changed(playlist_changed())
    assert await world.found("anna new", Kind.user) == ["anna"]
    assert await world.found("anna old", Kind.user) == []
    for _ in range(2):
        await world.handler.person_erased(PersonErased("e", "anna", ""))
    await world.handler.profile_changed(ProfileChanged("e", "anna", "Anna Again", 30))
    assert await world.found("anna", Kind.user) == []
    assert await world.found("morning", Kind.playlist) == []
    event_id = ids.derive("person-erased-here", "anna", "search")
    assert world.publisher.published == [PersonErasedHere(event_id, "anna", "search")] * 2


async def test_events_at_once(world: World) -> None:
    names = {ids.derive("p", str(number)): f"List {number}" for number in range(30)}
    await asyncio.gather(
        *(
            world.handler.playlist_changed(playlist_changed(playlist_id=id, name=name))
            for id, name in names.items()
        )
    )
    assert set(await world.found("list ", Kind.playlist)) == set(names)


@pytest.mark.parametrize(
    ("path", "event"),
    [
        ("person-erased", PersonErased("e", "", "")),
        ("person-erased", PersonErased("e", "a/b", "")),
        ("profile-changed", ProfileChanged("e", "", "Nobody", 1)),
        ("playlist-changed", playlist_changed(playlist_id="short")),
    ],
)
def test_events_that_make_no_sense(world: World, path: str, event: msgspec.Struct) -> None:
    data = base64.b64encode(msgspec.json.encode(event)).decode()
    answer = TestClient(world.handler.app()).post(
        f"/events/{path}", json={"message": {"data": data}}
    )
    assert answer.status_code == 400
    assert world.objects.held == {}


def test_the_tasks(world: World) -> None:
    client = TestClient(world.handler.app())
    assert client.post("/tasks/rebuild").json() == {"built": True}
    assert client.post("/tasks/compact").json() == {"built": False}
    assert client.get("/tasks/compact").status_code == 405
