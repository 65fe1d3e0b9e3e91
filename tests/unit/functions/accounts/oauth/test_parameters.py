from urllib.parse import urlencode

import pytest
from authlib.oauth2.rfc6749 import InvalidRequestError
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.oauth import parameters

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(_TEXT, _TEXT, max_size=20))
def test_reads_what_was_written(values: dict[str, str]) -> None:
    assert parameters.parse(urlencode(values)) == values


def test_empty_values_count_as_left_out() -> None:
    assert parameters.parse("a=&b=1&c") == {"b": "1"}


@pytest.mark.parametrize(
    "text",
    [
        "a=1&a=2",
        "a=1&a=1",
        "a=1&%61=2",
        "a=%ff",
        "a=%ed%a0%80",
        "a=%00",
        "%00=1",
        "&".join(f"a{n}=1" for n in range(51)),
    ],
)
def test_refuses(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        parameters.parse(text)


def test_refuses_what_is_too_long() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        parameters.parse("a=" + "b" * parameters.MAX_BYTES)

    assert refused.value.status_code == 413


@given(st.text())
def test_nothing_else_goes_wrong(text: str) -> None:
    try:
        found = parameters.parse(text)
    except InvalidRequestError:
        return
    assert all(found.values())
