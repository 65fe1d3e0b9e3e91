import asyncio
import base64
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from functions.catalog import retry
from functions.catalog.handlers import CatalogEvents
from functions.catalog.model import Album, StoredTrack
from functions.catalog.names import artist
from functions.catalog.store import Stored
from functions.catalog.update import Update
from shared.errors import BadRequest, Unavailable
from shared.events import CatalogChanged, MediaReady
from shared.firestore import Conflict
from tests.unit.functions.catalog.factories import album_of_twelve, media_ready
from tests.unit.functions.catalog.fakes import MemoryCatalogue, RecordingPublisher, catalog_events

TOPIC = "projects/p/topics/catalog-changed"
ERASED_HERE = "projects/p/topics/person-erased-here"

EVENTS = st.builds(
    lambda name, generation, fields: media_ready(name, generation=generation, **fields),
    name=st.sampled_from(["one", "two", "three"]),
    generation=st.integers(1, 3),
    fields=st.fixed_dictionaries(
        {
            "album": st.sampled_from(["", "Album", "ALBUM", "Other"]),
            "artists": st.lists(st.sampled_from(["A", "a", "B"]), max_size=2),
            "album_artists": st.lists(st.sampled_from(["A", "VA"]), max_size=1),
            "track_number": st.integers(0, 2),
            "genres": st.lists(st.sampled_from(["pop", "Pop", "jazz"]), max_size=2),
        }
    ),
)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_FIRST_PAUSE_S", 0.0)


def events_on(store: MemoryCatalogue, publisher: RecordingPublisher | None = None) -> CatalogEvents:
    return catalog_events(
        store=store,
        publisher=publisher or RecordingPublisher(),
        catalog_changed_topic=TOPIC,
        person_erased_here_topic=ERASED_HERE,
    )


def state(store: MemoryCatalogue) -> tuple[object, ...]:
    return store.all_tracks(), store.all_albums(), store.all_artists()


@given(
    st.lists(EVENTS, max_size=8, unique_by=lambda event: (event.track_id, event.generation)),
    st.data(),
)
@settings(deadline=None)
def test_any_order_and_duplication_ends_alike(
    events: list[MediaReady], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    shuffled = data.draw(st.permutations([*events, *again]))

    async def deliver() -> tuple[MemoryCatalogue, MemoryCatalogue, MemoryCatalogue]:
        newest, in_turn, at_once = MemoryCatalogue(), MemoryCatalogue(), MemoryCatalogue()
        last = {event.track_id: event for event in sorted(events, key=lambda e: e.generation)}
        for event in last.values():
            await events_on(newest).media_ready(event)
        for event in shuffled:
            await events_on(in_turn).media_ready(event)
        await asyncio.gather(*(events_on(at_once).media_ready(event) for event in shuffled))
        return newest, in_turn, at_once

    newest, in_turn, at_once = asyncio.run(deliver())
    assert state(in_turn) == state(newest)
    assert state(at_once) == state(newest)


async def test_twelve_tracks_at_once_make_one_album() -> None:
    store = MemoryCatalogue()
    await asyncio.gather(*(events_on(store).media_ready(event) for event in album_of_twelve()))
    [album] = store.all_albums().values()
    assert [track.track_number for track in album.tracks] == list(range(1, 13))
    assert store.conflicts > 0


async def test_what_changed_is_published() -> None:
    publisher = RecordingPublisher()
    event = media_ready()
    await events_on(MemoryCatalogue(), publisher).media_ready(event)
    [(topic, changed, event_id)] = publisher.published
    assert isinstance(changed, CatalogChanged)
    assert topic == TOPIC
    assert (changed.upload_id, changed.generation) == (event.upload_id, event.generation)
    assert changed.event_id == event_id
    assert [change.type for change in changed.changes] == ["track", "album", "artist"]


async def test_a_lost_publish_is_made_good_in_full() -> None:
    store, publisher = MemoryCatalogue(), RecordingPublisher(fails=1)
    await events_on(store).media_ready(media_ready(album="Old"))
    moved = media_ready(album="New", generation=2)
    with pytest.raises(TimeoutError):
        await events_on(store, publisher).media_ready(moved)
    await events_on(store, publisher).media_ready(moved)
    await events_on(store, publisher).media_ready(moved)
    [(_, first, first_id), (_, second, second_id)] = publisher.published
    assert (first, first_id) == (second, second_id)
    assert isinstance(first, CatalogChanged)
    assert [change.type for change in first.changes].count("album") == 2


async def test_an_outdated_event_does_nothing() -> None:
    store, publisher = MemoryCatalogue(), RecordingPublisher()
    await events_on(store).media_ready(media_ready(generation=2, title="new"))
    await events_on(store, publisher).media_ready(media_ready(generation=1, title="old"))
    [track] = store.all_tracks().values()
    assert track.name == "new"
    assert publisher.published == []


async def test_an_artist_whom_nobody_names_any_more_is_gone() -> None:
    store = MemoryCatalogue()
    await events_on(store).media_ready(media_ready(artists=["Typo"]))
    await events_on(store).media_ready(media_ready(artists=["Right"], generation=2))
    assert [each.name for each in store.all_artists().values()] == ["Right"]


async def test_an_artist_is_shown_as_most_spell_it() -> None:
    store = MemoryCatalogue()
    for at, spelling in enumerate(["ac/dc", "AC/DC", "AC/DC"]):
        await events_on(store).media_ready(media_ready(f"{at}", album="", artists=[spelling]))
    assert store.all_artists()[artist("AC/DC").id].name == "AC/DC"


class ConflictingCatalogue(MemoryCatalogue):
    """Somebody else is always faster, `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def commit(
        self,
        update: Update,
        previous: Stored[StoredTrack] | None,
        albums: Mapping[str, Stored[Album]],
        *,
        erased_owner: str = "",
    ) -> None:
        if self.times > 0:
            self.times -= 1
            raise Conflict
        await super().commit(update, previous, albums, erased_owner=erased_owner)


async def test_a_conflict_is_tried_again() -> None:
    store = ConflictingCatalogue(times=3)
    await events_on(store).media_ready(media_ready())
    assert len(store.all_tracks()) == 1


async def test_tries_are_bounded() -> None:
    store, publisher = ConflictingCatalogue(times=1000), RecordingPublisher()
    with pytest.raises(Unavailable):
        await events_on(store, publisher).media_ready(media_ready())
    assert store.times > 900
    assert publisher.published == []


async def test_an_id_that_is_none_is_refused() -> None:
    with pytest.raises(BadRequest, match="track_id"):
        await events_on(MemoryCatalogue()).media_ready(
            msgspec.structs.replace(media_ready(), track_id="../albums/x")
        )


def push(body: bytes) -> dict[str, object]:
    return {"message": {"data": base64.b64encode(body).decode()}, "subscription": "s"}


def test_a_push_is_acknowledged_when_written() -> None:
    store = MemoryCatalogue()
    client = TestClient(events_on(store).app())
    answer = client.post("/events/media-ready", json=push(msgspec.json.encode(media_ready())))
    assert answer.status_code == 204
    assert len(store.all_tracks()) == 1


def test_a_poisoned_push_is_not_acknowledged() -> None:
    client = TestClient(events_on(MemoryCatalogue()).app())
    answer = client.post("/events/media-ready", json=push(b'{"track_id": 1}'))
    assert answer.status_code == 400
    assert "MediaReady" in answer.json()["error"]["message"]
