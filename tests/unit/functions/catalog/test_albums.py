from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.catalog.albums import assemble, groups, shown_numbers
from functions.catalog.model import Album, AlbumGroup, AlbumType
from functions.catalog.names import VARIOUS_ARTISTS, artist
from tests.unit.functions.catalog.factories import track


def album(*tracks: dict[str, Any], **common: Any) -> Album:
    """The album of tracks that differ in these fields."""
    assembled = assemble(
        "album", [track(f"song {at}", **common | fields) for at, fields in enumerate(tracks)]
    )
    assert assembled is not None
    return assembled


def names(found: Album) -> list[str]:
    return [artist.name for artist in found.artists]


def test_no_tracks_are_no_album() -> None:
    assert assemble("album", []) is None


def test_tracks_are_ordered_by_disc_then_number() -> None:
    found = album(
        {"title": "c", "disc_number": 2, "track_number": 1},
        {"title": "b", "disc_number": 1, "track_number": 10},
        {"title": "a", "disc_number": 1, "track_number": 9},
    )
    assert [each.name for each in found.tracks] == ["a", "b", "c"]
    assert found.total_discs == 2
    assert found.total_tracks == 3


def test_tracks_without_a_number_come_last_on_their_disc_and_go_on_counting() -> None:
    found = album(
        {"title": "zebra", "track_number": 0},
        {"title": "Apple", "track_number": 0},
        {"title": "numbered", "track_number": 7},
        {"title": "other disc", "track_number": 0, "disc_number": 2},
    )
    assert [each.name for each in found.tracks] == ["numbered", "Apple", "zebra", "other disc"]
    assert shown_numbers(found.tracks) == [7, 8, 9, 1]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5)), min_size=1, max_size=8))
def test_shown_numbers_sort_as_we_do(positions: list[tuple[int, int]]) -> None:
    found = album(*({"disc_number": disc, "track_number": number} for disc, number in positions))
    shown = [
        (each.disc_number, number)
        for each, number in zip(found.tracks, shown_numbers(found.tracks), strict=True)
    ]
    assert shown == sorted(shown)


def test_tagged_album_artists_are_shown() -> None:
    found = album({"artists": ["A"]}, {"artists": ["B"]}, album_artists=["The Band"])
    assert names(found) == ["The Band"]


def test_else_the_artists_on_every_track() -> None:
    assert names(album({"artists": ["A"]}, {"artists": ["A", "Guest"]})) == ["A"]


def test_else_various() -> None:
    found = album({"artists": ["A"]}, {"artists": ["B"]}, group="folder")
    assert found.artists == [VARIOUS_ARTISTS]
    assert found.album_type is AlbumType.compilation


def test_a_flag_makes_a_compilation_of_one_artist() -> None:
    found = album({"compilation": True}, {})
    assert (found.album_type, names(found)) == (AlbumType.compilation, ["The Artist"])


def test_singles_are_short_and_of_few_tracks() -> None:
    assert album(*[{}] * 6, duration_ms=299_000).album_type is AlbumType.single
    assert album(*[{}] * 7, duration_ms=1_000).album_type is AlbumType.album
    assert album({}, duration_ms=30 * 60_000).album_type is AlbumType.album


def test_where_tracks_disagree_most_of_them_hold() -> None:
    found = album(
        {"album": "ALBUM", "release_date": "2001", "label": "", "track_number": 1},
        {"album": "Album", "release_date": "2001-05-05", "label": "L", "track_number": 2},
        {"album": "Album", "release_date": "2001-05-05", "label": "", "track_number": 3},
    )
    assert (found.name, found.released.date, found.label) == ("Album", "2001-05-05", "L")


def test_an_unknown_date_does_not_outvote_a_known_one() -> None:
    found = album({"release_date": ""}, {"release_date": ""}, {"release_date": "1980"})
    assert found.released.date == "1980"


def test_the_cover_is_the_first_that_there_is() -> None:
    found = album(
        {"cover_id": "later", "track_number": 3},
        {"cover_id": "first", "track_number": 2},
        {"cover_id": "", "track_number": 1},
    )
    assert found.cover_id == "first"


def test_genres_are_ordered_by_frequency() -> None:
    found = album({"genres": ["pop"]}, {"genres": ["rock", "pop"]}, {"genres": ["rock"]}, {})
    assert found.genres == ["pop", "rock"]


def test_groups_tell_hosts_from_guests() -> None:
    found = album({"artists": ["Host"]}, {"artists": ["Host", "Guest"]})
    assert groups(found) == {
        artist("Host").id: AlbumGroup.single,
        artist("Guest").id: AlbumGroup.appears_on,
    }


@given(st.data())
def test_the_order_of_arrival_does_not_matter(data: st.DataObject) -> None:
    tracks = [
        track(f"song {at}", **fields)
        for at, fields in enumerate(
            data.draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "track_number": st.integers(0, 3),
                            "disc_number": st.integers(0, 2),
                            "album": st.sampled_from(["Album", "ALBUM"]),
                            "artists": st.lists(st.sampled_from("ABC"), max_size=2),
                            "label": st.sampled_from(["", "L", "M"]),
                            "genres": st.lists(st.sampled_from(["x", "y"]), max_size=2),
                        }
                    ),
                    max_size=5,
                )
            )
        )
    ]
    shuffled = data.draw(st.permutations(tracks))
    assert assemble("album", shuffled) == assemble("album", tracks)
