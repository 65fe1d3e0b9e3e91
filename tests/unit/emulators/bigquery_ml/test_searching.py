"""The nearest vectors are those that a look at each pair finds."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.rows import encoded
from emulators.bigquery_ml.searching import nearest

numbers = st.floats(-100, 100).map(lambda number: round(number, 3))
vectors = st.lists(st.lists(numbers, min_size=3, max_size=3), max_size=12)


def rows(of: list[list[float]]) -> bytes:
    return encoded({"n": number, "v": vector} for number, vector in enumerate(of))


def found(
    base: list[list[float]], queries: list[list[float]], top_k: int, kind: str
) -> dict[int, list[float]]:
    """The distances found for each query, nearest first."""
    answer: dict[int, list[float]] = {}
    for line in b"".join(nearest(rows(base), rows(queries), top_k, kind)).splitlines():
        each = msgspec.json.decode(line)
        answer.setdefault(each["q"], []).append(each["d"])
        assert each["d"] == pytest.approx(
            far(queries[each["q"]], base[each["b"]], kind), abs=1e-9, rel=1e-9
        )
    return answer


def far(a: list[float], b: list[float], kind: str) -> float:
    if kind == "EUCLIDEAN":
        return math.dist(a, b)
    return 1 - sum(x * y for x, y in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)


@given(vectors, vectors, st.integers(1, 15), st.sampled_from(["EUCLIDEAN", "COSINE"]))
def test_nothing_nearer_is_missed(
    base: list[list[float]], queries: list[list[float]], top_k: int, kind: str
) -> None:
    answer = found(base, queries, top_k, kind)
    usable = [vector for vector in base if kind == "EUCLIDEAN" or any(vector)]
    for number, query in enumerate(queries):
        if kind == "COSINE" and not any(query):
            assert number not in answer
            continue
        expected = sorted(far(query, vector, kind) for vector in usable)[:top_k]
        assert answer.get(number, []) == pytest.approx(expected, abs=1e-9, rel=1e-9)


def test_rows_without_a_vector_are_not_found() -> None:
    base = encoded([{"n": 1, "v": None}, {"n": 2, "v": []}, {"n": 3, "v": [1.0]}])
    [line] = b"".join(nearest(base, base, 5, "EUCLIDEAN")).splitlines()
    assert msgspec.json.decode(line) == {"q": 3, "b": 3, "d": 0.0}
    assert list(nearest(b"", base, 5, "EUCLIDEAN")) == []


@pytest.mark.parametrize(
    ("base", "queries"), [([[1.0, 2.0]], [[1.0]]), ([[1.0], [1.0, 2.0]], [[1.0]])]
)
def test_vectors_of_other_lengths(base: list[list[float]], queries: list[list[float]]) -> None:
    with pytest.raises(Refused, match="VECTOR_SEARCH"):
        list(nearest(rows(base), rows(queries), 1, "EUCLIDEAN"))
