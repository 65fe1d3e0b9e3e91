import asyncio
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from functions.catalog.model import Terms
from functions.catalog.reader import Reader
from functions.catalog.shapes import Shapes
from functions.catalog.views import Form, Views
from shared import ids
from shared.audience import Audience
from shared.events import MediaReady
from tests.unit.functions.catalog import contract
from tests.unit.functions.catalog.factories import media_ready, track
from tests.unit.functions.catalog.fakes import MemoryCatalogue, RecordingPublisher, catalog_events

UNKNOWN = ids.derive("nothing")
ISRC = "SEABC9900001"
HERE = media_ready("here", album="Here", isrc=ISRC)
THERE = media_ready("there", album="There", isrc=ISRC)
POPULAR = media_ready("popular", album="Popular", isrc=ISRC)
OTHER = media_ready("other", album="Here", track_number=2)
ALBUM = track("here", album="Here").album_id
ARTIST = track().artists[0].id
_ON_ALBUMS = {"terms", "playable", "explicit"}


class World:
    """`HERE` may be played in Sweden alone, `THERE` everywhere else."""

    def __init__(self, *events: MediaReady) -> None:
        self.catalogue = MemoryCatalogue()
        self.now = "2001-01-01T00:00:00Z"
        handler = catalog_events(
            store=self.catalogue,
            publisher=RecordingPublisher(),
            catalog_changed_topic="t",
            person_erased_here_topic="t",
        )

        async def fill() -> None:
            for event in events or (HERE, THERE, OTHER):
                await handler.media_ready(event)

        asyncio.run(fill())
        self.reader = Reader(self.catalogue, ttl_s=3600, now=lambda: self.now)
        self.views = Views(self.reader, Shapes("https://music.example"))

    def put(self, event: MediaReady, **fields: Any) -> None:
        """Changes what is stored of a track and of its place on its album."""
        stored = self.catalogue._tracks[event.track_id]
        item = replace(stored.item, **fields)
        self.catalogue._tracks[event.track_id] = type(stored)(item, stored.version)
        album = self.catalogue._albums[item.album_id]
        listed = {name: value for name, value in fields.items() if name in _ON_ALBUMS}
        tracks = [
            replace(each, **listed) if each.id == item.id else each for each in album.item.tracks
        ]
        self.catalogue._albums[item.album_id] = type(album)(
            replace(album.item, tracks=tracks), album.version
        )

    async def show(
        self, event: MediaReady, market: str = "", *, explicit_filter: bool = False
    ) -> dict[str, Any]:
        audience = Audience(market, explicit_filter)
        shown = await self.views.tracks([UNKNOWN, event.track_id], audience)
        assert list(shown) == [event.track_id]
        body: dict[str, Any] = msgspec.json.decode(shown[event.track_id])
        contract.check(body, "TrackObject")
        return body


@pytest.fixture
def world() -> World:
    world = World()
    world.put(HERE, terms=Terms(["SE"]))
    world.put(THERE, terms=Terms(["DE", "US"]))
    return world


async def test_without_a_market_the_available_ones_are_shown(world: World) -> None:
    shown = await world.show(HERE)
    assert shown["available_markets"] == ["SE"]
    assert shown.keys().isdisjoint({"is_playable", "linked_from", "restrictions"})


async def test_with_a_market_whether_it_may_be_played_there(world: World) -> None:
    shown = await world.show(HERE, "SE")
    assert shown["is_playable"] is True
    assert shown.keys().isdisjoint({"available_markets", "linked_from", "restrictions"})
    assert (await world.show(OTHER, "DE"))["is_playable"] is True


async def test_another_recording_stands_in(world: World) -> None:
    shown = await world.show(HERE, "DE")
    assert (shown["id"], shown["album"]["name"]) == (THERE.track_id, "There")
    assert shown["is_playable"] is True
    assert shown["linked_from"] == {
        "external_urls": {"spotify": f"https://music.example/track/{HERE.track_id}"},
        "href": f"https://music.example/v1/tracks/{HERE.track_id}",
        "id": HERE.track_id,
        "type": "track",
        "uri": f"spotify:track:{HERE.track_id}",
    }


async def test_it_stands_in_on_the_album_too(world: World) -> None:
    shown = await world.views.full_albums([ALBUM], Audience("DE"))
    album = msgspec.json.decode(shown[ALBUM])
    contract.check(album, "AlbumObject")
    [first, second] = album["tracks"]["items"]
    assert (first["id"], first["linked_from"]["id"]) == (THERE.track_id, HERE.track_id)
    assert (first["track_number"], second["is_playable"]) == (1, True)


async def test_where_nothing_stands_in_it_is_restricted(world: World) -> None:
    shown = await world.show(HERE, "FR")
    assert (shown["id"], shown["is_playable"]) == (HERE.track_id, False)
    assert shown["restrictions"] == {"reason": "market"}


@pytest.fixture
def three() -> World:
    return World(HERE, THERE, POPULAR)


async def test_the_most_popular_recording_stands_in(three: World) -> None:
    three.put(HERE, terms=Terms(["SE"]))
    three.put(THERE, popularity=10)
    three.put(POPULAR, popularity=11)
    assert (await three.show(HERE, "DE"))["id"] == POPULAR.track_id


async def test_what_has_no_recording_is_restricted_unless_another_has(world: World) -> None:
    world.put(OTHER, playable=False)
    for market in ("", "SE"):
        shown = await world.show(OTHER, market)
        assert (shown["is_playable"], shown["restrictions"]) == (False, {"reason": "product"})
    world.put(HERE, playable=False)
    world.reader.clear()
    assert (await world.show(HERE, "US"))["id"] == THERE.track_id


async def test_what_was_shown_is_shown_again_until_it_changes(world: World) -> None:
    for form, id in (
        (Form.track, HERE.track_id),
        (Form.album, ALBUM),
        (Form.full_album, ALBUM),
        (Form.artist, ARTIST),
        (Form.simple_artist, ARTIST),
    ):
        [first] = (await world.views.describe(form, [id], Audience("SE"))).values()
        [again] = (await world.views.describe(form, [id], Audience("SE"))).values()
        assert again is first
        type = form.name.rpartition("_")[2]
        world.reader.evict(type, id)
        stored = world.catalogue._tracks[HERE.track_id]
        world.catalogue._tracks[HERE.track_id] = _same_again(stored)
        [later] = (await world.views.describe(form, [id], Audience("SE"))).values()
        assert bytes(later) == bytes(first)


def _same_again(stored: Any) -> Any:
    return type(stored)(replace(stored.item), stored.version)


async def test_a_change_of_the_album_shows_in_its_tracks(world: World) -> None:
    assert (await world.show(HERE))["album"]["name"] == "Here"
    album = world.catalogue._albums[ALBUM]
    world.catalogue.replace_album(replace(album.item, name="Renamed"), album)
    assert (await world.show(HERE))["album"]["name"] == "Here"
    world.reader.evict("album", ALBUM)
    assert (await world.show(HERE))["album"]["name"] == "Renamed"


async def test_a_window_opens_and_closes_on_time(world: World) -> None:
    world.put(OTHER, terms=Terms([], "2001-01-02T00:00:00Z", "2001-01-03T00:00:00Z"))
    for now, playable in (("2001-01-01", False), ("2001-01-02", True), ("2001-01-03", False)):
        world.now = f"{now}T00:00:00Z"
        assert (await world.show(OTHER, "SE"))["is_playable"] is playable
        shown = await world.views.full_albums([ALBUM], Audience("SE"))
        listed = msgspec.json.decode(shown[ALBUM])["tracks"]["items"]
        assert listed[1]["is_playable"] is playable


async def test_who_filters_what_is_explicit_is_told_so_and_nobody_else(world: World) -> None:
    world.put(OTHER, explicit=True)
    for market in ("", "SE"):
        for _ in range(2):
            shown = await world.show(OTHER, market, explicit_filter=True)
            assert (shown["is_playable"], shown["restrictions"]) == (False, {"reason": "explicit"})
            assert "restrictions" not in await world.show(OTHER, market)
    assert "restrictions" not in await world.show(HERE, "SE", explicit_filter=True)


async def test_an_albums_tracks_are_restricted_one_by_one(world: World) -> None:
    world.put(OTHER, explicit=True)
    filtered = Audience("SE", explicit_filter=True)
    album = msgspec.json.decode((await world.views.full_albums([ALBUM], filtered))[ALBUM])
    contract.check(album, "AlbumObject")
    assert [each["is_playable"] for each in album["tracks"]["items"]] == [True, False]
    assert "restrictions" not in album
    world.put(HERE, explicit=True)
    world.reader.clear()
    [short] = (await world.views.albums([ALBUM], filtered)).values()
    shown = msgspec.json.decode(short)
    contract.check(shown, "SimplifiedAlbumObject")
    assert shown["restrictions"] == {"reason": "explicit"}
    [others] = (await world.views.albums([ALBUM], Audience("SE"))).values()
    assert "restrictions" not in msgspec.json.decode(others)


async def test_what_stands_in_is_restricted_like_any_other(world: World) -> None:
    world.put(THERE, explicit=True)
    shown = await world.show(HERE, "DE", explicit_filter=True)
    assert (shown["id"], shown["linked_from"]["id"]) == (THERE.track_id, HERE.track_id)
    assert shown["restrictions"] == {"reason": "explicit"}
    assert (await world.show(HERE, "DE"))["is_playable"] is True
