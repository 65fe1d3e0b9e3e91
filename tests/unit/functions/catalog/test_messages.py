from msgspec.structs import replace

from functions.catalog import messages
from functions.catalog.albums import assemble
from functions.catalog.model import Album, Artist, Terms, Track
from tests.unit.functions.catalog.factories import media_ready, track

NOW = "2030-01-01T00:00:00Z"


def album_of(*songs: Track) -> Album:
    album = assemble(songs[0].album_id, songs)
    assert album is not None
    return album


def test_a_track_carries_where_its_media_lie() -> None:
    event = media_ready(isrc="X1", explicit=True)
    song = track(isrc="X1", explicit=True)
    message = messages.track(song, album_of(song), NOW)
    assert message.media.prefix == event.prefix
    assert message.media.generation == event.generation
    assert message.media.renditions[0].codec == "mp4a.40.2"
    assert message.media.downloads[0].bytes == 4_000_000
    assert (message.isrc, message.explicit, message.duration_ms) == ("X1", True, 200_000)


def test_an_album_names_its_tracks_in_order() -> None:
    songs = [track("b", track_number=2), track("a", track_number=1)]
    message = messages.album(album_of(*songs))
    assert list(message.track_ids) == [songs[1].id, songs[0].id]
    assert message.album_type == "single"
    assert message.release_date == "1999-03-12"


def test_an_artist_has_a_name_and_genres() -> None:
    message = messages.artist(Artist("id", "Name", ["pop"]))
    assert (message.name, list(message.genres)) == ("Name", ["pop"])


def test_a_track_that_was_only_named_has_no_media() -> None:
    song = replace(track(), media=None, playable=False)
    message = messages.track(song, album_of(song), NOW)
    assert not message.playable
    assert not message.HasField("media")


def test_a_track_and_its_album_limit_where_and_when_it_may_be_played() -> None:
    song = replace(track(), terms=Terms(markets=["DE", "SE"]))
    album = replace(album_of(song), terms=Terms(["SE", "US"], available_from=NOW))
    message = messages.track(song, album, NOW)
    assert (list(message.markets), message.playable) == (["SE"], True)
    assert not messages.track(song, album, "2029-12-31T23:59:59Z").playable
