"""What is found by other than its id, on Google's Firestore emulator."""

import secrets

import pytest

from functions.catalog import documents
from functions.catalog.model import Terms
from functions.catalog.names import artist
from functions.catalog.shelves import FirestoreShelves
from functions.catalog.store import FirestoreCatalogue
from functions.catalog.tags import track_of
from shared import ids
from shared.events import Features, MediaReady
from tests.unit.functions.catalog.factories import media_ready
from tests.unit.functions.catalog.fakes import RecordingPublisher, catalog_events

HOST = artist("Host")
MEASURED = Features(tempo=120.0, key=9, energy=0.5, loudness=-14.0)


@pytest.fixture
def store(firestore_emulator: str, project: str) -> FirestoreCatalogue:
    """Empty: each test has a database of its own."""
    return FirestoreCatalogue(project, f"test-{secrets.token_hex(4)}")


@pytest.fixture
def shelves(store: FirestoreCatalogue) -> FirestoreShelves:
    return FirestoreShelves(store)


async def deliver(store: FirestoreCatalogue, *events: MediaReady) -> None:
    events_handler = catalog_events(
        store=store,
        publisher=RecordingPublisher(),
        catalog_changed_topic="t",
        person_erased_here_topic="",
    )
    for event in events:
        await events_handler.media_ready(event)


async def change(store: FirestoreCatalogue, event: MediaReady, **fields: object) -> None:
    await store.client.document(documents.TRACKS, event.track_id).update(fields)


async def test_the_newest_albums(store: FirestoreCatalogue, shelves: FirestoreShelves) -> None:
    events = [
        media_ready(name, album=name, release_date=date)
        for name, date in [("b", "1999"), ("a", "2024-01-01"), ("d", ""), ("c", "2001-02")]
    ]
    await deliver(store, *events)
    by_name = {event.title: track_of(event).album_id for event in events}
    assert await shelves.newest_albums(10, 0) == ([by_name[name] for name in "acbd"], 4)
    assert await shelves.newest_albums(1, 2) == ([by_name["b"]], 4)
    assert await shelves.newest_albums(5, 9) == ([], 4)


async def test_what_is_taken_down_is_not_new(
    store: FirestoreCatalogue, shelves: FirestoreShelves
) -> None:
    event = media_ready()
    await deliver(store, event)
    album_id = track_of(event).album_id
    [album] = (await store.albums([album_id])).values()
    gone = documents.album_document(album) | {"listed": False}
    await store.client.document(documents.ALBUMS, album_id).set(gone)
    assert await shelves.newest_albums(10, 0) == ([], 0)


async def test_an_artists_best(store: FirestoreCatalogue, shelves: FirestoreShelves) -> None:
    host = [media_ready(f"{n}", artists=["Guest", "Host"], track_number=n) for n in range(1, 4)]
    await deliver(store, *host, media_ready("other", artists=["Other"]))
    for event, popularity in zip(host, (10, 90, 50), strict=True):
        await change(store, event, popularity=popularity)
    best = await shelves.best_tracks(HOST.id, 2)
    assert best == [host[1].track_id, host[2].track_id]
    assert await shelves.best_tracks(ids.derive("nobody"), 10) == []


async def test_the_most_popular(store: FirestoreCatalogue, shelves: FirestoreShelves) -> None:
    events = [
        media_ready("first", features=MEASURED, genres=["Pop"], cover_id="c", artists=["Host"]),
        media_ready("second", track_number=2),
        media_ready("third", track_number=3),
        media_ready("names only", track_number=4),
        media_ready("taken down", track_number=5),
    ]
    await deliver(store, *events)
    await change(store, events[0], popularity=80)
    await change(store, events[1], popularity=40)
    await change(store, events[3], popularity=90, playable=False)
    await change(store, events[4], popularity=95, listed=False)
    first, second, third = await shelves.popular(10)
    assert (first.id, first.popularity, first.genres) == (events[0].track_id, 80, ["pop"])
    assert (first.features, first.artists, first.cover_id) == (MEASURED, [HOST], "c")
    assert first.album_id == track_of(events[0]).album_id
    assert (second.id, third.id) == (events[1].track_id, events[2].track_id)
    assert [row.id for row in await shelves.popular(2)] == [first.id, second.id]


async def test_what_the_owner_says_holds(
    store: FirestoreCatalogue, shelves: FirestoreShelves
) -> None:
    event = media_ready(genres=["Pop"])
    await deliver(store, event)
    await change(store, event, edit={"genres": ["Jazz"], "markets": ["SE"]})
    [row] = await shelves.popular(10)
    assert (row.genres, row.terms) == (["Jazz"], Terms(markets=["SE"]))


async def test_more_than_a_page(
    store: FirestoreCatalogue, shelves: FirestoreShelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.catalog.shelves._PAGE", 2)
    await deliver(store, *(media_ready(f"{n}", track_number=n) for n in range(1, 6)))
    assert len({row.id for row in await shelves.popular(100)}) == 5
    assert len({row.id for row in await shelves.popular(3)}) == 3
