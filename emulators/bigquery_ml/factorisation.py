"""Matrix factorisation of implicit feedback by weighted alternating least squares.

Sources: Hu, Koren, Volinsky, "Collaborative Filtering for Implicit Feedback Datasets" (2008), and
https://cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-create-matrix-factorization
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.models import About, Column, Model
from emulators.bigquery_ml.options import Options
from emulators.bigquery_ml.rows import Id, decoded

TYPE = "MATRIX_FACTORIZATION"
SEED = 1

_ID_TYPES = {"INTEGER", "INT64", "STRING"}


@dataclass(frozen=True)
class Settings:
    user: str
    item: str
    rating: str
    factors: int  # 0: by the number of ratings
    alpha: float
    l2: float
    iterations: int

    @property
    def predicted(self) -> str:
        return f"predicted_{self.rating}_confidence"


class Rating(msgspec.Struct):
    u: Id
    i: Id
    r: float = 0.0


def settings_of(given: Mapping[str, Any]) -> Settings:
    """Raises `Refused`."""
    options = Options(given)
    options.choice("model_type", (TYPE,), TYPE)
    # BigQuery's own default is explicit feedback.
    options.choice("feedback_type", ("IMPLICIT",), "EXPLICIT")
    options.choice("data_split_method", ("NO_SPLIT",), "NO_SPLIT")
    settings = Settings(
        user=options.text("user_col", "user"),
        item=options.text("item_col", "item"),
        rating=options.text("rating_col", "rating"),
        factors=options.whole("num_factors", 0, 0 if "num_factors" not in given else 1, 512),
        alpha=options.number("wals_alpha", 40.0, 0.0),
        l2=options.number("l2_reg", 1.0, 0.0),
        iterations=options.whole("max_iterations", 20, 1, 1000),
    )
    options.finish()
    return settings


def settings_in(model: Model) -> Settings:
    return settings_of(model.about.options)


def check(columns: Sequence[Column], settings: Settings) -> None:
    """Raises `Refused` where the training data lack a column or have one of another type."""
    by_name = {column.name.lower(): column for column in columns}
    for name in (settings.user, settings.item, settings.rating):
        if name.lower() not in by_name:
            raise Refused(f"Column {name} is not found in the training data")
    for name in (settings.user, settings.item):
        column = by_name[name.lower()]
        if column.type not in _ID_TYPES or column.repeated:
            raise Refused(f"Column {name} is to be INT64 or STRING here, not {column.type}")


def train(rows: bytes, columns: list[Column], given: Mapping[str, Any]) -> Model:
    """Of rows of `u`, `i` and `r`; the same rows make the same model. Raises `Refused`."""
    from implicit.cpu.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    settings = settings_of(given)
    users, items, user_at, item_at, ratings = _coded(rows)
    if not len(ratings):
        raise Refused("The training data hold no rating above 0")
    matrix = csr_matrix((ratings, (user_at, item_at)), shape=(len(users), len(items)))
    matrix.sum_duplicates()
    confidence = matrix.copy()
    confidence.data = 1.0 + settings.alpha * confidence.data
    # Its own threads are enough; BLAS's would stand in their way.
    with threadpool_limits(1, "blas"):
        als = AlternatingLeastSquares(
            factors=settings.factors or max(2, round(math.log2(len(ratings)))),
            regularization=settings.l2,
            iterations=settings.iterations,
            dtype=np.float32,
            random_state=SEED,
        )
        als.fit(confidence, show_progress=False)
    if not (np.isfinite(als.user_factors).all() and np.isfinite(als.item_factors).all()):
        raise Refused("The training did not converge: a factor is no number")
    arrays = {
        "users": users,
        "items": items,
        "user_factors": als.user_factors,
        "item_factors": als.item_factors,
        "ratings": matrix.data.astype(np.float32),
        "rated": matrix.indices.astype(np.int32),
        "starts": matrix.indptr.astype(np.int64),
    }
    return Model(About(TYPE, dict(given), columns), arrays)


def _coded(rows: bytes) -> tuple[Any, Any, Any, Any, Any]:
    """Users and items in order, and of each rating above 0 the two positions and the value."""
    users: dict[Id, int] = {}
    items: dict[Id, int] = {}
    user_at, item_at, ratings = [], [], []
    for some in decoded(rows, Rating):
        kept = [each for each in some if each.r > 0]
        numbers = [users.setdefault(each.u, len(users)) for each in kept]
        user_at.append(np.array(numbers, np.int64))
        numbers = [items.setdefault(each.i, len(items)) for each in kept]
        item_at.append(np.array(numbers, np.int64))
        ratings.append(np.array([each.r for each in kept], np.float32))
    sorted_users, user_order = _sorted(users)
    sorted_items, item_order = _sorted(items)
    if not ratings:
        return sorted_users, sorted_items, user_order, item_order, np.array([], np.float32)
    return (
        sorted_users,
        sorted_items,
        user_order[np.concatenate(user_at)],
        item_order[np.concatenate(item_at)],
        np.concatenate(ratings),
    )


def _sorted(ids: dict[Id, int]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """The ids in order, and for each old position the new one."""
    if not ids:
        return np.array([], dtype=np.int64), np.array([], dtype=np.int64)
    names = np.array(list(ids))
    order = np.argsort(names, kind="stable")
    moved = np.empty(len(order), dtype=np.int64)
    moved[order] = np.arange(len(order))
    return names[order], moved
