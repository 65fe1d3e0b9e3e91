"""Edits, take-downs and popularity on Google's Firestore emulator."""

import asyncio
import secrets

import httpx
import pytest

from functions.catalog.audit import AUDIT
from functions.catalog.edit_store import UNTOLD, FirestoreEdits
from functions.catalog.editing import Editing
from functions.catalog.handlers import CatalogEvents
from functions.catalog.model import AlbumGroup
from functions.catalog.popularity import FirestorePopularity
from functions.catalog.reader import Reader
from functions.catalog.routes import app_of
from functions.catalog.store import FirestoreCatalogue
from functions.catalog.telling import Teller
from shared import ids
from shared.events import CatalogChanged, Change, Popularity, PopularityChanged
from shared.web import Api
from tests.unit.functions.catalog.callers import KnownCallers, as_
from tests.unit.functions.catalog.factories import media_ready, track
from tests.unit.functions.catalog.fakes import RecordingPublisher, catalog_events

ONE = media_ready("one", genres=["pop"], isrc="SEABC9900001")
TWO = media_ready("two", track_number=2)
ALBUM = track("one").album_id
ARTIST = track("one").artists[0].id
PATH = f"/v1/tracks/{ONE.track_id}"


@pytest.fixture
def store(firestore_emulator: str, project: str) -> FirestoreCatalogue:
    return FirestoreCatalogue(project, f"test-{secrets.token_hex(4)}")


@pytest.fixture
def publisher() -> RecordingPublisher:
    return RecordingPublisher()


@pytest.fixture
async def events(store: FirestoreCatalogue, publisher: RecordingPublisher) -> CatalogEvents:
    handler = catalog_events(
        store=store,
        popularity=FirestorePopularity(store),
        edits=FirestoreEdits(store),
        publisher=publisher,
        catalog_changed_topic="t",
        person_erased_here_topic="t",
    )
    for event in (ONE, TWO):
        await handler.media_ready(event)
    publisher.published.clear()
    return handler


@pytest.fixture
def client(
    store: FirestoreCatalogue, publisher: RecordingPublisher, events: CatalogEvents
) -> httpx.AsyncClient:
    edits = FirestoreEdits(store)
    editing = Editing(edits, Teller(edits, publisher, "t"), Reader(store, ttl_s=0).evict)
    app = app_of([editing], Api(KnownCallers()))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://catalog.test",
        headers=as_("owner"),
    )


async def entries(store: FirestoreCatalogue, collection: str) -> list[dict[str, object]]:
    found = store.client.collection(collection).stream()
    return [snapshot.to_dict() or {} async for snapshot in found]


async def test_an_edit_is_stored_with_its_entry_and_told(
    client: httpx.AsyncClient, store: FirestoreCatalogue, publisher: RecordingPublisher
) -> None:
    answer = await client.put(PATH, json={"name": "Eins", "isrc": "SEABC9900002"})
    assert answer.status_code == 200
    assert (await store.tracks([ONE.track_id]))[ONE.track_id].name == "Eins"
    assert [each.name for each in (await store.albums([ALBUM]))[ALBUM].tracks] == ["Eins", "two"]
    assert await store.recordings(["SEABC9900001", "SEABC9900002"]) == {
        "SEABC9900002": [ONE.track_id]
    }
    [entry] = await entries(store, AUDIT)
    assert (entry["tag"], entry["item"]) == ("catalog:track:edited", ONE.track_id)
    [(_, event, _)] = publisher.published
    assert isinstance(event, CatalogChanged)
    assert Change("track", ONE.track_id) in event.changes
    assert await entries(store, UNTOLD) == []


async def test_of_ten_edits_at_once_of_what_was_seen_one_holds(
    client: httpx.AsyncClient, store: FirestoreCatalogue
) -> None:
    seen = (await client.get(f"{PATH}/edit")).headers["etag"]
    answers = await asyncio.gather(
        *(
            client.put(PATH, json={"name": f"name {at}"}, headers={"If-Match": seen})
            for at in range(10)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9
    [held] = [answer.json()["name"] for answer in answers if answer.status_code == 200]
    assert (await store.tracks([ONE.track_id]))[ONE.track_id].name == held
    assert len(await entries(store, AUDIT)) == 1


async def test_edits_of_different_tracks_at_once_all_hold(
    client: httpx.AsyncClient, store: FirestoreCatalogue, events: CatalogEvents
) -> None:
    more = [media_ready(f"{at}", track_number=at + 3) for at in range(4)]
    await asyncio.gather(
        *(events.media_ready(event) for event in more),
        client.put(PATH, json={"name": "Eins"}),
        client.put(f"/v1/albums/{ALBUM}", json={"name": "Neu"}),
        client.delete(f"/v1/tracks/{TWO.track_id}"),
    )
    album = (await store.albums([ALBUM]))[ALBUM]
    assert album.name == "Neu"
    assert [each.name for each in album.tracks] == ["Eins", "0", "1", "2", "3"]


async def test_what_is_taken_down_is_not_found(
    client: httpx.AsyncClient, store: FirestoreCatalogue
) -> None:
    await client.delete(f"/v1/albums/{ALBUM}")
    assert await store.albums([ALBUM]) == {}
    assert await store.albums_of(ARTIST, list(AlbumGroup), limit=5, offset=0) == ([], 0)
    assert (await store.listing("album", "", 10)).albums == []
    await client.put(f"/v1/albums/{ALBUM}/restore")
    await client.delete(PATH)
    assert await store.tracks([ONE.track_id]) == {}
    assert await store.recordings(["SEABC9900001"]) == {}
    assert [each.id for each in (await store.listing("track", "", 10)).tracks] == [TWO.track_id]


async def test_what_nobody_told_is_told_with_the_next_event(
    client: httpx.AsyncClient,
    store: FirestoreCatalogue,
    publisher: RecordingPublisher,
    events: CatalogEvents,
) -> None:
    publisher._fails = 1
    assert (await client.put(PATH, json={"name": "Eins"})).status_code == 500
    assert len(await entries(store, UNTOLD)) == 1
    await events.popularity_changed(PopularityChanged("e", 1, []))
    [(_, event, _)] = publisher.published
    assert isinstance(event, CatalogChanged)
    assert Change("track", ONE.track_id) in event.changes
    assert await entries(store, UNTOLD) == []


async def test_the_newest_popularity_holds(
    store: FirestoreCatalogue, publisher: RecordingPublisher, events: CatalogEvents
) -> None:
    def computed(at: int, popularity: int) -> PopularityChanged:
        unknown = Popularity("track", ids.derive("nothing"), 9)
        places = (("track", ONE.track_id), ("album", ALBUM), ("artist", ARTIST))
        items = [Popularity(type, id, popularity) for type, id in places]
        return PopularityChanged(f"{at}", at, [*items, unknown])

    await events.popularity_changed(computed(2, 70))
    await events.popularity_changed(computed(1, 20))
    await events.popularity_changed(computed(2, 70))
    for _, event, _ in publisher.published:
        assert isinstance(event, CatalogChanged)
        assert {change.id for change in event.changes} == {ONE.track_id, ALBUM, ARTIST}
    assert len(publisher.published) == 3
    await events.media_ready(media_ready("one", generation=2))
    assert (await store.tracks([ONE.track_id]))[ONE.track_id].popularity == 70
    assert (await store.albums([ALBUM]))[ALBUM].popularity == 70
    assert (await store.artists([ARTIST]))[ARTIST].popularity == 70
    assert await store.tracks([ids.derive("nothing")]) == {}


async def test_documents_of_before_these_fields_are_read(store: FirestoreCatalogue) -> None:
    handler = catalog_events(
        store=store,
        publisher=RecordingPublisher(),
        catalog_changed_topic="t",
        person_erased_here_topic="t",
    )
    await handler.media_ready(ONE)
    from google.cloud.firestore import DELETE_FIELD

    added = (
        "terms", "playable", "edit", "taken_down_at", "imported", "popularity", "features",
        "stated", "owner", "listed", "artist_ids",
    )  # fmt: skip
    for place, kept in ((("tracks", ONE.track_id), "owner"), (("albums", ALBUM), "")):
        gone = {name: DELETE_FIELD for name in added if name != kept}
        await store.client.document(*place).update(gone)
    shown = (await store.tracks([ONE.track_id]))[ONE.track_id]
    assert (shown.name, shown.playable, shown.popularity) == ("one", True, 0)
    assert (await store.albums([ALBUM]))[ALBUM].is_listed
    await handler.media_ready(media_ready("one", generation=2, title="new"))
    assert (await store.albums([ALBUM]))[ALBUM].tracks[0].name == "new"
