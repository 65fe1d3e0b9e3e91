from hypothesis import given
from hypothesis import strategies as st

from functions.catalog import names
from functions.catalog.names import VARIOUS_ARTISTS
from shared import ids


def test_spellings_of_one_name_are_one_artist() -> None:
    spellings = ["Björk", "BJÖRK", " Bjo\u0308rk ", "Ｂｊöｒｋ"]
    assert len({names.artist(spelling).id for spelling in spellings}) == 1


def test_the_name_stays_as_spelled() -> None:
    assert names.artist("  AC/DC \u00a0 Live ").name == "AC/DC Live"


def test_accents_tell_artists_apart() -> None:
    assert names.artist("Bjork").id != names.artist("Björk").id


def test_artists_are_named_once_in_order() -> None:
    found = names.artists(["B", "a", " b ", "", "  "])
    assert [artist.name for artist in found] == ["B", "a"]


def test_all_ways_to_say_various_are_one() -> None:
    assert names.artists(["VA", "Various", "various  artists", "V.A."]) == [VARIOUS_ARTISTS]


@given(st.text())
def test_every_text_has_an_id(text: str) -> None:
    assert ids.is_valid(names.artist(text).id)


def album_id(
    *,
    owner: str = "owner",
    title: str = "Greatest Hits",
    album_artists: list[str] | None = None,
    compilation: bool = False,
    group: str = "",
    first_artist: str = "A",
    track_id: str = "track",
) -> str:
    return names.album_id(
        owner=owner,
        title=title,
        album_artists=names.artists(album_artists or []),
        compilation=compilation,
        group=group,
        first_artist=names.artist(first_artist),
        track_id=track_id,
    )


def test_tagged_album_artists_come_first() -> None:
    one = album_id(album_artists=["X", "Y"], group="folder", first_artist="A")
    assert one == album_id(album_artists=["y", "x"], compilation=True, first_artist="B")
    assert one != album_id(album_artists=["X"], group="folder")


def test_various_artists_are_a_compilation() -> None:
    assert album_id(album_artists=["VA"]) == album_id(compilation=True, group="folder")


def test_the_folder_keeps_an_untagged_album_together() -> None:
    assert album_id(group="g", first_artist="A") == album_id(group="g", first_artist="B")
    assert album_id(group="g") != album_id(group="h")


def test_else_the_first_artist_tells() -> None:
    assert album_id(first_artist="A") == album_id(first_artist="a", track_id="other")
    assert album_id(first_artist="A") != album_id(first_artist="B")


def test_owners_do_not_share_albums() -> None:
    assert album_id(owner="one") != album_id(owner="two")


def test_tracks_without_an_album_are_singles_of_their_own() -> None:
    assert album_id(title=" ", track_id="one") != album_id(title="", track_id="two")
    assert album_id(title="", track_id="one", group="g") == album_id(title=" ", track_id="one")
