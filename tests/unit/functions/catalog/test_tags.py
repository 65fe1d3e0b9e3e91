import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.catalog.model import DatePrecision
from functions.catalog.tags import UNTITLED, release_date
from tests.unit.functions.catalog.factories import track


@pytest.mark.parametrize(
    ("text", "date", "precision"),
    [
        ("1969", "1969", "year"),
        ("1969-09", "1969-09", "month"),
        ("1969-09-26", "1969-09-26", "day"),
        (" 1969-09-26T12:00:00Z ", "1969-09-26", "day"),
        ("1969/09/26", "1969-09-26", "day"),
        ("19690926", "1969-09-26", "day"),
        ("1969.09", "1969-09", "month"),
        ("1969-00-00", "1969", "year"),
        ("1969-13", "1969", "year"),
        ("1969-02-30", "1969-02", "month"),
        ("2024-02-29", "2024-02-29", "day"),
        ("0000", "0000", "year"),
        ("26.09.1969", "0000", "year"),
        ("69", "0000", "year"),
        ("١٩٦٩", "0000", "year"),
        ("", "0000", "year"),
        ("sometime", "0000", "year"),
    ],
)
def test_release_dates(text: str, date: str, precision: str) -> None:
    found = release_date(text)
    assert (found.date, found.precision) == (date, DatePrecision(precision))


@given(st.text() | st.from_regex(r"\d{1,8}[-./]?\d{0,3}[-./]?\d{0,3}"))
def test_any_text_has_a_date_as_long_as_its_precision(text: str) -> None:
    found = release_date(text)
    assert len(found.date) == {"year": 4, "month": 7, "day": 10}[found.precision.value]


def test_what_is_missing_gets_a_name() -> None:
    nameless = track(title="  ", artists=["", " "], album="")
    assert nameless.name == UNTITLED
    assert [artist.name for artist in nameless.artists] == ["Unknown Artist"]
    assert nameless.album.title == UNTITLED


def test_a_track_without_an_album_is_a_single_of_its_name() -> None:
    assert track("Alone", album="").album.title == "Alone"


def test_numbers_that_cannot_be_are_unknown() -> None:
    odd = track(disc_number=-1, track_number=-3)
    assert (odd.disc_number, odd.track_number) == (1, 0)


def test_genres_are_folded_and_named_once() -> None:
    assert track(genres=["Prog Rock", " prog  rock", "", "Jazz"]).genres == ["prog rock", "jazz"]


def test_isrc_is_written_without_hyphens() -> None:
    assert track(isrc="gb-aya-69-00001").isrc == "GBAYA6900001"
