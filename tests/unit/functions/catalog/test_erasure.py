import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog import retry
from functions.catalog.handlers import CatalogEvents
from shared import ids
from shared.errors import BadRequest
from shared.events import CatalogChanged, Change, MediaReady, PersonErased, PersonErasedHere
from tests.unit.functions.catalog.factories import album_of_twelve, media_ready
from tests.unit.functions.catalog.fakes import MemoryCatalogue, RecordingPublisher, catalog_events

CHANGED = "projects/p/topics/catalog-changed"
ERASED_HERE = "projects/p/topics/person-erased-here"
ANNA = PersonErased("e", "anna", "2026-01-01T00:00:00+00:00")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_FIRST_PAUSE_S", 0.0)


def events_on(store: MemoryCatalogue, publisher: RecordingPublisher | None = None) -> CatalogEvents:
    return catalog_events(
        store=store,
        publisher=publisher or RecordingPublisher(),
        catalog_changed_topic=CHANGED,
        person_erased_here_topic=ERASED_HERE,
    )


def of(owner: str, name: str, **fields: Any) -> MediaReady:
    track_id = ids.derive("track", owner, name)
    return media_ready(name, owner=owner, track_id=track_id, **fields)


async def catalogue(events: Iterable[MediaReady]) -> MemoryCatalogue:
    store = MemoryCatalogue()
    for event in events:
        await events_on(store).media_ready(event)
    return store


def changes_of(publisher: RecordingPublisher) -> set[Change]:
    return {
        change
        for _, event, _ in publisher.published
        if isinstance(event, CatalogChanged)
        for change in event.changes
    }


async def test_tracks_go_and_empty_albums_and_artists_with_them() -> None:
    store = await catalogue(album_of_twelve(owner="anna"))
    before = {*store.all_tracks(), *store.all_albums(), *store.all_artists()}
    publisher = RecordingPublisher()
    await events_on(store, publisher).person_erased(ANNA)
    assert (store.all_tracks(), store.all_albums(), store.all_artists()) == ({}, {}, {})
    assert {change.id for change in changes_of(publisher)} == before
    topic, confirmed, event_id = publisher.published[-1]
    assert confirmed == PersonErasedHere(event_id, "anna", "catalog")
    assert topic == ERASED_HERE


async def test_what_others_put_on_the_same_album_stays() -> None:
    theirs = [of("ben", "song 13", artists=["Guest"])]
    store = await catalogue([of("anna", "song 1"), of("anna", "song 2"), *theirs])
    await events_on(store).person_erased(ANNA)
    alone = await catalogue(theirs)
    assert store.all_tracks() == alone.all_tracks()
    assert store.all_albums() == alone.all_albums()
    assert store.all_artists() == alone.all_artists()


async def test_who_has_nothing_is_confirmed_too() -> None:
    publisher = RecordingPublisher()
    await events_on(MemoryCatalogue(), publisher).person_erased(ANNA)
    assert [topic for topic, _, _ in publisher.published] == [ERASED_HERE]


async def test_a_track_that_comes_late_is_not_listed_again() -> None:
    store = await catalogue([of("anna", "one")])
    await events_on(store).person_erased(ANNA)
    publisher = RecordingPublisher()
    await events_on(store, publisher).media_ready(of("anna", "two"))
    assert store.all_tracks() == {}
    assert store.all_albums() == {}
    assert {change.type for change in changes_of(publisher)} == {"track", "album", "artist"}


@pytest.mark.parametrize("fails", range(1, 4))
async def test_what_was_removed_is_told_in_the_end(fails: int) -> None:
    store = await catalogue([of("anna", "one"), of("anna", "two", album="Other")])
    known = {*store.all_tracks(), *store.all_albums(), *store.all_artists()}
    publisher = RecordingPublisher(fails)
    for _ in range(fails):
        with pytest.raises(TimeoutError):
            await events_on(store, publisher).person_erased(ANNA)
    await events_on(store, publisher).person_erased(ANNA)
    assert {change.id for change in changes_of(publisher)} == known
    assert await store.untold("anna") == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["anna", "ben"]),
            st.sampled_from(["one", "two", "three"]),
            st.sampled_from(["Album", "Other", ""]),
        ),
        max_size=6,
        unique_by=lambda each: each[:2],
    )
)
@settings(deadline=None)
def test_in_any_order_only_others_tracks_are_left(tracks: list[tuple[str, str, str]]) -> None:
    events = [of(owner, name, album=album) for owner, name, album in tracks]

    async def deliver() -> tuple[MemoryCatalogue, MemoryCatalogue]:
        store = MemoryCatalogue()
        handler = events_on(store)
        await asyncio.gather(
            *(handler.media_ready(event) for event in events),
            handler.person_erased(ANNA),
            handler.person_erased(ANNA),
        )
        return store, await catalogue(event for event in events if event.owner == "ben")

    store, expected = asyncio.run(deliver())
    assert store.all_tracks() == expected.all_tracks()
    assert store.all_albums() == expected.all_albums()
    assert store.all_artists() == expected.all_artists()


@pytest.mark.parametrize("user_id", ["", "../albums/x", "a/b"])
async def test_an_id_that_is_none_is_refused(user_id: str) -> None:
    with pytest.raises(BadRequest):
        await events_on(MemoryCatalogue()).person_erased(PersonErased("e", user_id, ""))
