"""One typing error, and no more."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from functions.search.build import rests
from functions.search.distance import begins_with_one_error, is_one_error


@pytest.mark.parametrize(
    "mistyped", ["nirvna", "nirvaana", "nirvama", "nirvnaa", "inrvana", "nirvan"]
)
def test_one_error(mistyped: str) -> None:
    assert is_one_error("nirvana", mistyped)
    assert is_one_error(mistyped, "nirvana")


@pytest.mark.parametrize("other", ["nirvana", "irvan", "navrina", "nirvanaaa", "", "narvina"])
def test_no_error_or_two(other: str) -> None:
    assert not is_one_error("nirvana", other)


LETTERS = st.text("abcd", min_size=4, max_size=9)


@settings(deadline=None)
@given(LETTERS, st.data())
def test_a_letter_more_less_or_other_is_one_error(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdxyz"))
    for made in (
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
    ):
        if made != word:
            assert is_one_error(word, made)
            assert set(rests(word)) & set(rests(made))


@settings(deadline=None)
@given(LETTERS, st.data())
def test_every_swap_is_one_error(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    assume(swapped != word)
    assert is_one_error(word, swapped)
    assert set(rests(word)) & set(rests(swapped))


@pytest.mark.parametrize("typed", ["lamter", "lantre", "laner", "lannter", "lanterm"])
def test_a_beginning_with_one_error(typed: str) -> None:
    assert begins_with_one_error(typed, "lanterns")


@pytest.mark.parametrize("typed", ["lnatre", "lamtrn", "spirit", "lanternsxy"])
def test_no_beginning_of_the_word(typed: str) -> None:
    assert not begins_with_one_error(typed, "lanterns")


SHORT = st.text("abc", min_size=1, max_size=7)


@given(SHORT, SHORT)
def test_a_beginning_is_what_the_beginnings_say(typed: str, word: str) -> None:
    assume(not word.startswith(typed))
    lengths = range(len(typed) - 1, len(typed) + 2)
    assert begins_with_one_error(typed, word) == any(
        is_one_error(typed, word[:length]) for length in lengths
    )


@given(SHORT, SHORT)
def test_what_is_right_so_far_has_no_error(typed: str, rest: str) -> None:
    assert not begins_with_one_error(typed, typed + rest)
