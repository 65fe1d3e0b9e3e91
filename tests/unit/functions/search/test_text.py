"""Text is folded alike, whoever wrote it and on whichever keyboard."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.search.text import MOST_WORDS, words


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Ｃａｆé", ["cafe"]),
        ("CAFE\u0301", ["cafe"]),
        ("Straße", ["strasse"]),
        ("Ægir Łódź", ["aegir", "lodz"]),
        ("Кино", ["kino"]),
        ("Ελλάδα", ["ellada"]),
        ("ｻｸﾗ サクラ さくら", ["sakura", "sakura", "sakura"]),
        ("東京", ["dong", "jing"]),
        ("R.E.M.", ["rem"]),
        ("Don't don\u2019t", ["dont", "dont"]),
        ("AC/DC", ["ac", "dc"]),
        ("Simon & Garfunkel", ["simon", "and", "garfunkel"]),
        ("", []),
        (" \t\n", []),
        ("a\x00b", ["a", "b"]),
        ("\ud800x", ["x"]),
    ],
)
def test_words(written: str, found: list[str]) -> None:
    assert words(written) == found


def test_a_name_of_signs_can_be_found_by_just_these_signs() -> None:
    assert words("!!!") == words("!!!")
    assert words("!!!") != words("???")
    assert len(words("!!! ???")) == 2


def test_long_text_has_an_end() -> None:
    assert len(words("a " * 10_000)) == MOST_WORDS
    assert len(words("a" * 10_000)[0]) < 50


@settings(deadline=None)
@given(st.text(max_size=300))
def test_every_word_is_plain_and_stays_as_it_is(written: str) -> None:
    for word in words(written):
        assert word.isascii()
        assert word.isalnum()
        assert word == word.lower()
        assert words(word) == [word]
