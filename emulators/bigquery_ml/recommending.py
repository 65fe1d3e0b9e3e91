"""What a matrix factorisation answers: ML.RECOMMEND, ML.WEIGHTS and ML.EVALUATE."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.factorisation import SEED, Rating, settings_in
from emulators.bigquery_ml.models import Column, Model
from emulators.bigquery_ml.rows import Id, decoded, encoded

MOST_PAIRS = 20_000_000

_SCORES_AT_ONCE = 4_000_000
# A ranking of everything for each of more users than these says nothing more.
_MOST_EVALUATED = 1000


class _Pair(msgspec.Struct):
    n: int
    u: Id | None = None
    i: Id | None = None


def all_pairs(model: Model, users: bytes | None, items: bytes | None) -> Iterator[bytes]:
    """For each user `{u, p: [a score for each item of `items_of`]}`; rows name `u` or `i`.

    Raises `Refused` before the first if there are too many.
    """
    arrays = model.arrays
    chosen_users = _chosen(arrays["users"], users, "u")
    chosen_items = _chosen(arrays["items"], items, "i")
    pairs = len(chosen_users) * len(chosen_items)
    if pairs > MOST_PAIRS:
        raise Refused(
            f"ML.RECOMMEND would answer {pairs:,} rows, and here at most {MOST_PAIRS:,}: "
            "name fewer users, or the pairs that are wanted"
        )
    factors = arrays["item_factors"][chosen_items].T
    for some in _blocks(chosen_users, len(chosen_items)):
        scores = np.round((arrays["user_factors"][some] @ factors).astype(np.float64), 7)
        named = arrays["users"][some].tolist()
        yield encoded(
            {"u": user, "p": row} for user, row in zip(named, scores.tolist(), strict=True)
        )


def items_of(model: Model, items: bytes | None) -> list[bytes]:
    """`{i, o}`: the items that `all_pairs` scores, and where each one's score lies from 0 on."""
    chosen = _chosen(model.arrays["items"], items, "i")
    named = model.arrays["items"][chosen].tolist()
    return [encoded({"i": item, "o": at} for at, item in enumerate(named))]


def pairs(model: Model, rows: bytes) -> Iterator[bytes]:
    """`n` and the prediction for rows of `n`, `u` and `i`; null where the model knows one not."""
    arrays = model.arrays
    column = settings_in(model).predicted
    user_at = {name: at for at, name in enumerate(arrays["users"].tolist())}
    item_at = {name: at for at, name in enumerate(arrays["items"].tolist())}
    for some in decoded(rows, _Pair):
        u = np.array([user_at.get(each.u, -1) for each in some])
        i = np.array([item_at.get(each.i, -1) for each in some])
        scores = np.einsum("ij,ij->i", arrays["user_factors"][u], arrays["item_factors"][i])
        known = (u >= 0) & (i >= 0)
        yield encoded(
            {"n": each.n, column: round(score, 7) if is_known else None}
            for each, score, is_known in zip(some, scores.tolist(), known.tolist(), strict=True)
        )


WEIGHTS = [
    Column("processed_input", "STRING"),
    Column("feature", "STRING"),
    Column(
        "factor_weights",
        "RECORD",
        "REPEATED",
        [{"name": "factor", "type": "INTEGER"}, {"name": "weight", "type": "FLOAT"}],
    ),
    Column("intercept", "FLOAT"),
]


def weights(model: Model) -> Iterator[bytes]:
    """Rows of `WEIGHTS`: the factors of each user and item."""
    settings = settings_in(model)
    for column, kind in ((settings.user, "user"), (settings.item, "item")):
        names = model.arrays[f"{kind}s"].tolist()
        factors = model.arrays[f"{kind}_factors"].astype(np.float64).tolist()
        for name, row in zip(names, factors, strict=True):
            numbered = [{"factor": at, "weight": each} for at, each in enumerate(row, 1)]
            shown = {"processed_input": column, "feature": str(name), "factor_weights": numbered}
            yield encoded([{**shown, "intercept": 0.0}])


EVALUATION = [
    Column(name, "FLOAT")
    for name in (
        "mean_average_precision",
        "mean_squared_error",
        "normalized_discounted_cumulative_gain",
        "average_rank",
    )
]


def evaluate(model: Model, rows: bytes | None) -> Iterator[bytes]:
    """One row of `EVALUATION`, over rows of `u`, `i`, `r` or those that the model was trained on.

    Of many users a sample, always the same, is looked at.
    """
    from scipy.sparse import csr_matrix

    arrays = model.arrays
    shape = (len(arrays["users"]), len(arrays["items"]))
    if rows is None:
        parts = (arrays["ratings"], arrays["rated"], arrays["starts"])
        matrix = csr_matrix(parts, shape=shape)
    else:
        matrix = csr_matrix(_known(model, rows), shape=shape)
        matrix.sum_duplicates()
    rated = np.flatnonzero(np.diff(matrix.indptr))
    if not len(rated):
        raise Refused("The evaluation data name no user and item of the model")
    if len(rated) > _MOST_EVALUATED:
        chosen = np.random.default_rng(SEED).choice(rated, _MOST_EVALUATED, replace=False)
        rated = np.sort(chosen)
    sums = np.array(
        [each for some in _blocks(rated, shape[1]) for each in _sums(model, matrix, some)]
    )
    precision, gain = sums[:, :2].mean(axis=0)
    error, rank, count, weight = sums[:, 2:].sum(axis=0)
    values = (precision, error / count, gain, rank / weight)
    names = [column.name for column in EVALUATION]
    yield encoded([dict(zip(names, map(float, values), strict=True))])


def _sums(model: Model, matrix: Any, users: npt.NDArray[np.int64]) -> Iterator[tuple[float, ...]]:
    """Of each user what `_of_user` answers."""
    scores = model.arrays["user_factors"][users] @ model.arrays["item_factors"].T
    for user, row in zip(users.tolist(), scores, strict=True):
        span = slice(matrix.indptr[user], matrix.indptr[user + 1])
        yield _of_user(row, matrix.indices[span], matrix.data[span])


def _of_user(scores: Any, items: Any, ratings: Any) -> tuple[float, ...]:
    """Average precision, nDCG; sums of squared error and weighted rank; number and weight."""
    place = np.empty(len(scores), dtype=np.int64)
    place[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    found = np.sort(place[items])
    nth = np.arange(len(found))
    ideal = (1 / np.log2(nth + 2)).sum()
    return (
        float(((nth + 1) / (found + 1)).mean()),
        float((1 / np.log2(found + 2)).sum() / ideal),
        float(((1 - scores[items]) ** 2).sum()),
        float((ratings * place[items]).sum() / max(1, len(scores) - 1)),
        float(len(items)),
        float(ratings.sum()),
    )


def _blocks(users: npt.NDArray[np.int64], items: int) -> Iterator[npt.NDArray[np.int64]]:
    """So many users at a time that their scores fit into memory."""
    size = max(1, _SCORES_AT_ONCE // max(1, items))
    for start in range(0, len(users), size):
        yield users[start : start + size]


def _known(model: Model, rows: bytes) -> Any:
    """Ratings of users and items that the model knows, as scipy takes them."""
    user_at = {name: at for at, name in enumerate(model.arrays["users"].tolist())}
    item_at = {name: at for at, name in enumerate(model.arrays["items"].tolist())}
    known = [
        (each.r, user_at[each.u], item_at[each.i])
        for some in decoded(rows, Rating)
        for each in some
        if each.r > 0 and each.u in user_at and each.i in item_at
    ]
    values, users, items = zip(*known, strict=True) if known else ((), (), ())
    return np.array(values, np.float32), (np.array(users, int), np.array(items, int))


def _chosen(names: npt.NDArray[Any], rows: bytes | None, field: str) -> npt.NDArray[np.int64]:
    """Positions of the ids in rows that name one in `field`; of all of them without rows."""
    if rows is None:
        return np.arange(len(names))
    wanted = {each[field] for some in decoded(rows, dict[str, Id | None]) for each in some}
    return np.array([at for at, name in enumerate(names.tolist()) if name in wanted], np.int64)
