from collections import Counter

from functions.catalog.names import artist
from functions.catalog.update import Mention, albums_of, plan
from shared.events import Change
from tests.unit.functions.catalog.factories import track


def test_a_first_track_makes_its_album_and_names_its_artists() -> None:
    song = track(artists=["A", "B"], album_artists=["A"], genres=["pop"])
    update = plan(song, None, {})
    album = update.albums[song.album_id]
    assert album is not None
    assert [each.id for each in album.tracks] == [song.id]
    a, b = artist("A").id, artist("B").id
    assert update.mentions == {
        Mention(a, "names", "A"): 2,  # as the track's artist and as the album's
        Mention(b, "names", "B"): 1,
        Mention(a, "genres", "pop"): 1,
        Mention(b, "genres", "pop"): 1,
    }
    assert update.changes == [
        Change("track", song.id),
        Change("album", song.album_id),
        *(Change("artist", id) for id in sorted([a, b])),
    ]


def test_the_same_again_adds_nobody() -> None:
    first, again = track(), track(generation=2)
    known = {id: album for id, album in plan(first, None, {}).albums.items() if album}
    update = plan(again, first, known)
    assert update.mentions == {}
    assert Change("artist", artist("The Artist").id) in update.changes


def test_a_track_that_moves_leaves_nothing_behind() -> None:
    before = track(album="Old", artists=["Old Artist"])
    after = track(album="New", artists=["New Artist"], generation=2)
    first = plan(before, None, {})
    update = plan(after, before, {id: album for id, album in first.albums.items() if album})
    assert update.albums[before.album_id] is None
    assert update.albums[after.album_id] is not None
    left = Counter(first.mentions)
    left.update(update.mentions)
    assert {mention.artist_id for mention in left.elements()} == {artist("New Artist").id}
    changed = {change.id for change in update.changes}
    assert {before.album_id, artist("Old Artist").id} <= changed


def test_the_album_that_it_leaves_keeps_the_others() -> None:
    stays, moves = track("stays", album="Old"), track("moves", album="Old")
    albums = {id: album for id, album in plan(stays, None, {}).albums.items() if album}
    albums |= {id: album for id, album in plan(moves, None, albums).albums.items() if album}
    moved = track("moves", album="New", generation=2)
    assert albums_of(moved, moves) == {moves.album_id, moved.album_id}
    left = plan(moved, moves, albums).albums[moves.album_id]
    assert left is not None
    assert [each.id for each in left.tracks] == [stays.id]
