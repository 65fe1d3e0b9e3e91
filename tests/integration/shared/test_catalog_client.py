"""The client of the catalogue against its gRPC server, on the emulators."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import msgspec
import pytest

from functions.catalog.feed import ChangeFeed
from functions.catalog.names import artist
from functions.catalog.rpc import CatalogService, Server
from functions.catalog.store import FirestoreCatalogue
from functions.catalog.tags import track_of
from shared import catalog_client, ids
from shared.audience import Audience
from shared.catalog_client import CatalogClient, Form
from shared.errors import BadRequest, Unavailable
from shared.events import CatalogChanged
from tests.unit.functions.catalog.factories import media_ready
from tests.unit.functions.catalog.fakes import RecordingPublisher, catalog_events

UNKNOWN = ids.derive("nothing")
EVENT = media_ready("one", genres=["pop"], isrc="SE-ABC-99-00001", upc="0123", explicit=True)
ALBUM = track_of(EVENT).album_id
ARTIST = artist("The Artist").id


@pytest.fixture
def store(firestore_emulator: str, project: str) -> FirestoreCatalogue:
    return FirestoreCatalogue(project, f"test-{secrets.token_hex(4)}")


@pytest.fixture
async def service(store: FirestoreCatalogue) -> CatalogService:
    handler = catalog_events(
        store=store,
        publisher=RecordingPublisher(),
        catalog_changed_topic="t",
        person_erased_here_topic="",
    )
    await handler.media_ready(EVENT)
    return CatalogService(store, 3600.0, "https://music.example")


@pytest.fixture
async def client(service: CatalogService, project: str) -> AsyncIterator[CatalogClient]:
    server = Server(service, ChangeFeed(project, "projects/none/topics/none", service.evict))
    port = await server.start("127.0.0.1:0")
    client = CatalogClient(f"http://127.0.0.1:{port}")
    yield client
    await client.close()
    await server.stop()


async def test_items_carry_what_services_need(client: CatalogClient) -> None:
    [track] = await client.tracks([UNKNOWN, EVENT.track_id])
    assert (track.name, track.album_name, track.release_date) == ("one", "The Album", "1999-03-12")
    assert (track.isrc, track.upc, track.owner) == ("SEABC9900001", "0123", EVENT.owner)
    assert (list(track.genres), list(track.markets), track.playable) == (["pop"], [], True)
    [album] = await client.albums([ALBUM])
    assert (album.upc, list(album.track_ids)) == ("0123", [EVENT.track_id])
    [found] = await client.artists([ARTIST, UNKNOWN])
    assert (found.name, found.popularity) == ("The Artist", 0)


async def test_any_number_of_ids_may_be_asked_for(client: CatalogClient) -> None:
    wanted = [ids.derive("nothing", str(at)) for at in range(250)] + [EVENT.track_id]
    assert [track.id for track in await client.tracks(wanted)] == [EVENT.track_id]
    assert list(await client.describe(Form.track, wanted)) == [EVENT.track_id]


@pytest.mark.parametrize(
    ("form", "id", "type"),
    [
        (Form.track, EVENT.track_id, "track"),
        (Form.album, ALBUM, "album"),
        (Form.full_album, ALBUM, "album"),
        (Form.artist, ARTIST, "artist"),
        (Form.simple_artist, ARTIST, "artist"),
    ],
)
async def test_items_are_described_in_the_web_apis_words(
    client: CatalogClient, form: Form, id: str, type: str
) -> None:
    described = await client.describe(form, [UNKNOWN, id])
    assert list(described) == [id]
    shown = msgspec.json.decode(described[id])
    assert (shown["type"], shown["uri"]) == (type, f"spotify:{type}:{id}")
    assert ("tracks" in shown) == (form is Form.full_album)
    assert ("genres" in shown) == (form in {Form.full_album, Form.artist})


async def test_a_market_is_passed_on(client: CatalogClient) -> None:
    shown = msgspec.json.decode(
        (await client.describe(Form.track, [EVENT.track_id], Audience("SE")))[EVENT.track_id]
    )
    assert shown["is_playable"] is True
    assert "available_markets" not in shown
    with pytest.raises(BadRequest):
        await client.describe(Form.track, [EVENT.track_id], Audience("nowhere"))


async def test_what_was_described_is_kept_for_a_while(
    client: CatalogClient, service: CatalogService
) -> None:
    now = 0.0
    client._clock = lambda: now
    first = (await client.describe(Form.track, [EVENT.track_id]))[EVENT.track_id]
    now = catalog_client.TTL_S - 1
    assert (await client.describe(Form.track, [EVENT.track_id]))[EVENT.track_id] is first
    now = catalog_client.TTL_S
    assert (await client.describe(Form.track, [EVENT.track_id]))[EVENT.track_id] is not first


async def test_the_whole_catalogue_page_by_page(
    client: CatalogClient, store: FirestoreCatalogue
) -> None:
    handler = catalog_events(
        store=store,
        publisher=RecordingPublisher(),
        catalog_changed_topic="t",
        person_erased_here_topic="",
    )
    names = [str(number) for number in range(5)]
    await asyncio.gather(*(handler.media_ready(media_ready(name)) for name in names))

    async def every(type: str, limit: int) -> list[str]:
        found: list[str] = []
        token = ""
        while True:
            page = await client.list(type, token, limit)
            some = [track.id for track in page.tracks]
            some += [album.id for album in page.albums]
            some += [artist.id for artist in page.artists]
            assert len(some) <= limit
            found += some
            token = page.next_page_token
            if not token:
                return found

    wanted = sorted([EVENT.track_id, *(media_ready(name).track_id for name in names)])
    for limit in (1, 2, 3, 6, 1000):
        assert await every("track", limit) == wanted
    assert await every("album", 1) == [ALBUM]
    assert await every("artist", 1000) == [ARTIST]
    for page in (("playlist", "", 10), ("track", "", 0), ("track", "", 1001), ("track", "x", 1)):
        with pytest.raises(Unavailable):
            await client.list(*page)


async def test_a_change_of_the_album_shows_in_its_tracks(
    client: CatalogClient, service: CatalogService, store: FirestoreCatalogue
) -> None:
    """Though the event names only the album."""
    assert (await client.tracks([EVENT.track_id]))[0].album_name == "The Album"
    [stored] = (await store.stored_albums([ALBUM])).values()
    await store.client.document("albums", ALBUM).update({"name": "Renamed"})
    service.evict(CatalogChanged("e", "", 0, []))
    assert (await client.tracks([EVENT.track_id]))[0].album_name == "The Album"
    service._reader.evict("album", stored.item.id)
    assert (await client.tracks([EVENT.track_id]))[0].album_name == "Renamed"


async def test_a_catalogue_that_is_away() -> None:
    client = CatalogClient("http://127.0.0.1:9", timeout_s=0.2)
    with pytest.raises(Unavailable):
        await client.tracks([EVENT.track_id])
    await client.close()


async def test_describes_for_who_filters_what_is_explicit(client: CatalogClient) -> None:
    for filters in (True, False, True):
        audience = Audience("SE", explicit_filter=filters)
        shown = msgspec.json.decode(
            (await client.describe(Form.track, [EVENT.track_id], audience))[EVENT.track_id]
        )
        assert shown["is_playable"] is not filters
