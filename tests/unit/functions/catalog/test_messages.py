from functions.catalog import messages
from functions.catalog.albums import assemble
from functions.catalog.model import Artist
from tests.unit.functions.catalog.factories import media_ready, track


def test_a_track_carries_where_its_media_lie() -> None:
    event = media_ready(isrc="X1", explicit=True)
    message = messages.track(track(isrc="X1", explicit=True))
    assert message.media.prefix == event.prefix
    assert message.media.generation == event.generation
    assert message.media.renditions[0].codec == "mp4a.40.2"
    assert message.media.downloads[0].bytes == 4_000_000
    assert (message.isrc, message.explicit, message.duration_ms) == ("X1", True, 200_000)


def test_an_album_names_its_tracks_in_order() -> None:
    songs = [track("b", track_number=2), track("a", track_number=1)]
    album = assemble(songs[0].album_id, songs)
    assert album is not None
    message = messages.album(album)
    assert list(message.track_ids) == [songs[1].id, songs[0].id]
    assert message.album_type == "single"
    assert message.release_date == "1999-03-12"


def test_an_artist_has_a_name_and_genres() -> None:
    message = messages.artist(Artist("id", "Name", ["pop"]))
    assert (message.name, list(message.genres)) == ("Name", ["pop"])
