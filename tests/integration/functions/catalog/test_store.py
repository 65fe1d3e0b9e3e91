"""The store and its handler on Google's Firestore emulator."""

import asyncio
import secrets

import msgspec
import pytest

from functions.catalog.albums import assemble
from functions.catalog.handlers import CatalogEvents
from functions.catalog.model import AlbumGroup
from functions.catalog.names import artist
from functions.catalog.store import FirestoreCatalogue
from functions.catalog.tags import track_of
from functions.catalog.update import plan
from shared import ids
from shared.events import CatalogChanged, MediaReady, PersonErased
from shared.firestore import Conflict
from tests.unit.functions.catalog.factories import album_of_twelve, media_ready
from tests.unit.functions.catalog.fakes import RecordingPublisher, catalog_events

ALL = list(AlbumGroup)


@pytest.fixture
def store(firestore_emulator: str, project: str) -> FirestoreCatalogue:
    """Empty: each test has a database of its own."""
    return FirestoreCatalogue(project, f"test-{secrets.token_hex(4)}")


def handler(store: FirestoreCatalogue) -> CatalogEvents:
    return catalog_events(
        store=store,
        publisher=RecordingPublisher(),
        catalog_changed_topic="t",
        person_erased_here_topic="",
    )


async def deliver(store: FirestoreCatalogue, *events: MediaReady) -> None:
    """One after another."""
    for event in events:
        await handler(store).media_ready(event)


async def test_what_is_written_is_read(store: FirestoreCatalogue) -> None:
    event = media_ready(genres=["pop"], cover_id="c", label="L", artists=["A", "B"])
    await deliver(store, event)
    expected = track_of(event)
    track = (await store.tracks([event.track_id]))[event.track_id]
    assert msgspec.structs.asdict(track) == {
        **msgspec.structs.asdict(expected),
        "changes": track.changes,  # type: ignore[attr-defined]  # stored with the track
    }
    planned = plan(expected, None, {})
    assert await store.albums([track.album_id]) == planned.albums
    artists = await store.artists([each.id for each in expected.artists])
    assert [(each.name, each.genres) for each in artists.values()] == [
        ("A", ["pop"]),
        ("B", ["pop"]),
    ]


async def test_reads_leave_out_what_is_not_there(store: FirestoreCatalogue) -> None:
    await deliver(store, media_ready())
    unknown = ids.derive("nothing")
    assert await store.tracks([]) == {}
    assert await store.tracks([unknown]) == {}
    assert await store.stored_track(unknown) is None
    found = await store.albums([unknown, track_of(media_ready()).album_id, unknown])
    assert len(found) == 1


async def test_twelve_tracks_of_an_album_at_once(store: FirestoreCatalogue) -> None:
    events = album_of_twelve(genres=["pop"])
    await asyncio.gather(*(handler(store).media_ready(event) for event in [*events, *events]))
    album_id = track_of(events[0]).album_id
    album = (await store.albums([album_id]))[album_id]
    assert [each.track_number for each in album.tracks] == list(range(1, 13))
    tracks = await store.tracks(event.track_id for event in events)
    assert {each.album_id for each in tracks.values()} == {album_id}


async def test_twelve_singles_of_an_artist_at_once(store: FirestoreCatalogue) -> None:
    events = [media_ready(f"{at}", album="", genres=["pop"]) for at in range(12)]
    await asyncio.gather(*(handler(store).media_ready(event) for event in events))
    _, total = await store.albums_of(artist("The Artist").id, ALL, limit=50, offset=0)
    assert total == 12


async def test_the_same_track_twice_at_once_counts_once(store: FirestoreCatalogue) -> None:
    await asyncio.gather(*(handler(store).media_ready(media_ready()) for _ in range(4)))
    await deliver(store, media_ready(generation=2, artists=["Somebody Else"]))
    assert await store.artists([artist("The Artist").id]) == {}


async def test_a_track_that_moves(store: FirestoreCatalogue) -> None:
    stays, moves = media_ready("stays"), media_ready("moves")
    moved = media_ready("moves", album="New", artists=["New Artist"], generation=2)
    await deliver(store, stays, moves, moved, moves)
    old_id, new_id = track_of(stays).album_id, track_of(moved).album_id
    albums = await store.albums([old_id, new_id])
    assert [each.id for each in albums[old_id].tracks] == [stays.track_id]
    assert [each.id for each in albums[new_id].tracks] == [moves.track_id]


async def test_an_album_vanishes_with_its_last_track(store: FirestoreCatalogue) -> None:
    before, after = media_ready(), media_ready(album="New", artists=["New"], generation=2)
    await deliver(store, before, after)
    assert list(await store.albums([track_of(before).album_id, track_of(after).album_id])) == [
        track_of(after).album_id
    ]
    assert await store.artists([artist("The Artist").id]) == {}


async def test_a_conflict_writes_nothing(store: FirestoreCatalogue) -> None:
    await deliver(store, media_ready("one"))
    album_id = track_of(media_ready()).album_id
    read = await store.stored_albums([album_id])
    await deliver(store, media_ready("two"))
    late = track_of(media_ready("late", artists=["Late Artist"], album_artists=[]))
    late = msgspec.structs.replace(late, album_id=album_id)
    planned = plan(late, None, {album_id: read[album_id].item})
    with pytest.raises(Conflict):
        await store.commit(planned, None, read)
    assert await store.tracks([late.id]) == {}
    assert await store.artists([artist("Late Artist").id]) == {}
    assert (await store.albums([album_id]))[album_id].total_tracks == 2


@pytest.mark.parametrize("generation", [1, 2])
async def test_a_track_that_was_there_first_is_a_conflict(
    store: FirestoreCatalogue, generation: int
) -> None:
    await deliver(store, media_ready(album="A"))
    previous = await store.stored_track(media_ready().track_id)
    assert previous is not None
    if generation == 2:
        await deliver(store, media_ready(album="A", generation=2))
    track = track_of(media_ready(album="B", generation=3))
    with pytest.raises(Conflict):
        await store.commit(plan(track, None, {}), previous if generation == 2 else None, {})


async def test_a_vanished_album_is_a_conflict(store: FirestoreCatalogue) -> None:
    await deliver(store, media_ready("one"))
    album_id = track_of(media_ready("one")).album_id
    read = await store.stored_albums([album_id])
    await deliver(store, media_ready("one", album="New", generation=2))
    late = track_of(media_ready("late"))
    with pytest.raises(Conflict):
        await store.commit(plan(late, None, {album_id: read[album_id].item}), None, read)


async def test_an_artists_albums(store: FirestoreCatalogue) -> None:
    await deliver(
        store,
        media_ready("a", album="Old", release_date="1990"),
        media_ready("b", album="New", release_date="1990-06-01"),
        media_ready("c", album="Undated", release_date=""),
        media_ready("d", album="Other's", album_artists=["Host"], release_date="2000"),
    )
    artist_id = artist("The Artist").id
    albums, total = await store.albums_of(artist_id, ALL, limit=50, offset=0)
    assert [album.name for album in albums] == ["Other's", "New", "Old", "Undated"]
    assert total == 4
    albums, total = await store.albums_of(artist_id, [AlbumGroup.single], limit=1, offset=1)
    assert ([album.name for album in albums], total) == (["Old"], 3)
    albums, total = await store.albums_of(artist_id, [AlbumGroup.appears_on], limit=9, offset=0)
    assert ([album.name for album in albums], total) == (["Other's"], 1)
    assert await store.albums_of(ids.derive("nobody"), ALL, limit=9, offset=0) == ([], 0)


async def test_any_text_can_be_a_name(store: FirestoreCatalogue) -> None:
    names = ["__reserved__", "a.b`c/d", "\U0001f3b5" * 600, "back\\slash"]
    await deliver(store, media_ready(artists=names, genres=["__x__", "r&b / soul"]))
    artists = await store.artists([artist(name).id for name in names])
    assert sorted(each.name for each in artists.values()) == sorted(names)


async def test_an_album_of_a_thousand_tracks_fits(store: FirestoreCatalogue) -> None:
    tracks = [track_of(media_ready(f"Title of song {at}", track_number=at)) for at in range(1000)]
    *most, last = tracks
    known = assemble(last.album_id, most)
    assert known is not None
    await store.commit(plan(last, None, {known.id: known}), None, {})
    assert (await store.albums([known.id]))[known.id].total_tracks == 1000


async def test_an_erased_persons_tracks_are_gone_for_good(store: FirestoreCatalogue) -> None:
    theirs = album_of_twelve(owner="anna", genres=["pop"])
    other = media_ready("song 13", owner="ben")
    await deliver(store, *theirs, other)
    publisher = RecordingPublisher()
    events = catalog_events(
        store=store,
        publisher=publisher,
        catalog_changed_topic="changed",
        person_erased_here_topic="erased-here",
    )
    erased = PersonErased("e", "anna", "")
    await asyncio.gather(events.person_erased(erased), events.person_erased(erased))
    assert await store.tracks(event.track_id for event in theirs) == {}
    album_id = track_of(other).album_id
    album = (await store.albums([album_id]))[album_id]
    assert [each.name for each in album.tracks] == ["song 13"]
    told = {
        change.id
        for _, event, _ in publisher.published
        if isinstance(event, CatalogChanged)
        for change in event.changes
    }
    assert told >= {event.track_id for event in theirs}
    assert await store.untold("anna") == []
    await deliver(store, theirs[0])
    assert await store.tracks([theirs[0].track_id]) == {}
