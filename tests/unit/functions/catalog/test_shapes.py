from typing import Any

import msgspec
import pytest

from functions.catalog.albums import assemble
from functions.catalog.model import Album, AlbumGroup, Artist, Track
from functions.catalog.objects import Copyright
from functions.catalog.shapes import Shapes, copyrights
from shared.paging import Window
from tests.unit.functions.catalog import contract
from tests.unit.functions.catalog.factories import track

URL = "https://music.example"
SHAPES = Shapes(URL)

FULL: dict[str, Any] = {
    "artists": ["A", "B"],
    "album_artists": ["A"],
    "cover_id": "COVER",
    "isrc": "GBAYA6900001",
    "upc": "012345678905",
    "label": "Label",
    "copyright": "℗ & © 1999 Label",
    "genres": ["pop"],
    "explicit": True,
}
BARE: dict[str, Any] = {"track_number": 0, "release_date": "", "album": ""}


def plain(value: msgspec.Struct) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return decoded


def with_album(**fields: Any) -> tuple[Track, Album]:
    song = track(**fields)
    album = assemble(song.album_id, [song])
    assert album is not None
    return song, album


@pytest.mark.parametrize("fields", [FULL, BARE])
def test_objects_fit_the_contract(fields: dict[str, Any]) -> None:
    song, album = with_album(**fields)
    window = Window(20, 0)
    artist = Artist(song.artists[0].id, "A", ["pop"])
    contract.check(plain(SHAPES.track(song, album)), "TrackObject")
    contract.check(plain(SHAPES.album(album, window)), "AlbumObject")
    contract.check(plain(SHAPES.simplified_album(album)), "SimplifiedAlbumObject")
    contract.check(plain(SHAPES.artist(artist)), "ArtistObject")
    contract.check(
        plain(SHAPES.discography_album(album, AlbumGroup.appears_on)),
        "ArtistDiscographyAlbumObject",
    )
    page = plain(SHAPES.tracks_of(album, window))
    contract.check(page, "PagingSimplifiedTrackObject")
    contract.check(page["items"][0], "SimplifiedTrackObject")
    contract.check(page["items"][0]["artists"][0], "SimplifiedArtistObject")


def test_links_lead_to_this_deployment() -> None:
    song, album = with_album(cover_id="COVER")
    shown = plain(SHAPES.track(song, album))
    assert shown["href"] == f"{URL}/v1/tracks/{song.id}"
    assert shown["external_urls"] == {"spotify": f"{URL}/track/{song.id}"}
    assert shown["uri"] == f"spotify:track:{song.id}"
    assert shown["album"]["href"] == f"{URL}/v1/albums/{album.id}"
    assert shown["artists"][0]["uri"] == f"spotify:artist:{song.artists[0].id}"
    assert [(image["url"], image["width"]) for image in shown["album"]["images"]] == [
        (f"{URL}/images/COVER/{size}.jpg", size) for size in (640, 300, 64)
    ]


def test_what_is_unknown_is_left_out_or_empty() -> None:
    song, album = with_album(**BARE)
    shown = plain(SHAPES.track(song, album))
    assert shown["external_ids"] == {}
    assert shown["preview_url"] is None
    assert shown["album"]["images"] == []
    assert shown["album"]["release_date"] == "0000"
    assert plain(SHAPES.album(album, Window(20, 0)))["copyrights"] == []


def test_a_track_shows_the_number_that_its_album_gives_it() -> None:
    numbered, other = track("a", track_number=4), track("b", track_number=0)
    album = assemble(other.album_id, [numbered, other])
    assert album is not None
    assert SHAPES.track(other, album).track_number == 5


def test_pages_of_an_albums_tracks() -> None:
    songs = [track(f"{at}", track_number=at) for at in range(1, 6)]
    album = assemble("x", songs)
    assert album is not None
    page = SHAPES.tracks_of(album, Window(limit=2, offset=2))
    assert [each.track_number for each in page.items] == [3, 4]
    assert page.total == 5
    assert page.next == f"{URL}/v1/albums/x/tracks?limit=2&offset=4"
    assert page.previous == f"{URL}/v1/albums/x/tracks?limit=2&offset=0"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", []),
        ("1999 Label", ["C"]),
        ("© 1999 Label", ["C"]),
        ("(P) 1999 Label", ["P"]),
        ("℗ & © 1999 Label", ["C", "P"]),
    ],
)
def test_copyrights(text: str, kinds: list[str]) -> None:
    assert copyrights(text) == [Copyright(text, kind) for kind in kinds]
