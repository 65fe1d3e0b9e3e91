import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.media import tag_text
from functions.media.tag_text import Named


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  A\tB\n C ", "A B C"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("abc\u202egpj.exe", "abcgpj.exe"),
        ("\ufeffTitle\u200b", "Title"),
        ("e\u0301", "\u00e9"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("AC/DC", "AC/DC"),
        ("<Unknown>", ""),
        ("unknown artist", ""),
        (" - ", ""),
        ("\ud800lone", "lone"),
        ("👩‍🚀 crew", "👩‍🚀 crew"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert tag_text.clean(text) == cleaned


def test_a_title_of_ten_megabytes_is_cut() -> None:
    assert tag_text.clean("x" * 10_000_000) == "x" * tag_text.MAX_LENGTH


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_clean_text_is_short_printable_and_stays_clean(text: str) -> None:
    cleaned = tag_text.clean(text)
    assert len(cleaned) <= tag_text.MAX_LENGTH
    assert cleaned == unicodedata.normalize("NFC", cleaned)
    assert cleaned.encode().decode() == cleaned
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in cleaned)
    assert tag_text.clean(cleaned) == cleaned


def test_clean_all_splits_joined_values_and_drops_doubles() -> None:
    assert tag_text.clean_all(["A; B", "B", "C\0D", "<Unknown>", ""]) == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("03/12", 3), (" 7 of 9", 7), ("-", 0), ("", 0), ("A1", 0), ("99999999999", 0)],
)
def test_number(text: str, number: int) -> None:
    assert tag_text.number(text) == number


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2007", "2007"),
        ("2007-05", "2007-05"),
        ("2007-05-09", "2007-05-09"),
        ("20070509", "2007-05-09"),
        ("2007-05-09T10:00:00Z", "2007-05-09"),
        ("2007-13-40", "2007"),
        ("2007-02-30", "2007-02"),
        ("0000", ""),
        ("soon", ""),
        ("", ""),
    ],
)
def test_date(text: str, date: str) -> None:
    assert tag_text.date(text) == date


@pytest.mark.parametrize(
    ("text", "isrc"), [("us-s1z-99-00001", "USS1Z9900001"), ("USS1Z990000", ""), ("", "")]
)
def test_isrc(text: str, isrc: str) -> None:
    assert tag_text.isrc(text) == isrc


@pytest.mark.parametrize(
    ("text", "upc"), [("0 12345 67890 5", "012345678905"), ("none", ""), ("١٢٣٤٥٦٧٨", "")]
)
def test_upc(text: str, upc: str) -> None:
    assert tag_text.upc(text) == upc


@pytest.mark.parametrize(
    ("filename", "named"),
    [
        ("Title.flac", Named("Title")),
        ("01 - Artist - Title.mp3", Named("Title", "Artist", track_number=1)),
        ("01 Title.mp3", Named("Title", track_number=1)),
        ("07. Title.ogg", Named("Title", track_number=7)),
        ("12 - Title.ogg", Named("Title", track_number=12)),
        ("1-03 Title.m4a", Named("Title", disc_number=1, track_number=3)),
        ("7.1 Surround.wav", Named("7.1 Surround")),
        ("01-Title.mp3", Named("Title", track_number=1)),
        ("1-03 - Title.m4a", Named("Title", disc_number=1, track_number=3)),
        ("Artist - Title.wav", Named("Title", "Artist")),
        ("Artist - Album - 05 - Title.wav", Named("Title", "Artist", "Album", track_number=5)),
        ("some_song_name.opus", Named("some song name")),
        ("99 Luftballons.mp3", Named("99 Luftballons")),
        ("1999.mp3", Named("1999")),
        ("../../etc/passwd", Named("passwd")),
        ("C:\\Music\\Song.mp3", Named("Song")),
        ("", Named("Untitled")),
        (".mp3", Named("Untitled")),
        ("-.mp3", Named("Untitled")),
    ],
)
def test_from_filename(filename: str, named: Named) -> None:
    assert tag_text.from_filename(filename) == named


@given(st.text())
def test_every_filename_gives_a_title(filename: str) -> None:
    assert tag_text.from_filename(filename).title
