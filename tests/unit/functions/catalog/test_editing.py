import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from functions.catalog import editing
from functions.catalog.audit import Tag
from functions.catalog.editing import Editing
from functions.catalog.items import Items
from functions.catalog.reader import Reader
from functions.catalog.routes import Part
from functions.catalog.shapes import Shapes
from functions.catalog.telling import Teller
from functions.catalog.views import Views
from shared import ids
from shared.events import CatalogChanged, Change, MediaReady, PersonErased
from tests.unit.functions.catalog.callers import as_, client_of
from tests.unit.functions.catalog.factories import OWNER, media_ready, track
from tests.unit.functions.catalog.fakes import (
    MemoryCatalogue,
    MemoryEdits,
    RecordingPublisher,
    catalog_events,
)

ONE = media_ready("one", genres=["pop"])
TWO = media_ready("two", track_number=2, genres=["pop"])
ALBUM = track("one").album_id
UNKNOWN = ids.derive("nothing")


class World:
    """An album of two tracks, whose owner calls."""

    def __init__(self) -> None:
        self.catalogue = MemoryCatalogue()
        self.edits = MemoryEdits(self.catalogue)
        self.publisher = RecordingPublisher()
        self.events = catalog_events(
            store=self.catalogue,
            publisher=RecordingPublisher(),
            catalog_changed_topic="t",
            person_erased_here_topic="t",
        )
        self.deliver([ONE, TWO])
        reader, shapes = Reader(self.catalogue, ttl_s=3600), Shapes("https://music.example")
        teller = Teller(self.edits, self.publisher, "t")
        parts: list[Part] = [
            Items(reader, Views(reader, shapes), shapes),
            Editing(self.edits, teller, reader.evict),
        ]
        self.client: TestClient = client_of(parts, "owner")

    def deliver(self, events: Iterable[MediaReady]) -> None:
        async def each() -> None:
            for event in events:
                await self.events.media_ready(event)

        asyncio.run(each())

    def get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, path: str, caller: str = "owner", **change: Any) -> Any:
        answer = self.client.put(path, json=change, headers=as_(caller))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def told(self) -> set[Change]:
        return {
            change
            for _, event, _ in self.publisher.published
            if isinstance(event, CatalogChanged)
            for change in event.changes
        }


@pytest.fixture
def world() -> World:
    return World()


def of(event: MediaReady) -> str:
    return f"/v1/tracks/{event.track_id}"


def test_what_the_owner_says_is_shown_at_once(world: World) -> None:
    assert world.get(of(ONE))["name"] == "one"
    state = world.put(
        of(ONE), name=" Eins ", explicit=True, genres=["Jazz"], isrc="se-abc-99-00001"
    )
    assert (state["name"], state["genres"]) == ("Eins", ["jazz"])
    assert state["edited"] == ["explicit", "genres", "isrc", "name"]
    shown = world.get(of(ONE))
    assert (shown["name"], shown["explicit"]) == ("Eins", True)
    assert shown["external_ids"] == {"isrc": "SEABC9900001"}
    listed = world.get(f"/v1/albums/{ALBUM}")["tracks"]["items"]
    assert [each["name"] for each in listed] == ["Eins", "two"]
    assert [each.genres for each in world.catalogue.all_artists().values()] == [["jazz", "pop"]]


def test_null_gives_back_what_the_file_says(world: World) -> None:
    before = world.get(of(ONE))
    world.put(of(ONE), name="Eins", genres=["jazz"])
    assert world.put(of(ONE), name=None)["edited"] == ["genres"]
    world.put(of(ONE), genres=None)
    assert world.get(of(ONE)) == before


def test_an_edit_outlives_the_next_upload_of_the_file(world: World) -> None:
    world.put(of(ONE), name="Eins")
    world.deliver([replace(ONE, generation=2, title="uno", explicit=True)])
    world.client.put(of(TWO), json={})
    shown = world.catalogue.all_albums()[ALBUM].tracks[0]
    assert (shown.name, shown.explicit) == ("Eins", True)


def test_an_albums_edit_outlives_its_tracks(world: World) -> None:
    path = f"/v1/albums/{ALBUM}"
    state = world.put(path, name="Neu", label="L", copyright="© L", release_date="2001-02")
    assert state["edited"] == ["copyright", "label", "name", "release_date"]
    world.deliver([media_ready("three", label="tagged"), replace(ONE, generation=2)])
    album = world.catalogue.all_albums()[ALBUM]
    assert (album.name, album.label, album.released.date) == ("Neu", "L", "2001-02")
    assert album.total_tracks == 3
    assert world.put(path, label=None)["label"] == "tagged"


def test_markets_and_window_hold_where_and_when(world: World) -> None:
    world.put(of(ONE), markets=["SE", "DE"], available_from="2001-01-01T01:00:00+01:00")
    world.put(f"/v1/albums/{ALBUM}", markets=["SE", "US"])
    assert world.get(of(ONE))["available_markets"] == ["SE"]
    assert world.get(f"{of(ONE)}?market=SE")["is_playable"] is True
    refused = world.get(f"{of(ONE)}?market=US")
    assert (refused["is_playable"], refused["restrictions"]) == (False, {"reason": "market"})
    world.put(of(ONE), available_from="9998-01-01T00:00:00Z")
    assert world.get(of(ONE))["available_markets"] == []
    assert world.get(f"{of(ONE)}?market=SE")["is_playable"] is False


def test_a_track_that_is_taken_down_is_gone_until_it_is_restored(world: World) -> None:
    before = (world.get(of(ONE)), world.get(f"/v1/albums/{ALBUM}"))
    artists = world.catalogue.all_artists()
    state = world.client.delete(of(ONE)).json()
    assert state["taken_down_at"] < state["restorable_until"]
    assert world.client.get(of(ONE)).status_code == 404
    assert world.get(f"/v1/albums/{ALBUM}")["total_tracks"] == 1
    world.deliver([replace(ONE, generation=2)])
    assert world.client.get(of(ONE)).status_code == 404
    assert world.get(f"{of(ONE)}/edit")["taken_down_at"] == state["taken_down_at"]
    assert world.put(f"{of(ONE)}/restore")["taken_down_at"] is None
    assert (world.get(of(ONE)), world.get(f"/v1/albums/{ALBUM}")) == before
    assert world.catalogue.all_artists() == artists


def test_an_album_that_is_taken_down_takes_its_tracks_along(world: World) -> None:
    path = f"/v1/albums/{ALBUM}"
    assert world.client.delete(path).status_code == 200
    assert [world.client.get(each).status_code for each in (path, of(ONE))] == [404, 404]
    artist_id = track("one").artists[0].id
    assert world.get(f"/v1/artists/{artist_id}/albums")["items"] == []
    world.put(f"{path}/restore")
    assert world.get(of(ONE))["album"]["total_tracks"] == 2


def test_the_last_track_of_an_edited_album_may_go_and_come_back(world: World) -> None:
    world.put(f"/v1/albums/{ALBUM}", name="Neu")
    for event in (ONE, TWO):
        world.client.delete(of(event))
    assert world.client.get(f"/v1/albums/{ALBUM}").status_code == 404
    world.put(f"{of(ONE)}/restore")
    assert world.get(f"/v1/albums/{ALBUM}")["name"] == "Neu"


def test_after_thirty_days_nothing_is_restored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = world.client.delete(of(ONE)).json()["restorable_until"]
    monkeypatch.setattr(editing, "now_text", lambda: until)
    assert world.client.put(f"{of(ONE)}/restore").status_code == 404


def test_who_may_edit(world: World) -> None:
    for path in (of(ONE), f"/v1/albums/{ALBUM}"):
        for caller, expected in (("anybody", 403), ("stranger", 403), ("operator", 200)):
            answers = [
                world.client.put(path, json={"name": "x"}, headers=as_(caller)),
                world.client.get(f"{path}/edit", headers=as_(caller)),
                world.client.delete(path, headers=as_(caller)),
            ]
            assert [answer.status_code for answer in answers] == [expected] * 3, caller
        assert world.client.get(f"{path}/edit", headers=as_("stranger")).status_code == 404
    for path in (f"/v1/tracks/{UNKNOWN}", f"/v1/albums/{UNKNOWN}"):
        assert world.client.put(path, json={}).status_code == 404


def test_an_album_that_does_not_know_its_owner_is_its_tracks_owners(world: World) -> None:
    stored = world.catalogue._albums[ALBUM]
    world.catalogue.replace_album(replace(stored.item, owner=""), stored)
    assert world.client.get(f"/v1/albums/{ALBUM}/edit", headers=as_("stranger")).status_code == 403
    world.put(f"/v1/albums/{ALBUM}", name="Neu")
    assert world.catalogue.all_albums()[ALBUM].owner == OWNER


@pytest.mark.parametrize("path", [of(ONE), f"/v1/albums/{ALBUM}"])
def test_who_has_seen_an_older_state_is_refused(world: World, path: str) -> None:
    state = world.client.get(f"{path}/edit")
    # What compresses it on its way would weaken the tag.
    assert "no-transform" in state.headers["cache-control"]
    seen = state.headers["etag"]
    first = world.client.put(path, json={"name": "first"}, headers={"If-Match": seen})
    late = world.client.put(path, json={"name": "late"}, headers={"If-Match": seen})
    assert (first.status_code, late.status_code) == (200, 412)
    assert late.json()["error"]["status"] == 412
    both = f'"other", {first.headers["etag"]}'
    for header in (both, "*"):
        answer = world.client.put(path, json={"name": "next"}, headers={"If-Match": header})
        assert answer.status_code == 200
    gone = world.client.delete(path, headers={"If-Match": seen})
    assert gone.status_code == 412


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 501}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"explicit": "yes"}, "explicit"),
        ({"genres": ["x" * 101]}, "genres"),
        ({"genres": [str(number) for number in range(21)]}, "genres"),
        ({"isrc": "SE-ABC-99-1"}, "isrc"),
        ({"markets": ["SE", "XX"]}, "markets"),
        ({"available_from": "tomorrow"}, "available_from"),
        ({"available_from": "2001-01-01T00:00:00"}, "available_from"),
        ({"available_until": "0001-01-01T00:00:00+23:00"}, "available_until"),
        (
            {"available_from": "2002-01-01T00:00:00Z", "available_until": "2001-01-01T00:00:00Z"},
            "available_until",
        ),
    ],
)
def test_what_cannot_be_said_is_refused(world: World, change: dict[str, Any], message: str) -> None:
    answer = world.client.put(of(ONE), json=change)
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]
    assert world.edits.entries == []


def test_every_edit_leaves_an_entry(world: World) -> None:
    world.put(of(ONE), "operator", name="Eins")
    world.put(of(ONE), "operator", name="Eins")
    world.put(of(ONE), name="Uno")
    world.client.delete(of(ONE))
    world.client.delete(of(ONE))
    world.put(f"{of(ONE)}/restore")
    world.put(f"/v1/albums/{ALBUM}", label="L")
    tags = [entry.tag for entry in world.edits.entries]
    assert tags == [
        Tag.track_edited,
        Tag.track_edited,
        Tag.track_taken_down,
        Tag.track_restored,
        Tag.album_edited,
    ]
    first, second = world.edits.entries[:2]
    assert (first.actor, first.owner, first.item) == ("operator", OWNER, ONE.track_id)
    assert (first.before, first.after) == ({}, {"name": "Eins"})
    assert (second.actor, second.before, second.after) == (OWNER, {"name": "Eins"}, {"name": "Uno"})


def test_what_changed_is_told(world: World) -> None:
    artist_id = track("one").artists[0].id
    world.put(of(ONE), name="Eins")
    assert world.told() >= {
        Change("track", ONE.track_id),
        Change("album", ALBUM),
        Change("artist", artist_id),
    }
    world.put(f"/v1/albums/{ALBUM}", name="Neu")
    assert Change("track", TWO.track_id) in world.told()
    assert world.edits.untold_changes == {}


def test_what_could_not_be_told_is_told_later(world: World) -> None:
    world.publisher._fails = 1
    assert world.client.put(of(ONE), json={"name": "Eins"}).status_code == 500
    assert world.publisher.published == []
    assert len(world.edits.untold_changes) == 1
    world.put(of(ONE), name="Eins")
    assert Change("track", ONE.track_id) in world.told()
    assert len(world.edits.entries) == 1


def test_an_album_stays_down_though_its_tracks_come_and_go(world: World) -> None:
    world.client.delete(f"/v1/albums/{ALBUM}")
    for event in (ONE, TWO):
        world.client.delete(of(event))
    world.put(f"{of(ONE)}/restore")
    assert world.client.get(of(ONE)).status_code == 404


def test_nothing_of_what_they_said_is_left_of_people_who_leave(world: World) -> None:
    world.put(f"/v1/albums/{ALBUM}", name="Neu")
    world.client.delete(of(ONE))
    world.deliver([replace(TWO, generation=2, album="Elsewhere")])
    world.put(f"/v1/albums/{track('two', album='Elsewhere').album_id}", label="L")
    asyncio.run(world.events.person_erased(PersonErased("e", OWNER, "")))
    assert world.catalogue.all_tracks() == {}
    assert world.catalogue.all_albums() == {}
    assert world.catalogue.all_artists() == {}
