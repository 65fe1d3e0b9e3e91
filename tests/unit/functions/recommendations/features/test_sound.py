import math
from typing import Any

import msgspec
import pytest

from functions.recommendations.features.sound import HEARD, MEASURED, SIZE, vector_of

MEASURES = [0.5, *[0.0] * (MEASURED - 1)]
HEARS = [*[0.0] * (HEARD - 1), -7.0]


def document(**changes: Any) -> bytes:
    whole = {
        "version": 2,
        "vector": MEASURES,
        "network": {"model": "MSD_musicnn", "vector": HEARS, "tags": {"jazz": 0.5}},
    }
    return msgspec.json.encode(whole | changes)


def cosine(one: list[float], other: list[float]) -> float:
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return product / math.hypot(*one) / math.hypot(*other)


def test_both_halves_weigh_the_same_however_long_they_are() -> None:
    vector = vector_of(document())
    assert len(vector) == SIZE
    assert vector[0] == pytest.approx(math.sqrt(0.5), abs=1e-5)
    assert vector[-1] == pytest.approx(-math.sqrt(0.5), abs=1e-5)
    assert not any(vector[1:-1])


def test_what_only_the_network_tells_apart_is_half_alike() -> None:
    other = document(network={"model": "MSD_musicnn", "vector": HEARS[::-1]})
    assert cosine(vector_of(document()), vector_of(other)) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize(
    "raw",
    [
        msgspec.json.encode({"version": 1, "vector": MEASURES}),
        document(network=None),
        document(network={"model": "another", "vector": HEARS}),
        document(network={"model": "MSD_musicnn", "vector": HEARS[1:]}),
        document(network={"model": "MSD_musicnn", "vector": [0.0] * HEARD}),
    ],
    ids=["version 1", "failed", "another model", "too short", "zeros"],
)
def test_what_no_network_heard_is_compared_by_what_was_measured(raw: bytes) -> None:
    vector = vector_of(raw)
    assert len(vector) == SIZE
    assert not any(vector[MEASURED:])
    assert cosine(vector, vector) == pytest.approx(1)
    assert cosine(vector, vector_of(document())) == pytest.approx(math.sqrt(0.5), abs=1e-4)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"\xff",
        document(version=3),
        document(version=0),
        document(vector=MEASURES[1:]),
        document(vector=[0.0] * MEASURED),
        document(network="none"),
    ],
    ids=["empty", "no object", "no text", "newer", "older", "too short", "silence", "no network"],
)
def test_what_cannot_be_compared_is_no_vector(raw: bytes) -> None:
    assert vector_of(raw) == []
