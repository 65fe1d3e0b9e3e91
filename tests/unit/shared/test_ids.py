import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import ids


@given(st.binary(min_size=16, max_size=16))
def test_bytes_survive_the_round_trip(raw: bytes) -> None:
    text = ids.from_bytes(raw)

    assert len(text) == 22
    assert ids.to_bytes(text) == raw


@pytest.mark.parametrize("text", ["", "0" * 21, "0" * 23, "0" * 21 + "-", "Z" * 22, "é" * 22])
def test_refuses_what_is_no_id(text: str) -> None:
    assert not ids.is_valid(text)
    with pytest.raises(ids.InvalidId):
        ids.to_bytes(text)


def test_refuses_other_lengths_of_bytes() -> None:
    with pytest.raises(ids.InvalidId):
        ids.from_bytes(b"short")


@given(st.lists(st.text(), min_size=1, max_size=3), st.lists(st.text(), min_size=1, max_size=3))
def test_different_parts_give_different_ids(one: list[str], other: list[str]) -> None:
    assert (ids.derive("track", *one) == ids.derive("track", *other)) == (one == other)


def test_kinds_do_not_collide() -> None:
    assert ids.derive("track", "a") != ids.derive("upload", "a")


def test_random_ids_are_valid_and_differ() -> None:
    first, second = ids.random(), ids.random()

    assert ids.is_valid(first)
    assert first != second
