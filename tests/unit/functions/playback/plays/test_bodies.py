import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.playback.plays.bodies import gunzip
from shared.errors import BadRequest, PayloadTooLarge

MOST = 1000


@given(st.binary(max_size=MOST))
def test_what_was_packed_comes_out(plain: bytes) -> None:
    assert gunzip(gzip.compress(plain), most=MOST) == plain


def test_one_byte_too_many() -> None:
    with pytest.raises(PayloadTooLarge):
        gunzip(gzip.compress(bytes(MOST + 1)), most=MOST)


def test_a_bomb_is_not_unpacked() -> None:
    packed = gzip.compress(bytes(200 * 1024 * 1024))
    tracemalloc.start()
    with pytest.raises(PayloadTooLarge):
        gunzip(packed, most=MOST)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1024 * 1024


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"plain",
        gzip.compress(b"cut")[:-1],
        gzip.compress(b"wrong sum")[:-8] + bytes(8),
        zlib.compress(b"another format"),
        gzip.compress(b"one") + b"more",
        gzip.compress(b"one") + gzip.compress(b"two"),
    ],
    # The time of day is in each: names of tests must not be.
    ids=["empty", "plain", "cut", "sum", "format", "more", "two"],
)
def test_broken(packed: bytes) -> None:
    with pytest.raises(BadRequest, match="gzip"):
        gunzip(packed, most=MOST)


@given(st.binary(max_size=200))
def test_anything_is_refused_or_unpacked(packed: bytes) -> None:
    try:
        gunzip(packed, most=MOST)
    except (BadRequest, PayloadTooLarge):
        return
