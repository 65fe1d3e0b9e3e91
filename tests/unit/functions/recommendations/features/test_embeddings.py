import msgspec
import pytest

from functions.recommendations.features.embeddings import SIZE, vector_of


def test_a_vector_is_read() -> None:
    raw = msgspec.json.encode({"version": 1, "vector": [0.5] * SIZE})
    assert vector_of(raw) == [0.5] * SIZE


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        msgspec.json.encode({"version": 2, "vector": [0.5] * SIZE}),
        msgspec.json.encode({"version": 1, "vector": [0.5] * (SIZE - 1)}),
        msgspec.json.encode({"version": 1, "vector": [0.0] * SIZE}),
    ],
    ids=["empty", "no object", "another version", "too short", "silence"],
)
def test_what_cannot_be_compared_is_no_vector(raw: bytes) -> None:
    assert vector_of(raw) == []
