"""VECTOR_SEARCH: the nearest rows, found by looking at all of them."""

from collections.abc import Iterator

import msgspec
import numpy as np
import numpy.typing as npt

from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.rows import decoded, encoded

DISTANCES = ("COSINE", "EUCLIDEAN")
TOP_K = 10

_SCORES_AT_ONCE = 4_000_000

Matrix = npt.NDArray[np.float64]


class _Vector(msgspec.Struct):
    n: int
    v: list[float] | None = None


def nearest(base: bytes, queries: bytes, top_k: int, distance: str) -> Iterator[bytes]:
    """`{q, b, d}` for rows of `n` and `v`: for each query its nearest rows and how far they are.

    Rows without a vector are not found, nor those of length 0 by their angle. Raises `Refused`.
    """
    base_numbers, base_vectors = _vectors(base, distance)
    query_numbers, query_vectors = _vectors(queries, distance)
    if not len(base_numbers) or not len(query_numbers):
        return
    if base_vectors.shape[1] != query_vectors.shape[1]:
        raise Refused(
            f"VECTOR_SEARCH: vectors of {query_vectors.shape[1]} numbers among vectors of "
            f"{base_vectors.shape[1]}"
        )
    squares = (base_vectors**2).sum(axis=1)
    size = max(1, _SCORES_AT_ONCE // len(base_numbers))
    for start in range(0, len(query_numbers), size):
        some = query_vectors[start : start + size]
        scores = squares - 2 * (some @ base_vectors.T)
        for query, row, score in zip(query_numbers[start:], some, scores, strict=False):
            at = _smallest(score, top_k)
            # The scores lose digits of what is near; the distances are taken again.
            far = _distances(row, base_vectors[at], distance)
            order = np.lexsort((base_numbers[at], far))
            yield encoded(
                {"q": int(query), "b": int(base_numbers[at[each]]), "d": float(far[each])}
                for each in order
            )


def _vectors(rows: bytes, distance: str) -> tuple[npt.NDArray[np.int64], Matrix]:
    numbers: list[int] = []
    vectors: list[list[float]] = []
    for some in decoded(rows, _Vector):
        for each in some:
            if each.v:
                numbers.append(each.n)
                vectors.append(each.v)
    if len({len(vector) for vector in vectors}) > 1:
        raise Refused("VECTOR_SEARCH: the vectors of a table are not of one length")
    found = np.array(vectors, dtype=np.float64)
    kept = np.array(numbers, dtype=np.int64)
    if distance == "COSINE" and numbers:
        lengths = np.linalg.norm(found, axis=1)
        found, kept = found[lengths > 0] / lengths[lengths > 0, None], kept[lengths > 0]
    return kept, found


def _smallest(scores: Matrix, count: int) -> npt.NDArray[np.int64]:
    if count >= len(scores):
        return np.arange(len(scores))
    found: npt.NDArray[np.int64] = np.argpartition(scores, count)[:count]
    return found


def _distances(one: Matrix, others: Matrix, distance: str) -> Matrix:
    if distance == "COSINE":
        return 1.0 - others @ one
    lengths: Matrix = np.linalg.norm(others - one, axis=1)
    return lengths
