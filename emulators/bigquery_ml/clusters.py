"""k-means: CREATE MODEL … KMEANS, ML.PREDICT, ML.CENTROIDS and ML.EVALUATE.

Features are numbers, truth values and lists of numbers, one number each after the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.models import About, Column, Model
from emulators.bigquery_ml.options import Options
from emulators.bigquery_ml.rows import decoded, encoded

TYPE = "KMEANS"

_SEED = 1
_NUMBERS = {"FLOAT", "FLOAT64", "INTEGER", "INT64", "NUMERIC", "BIGNUMERIC", "BOOLEAN", "BOOL"}
_INITS = ("RANDOM", "KMEANS++")

Matrix = npt.NDArray[np.float64]

PREDICTION = [
    Column("CENTROID_ID", "INTEGER"),
    Column(
        "NEAREST_CENTROIDS_DISTANCE",
        "RECORD",
        "REPEATED",
        [{"name": "CENTROID_ID", "type": "INTEGER"}, {"name": "DISTANCE", "type": "FLOAT"}],
    ),
]
CENTROIDS = [
    Column("centroid_id", "INTEGER"),
    Column("feature", "STRING"),
    Column("numerical_value", "FLOAT"),
    Column(
        "categorical_value",
        "RECORD",
        "REPEATED",
        [{"name": "category", "type": "STRING"}, {"name": "value", "type": "FLOAT"}],
    ),
]
EVALUATION = [Column("davies_bouldin_index", "FLOAT"), Column("mean_squared_distance", "FLOAT")]


def check(columns: Sequence[Column], given: Mapping[str, Any]) -> None:
    """Raises `Refused` for options or columns that are not known here."""
    _settings(given)
    for column in columns:
        if column.type not in _NUMBERS:
            raise Refused(
                f"KMEANS: column {column.name} of type {column.type} is no feature here: "
                "numbers, BOOL and arrays of numbers are"
            )


def train(rows: bytes, columns: list[Column], given: Mapping[str, Any]) -> Model:
    """The same rows in the same order make the same model. Raises `Refused`."""
    from sklearn.cluster import KMeans

    clusters, kind, init, standardise, iterations = _settings(given)
    names, points = _training_points(rows, columns)
    # Tables have no order, and the first centroids are chosen by it.
    points = points[np.lexsort(points.T[::-1])]
    if len(points) < clusters:
        raise Refused(f"KMEANS: {clusters} clusters of {len(points)} rows")
    shift = points.mean(axis=0) if standardise else np.zeros(points.shape[1])
    spread = points.std(axis=0) if standardise else np.ones(points.shape[1])
    spread[spread == 0] = 1.0
    scaled = (points - shift) / spread
    if kind == "COSINE":
        scaled = _unit(scaled)
    kmeans = KMeans(
        clusters,
        init="random" if init == "RANDOM" else "k-means++",
        n_init=3,
        max_iter=iterations,
        random_state=_SEED,
    ).fit(scaled)
    distances = _distances(scaled, kmeans.cluster_centers_, kind)
    arrays = {
        "features": np.array(names),
        "centroids": kmeans.cluster_centers_,
        "shift": shift,
        "spread": spread,
        "evaluation": np.array(_evaluation(scaled, distances)),
    }
    return Model(About(TYPE, dict(given), columns), arrays)


def predict(model: Model, rows: bytes) -> Iterator[bytes]:
    """`PREDICTION` and `n` for rows of `_n` and the features."""
    for some in decoded(rows, dict[str, Any]):
        _, points = _points(some, model.about.columns, list(model.arrays["features"]))
        distances = _distances(_scaled(model, points), model.arrays["centroids"], _kind(model))
        order = np.argsort(distances, axis=1, kind="stable")
        yield encoded(
            {
                "n": each["_n"],
                "CENTROID_ID": int(nearest[0]) + 1,
                "NEAREST_CENTROIDS_DISTANCE": [
                    {"CENTROID_ID": int(at) + 1, "DISTANCE": float(row[at])} for at in nearest
                ],
            }
            for each, nearest, row in zip(some, order, distances, strict=True)
        )


def centroids(model: Model) -> Iterator[bytes]:
    """Rows of `CENTROIDS`, in the features' own units."""
    arrays = model.arrays
    features = arrays["features"].tolist()
    for number, centroid in enumerate(arrays["centroids"] * arrays["spread"] + arrays["shift"], 1):
        for name, value in zip(features, centroid.tolist(), strict=True):
            shown = {"centroid_id": number, "feature": name, "numerical_value": value}
            yield encoded([{**shown, "categorical_value": []}])


def evaluate(model: Model, rows: bytes | None) -> Iterator[bytes]:
    """One row of `EVALUATION`, over these rows or those that the model was trained on."""
    index, distance = model.arrays["evaluation"].tolist()
    if rows is not None:
        given = [row for some in decoded(rows, dict[str, Any]) for row in some]
        if not given:
            raise Refused("The evaluation data hold no rows")
        _, points = _points(given, model.about.columns, list(model.arrays["features"]))
        scaled = _scaled(model, points)
        distances = _distances(scaled, model.arrays["centroids"], _kind(model))
        index, distance = _evaluation(scaled, distances)
    yield encoded([{"davies_bouldin_index": index, "mean_squared_distance": distance}])


def _settings(given: Mapping[str, Any]) -> tuple[int, str, str, bool, int]:
    options = Options(given)
    options.choice("model_type", (TYPE,), TYPE)
    settings = (
        options.whole("num_clusters", 3, 2, 100),
        options.choice("distance_type", ("EUCLIDEAN", "COSINE"), "EUCLIDEAN"),
        options.choice("kmeans_init_method", _INITS, "RANDOM"),
        options.truth("standardize_features", True),
        options.whole("max_iterations", 20, 1, 1000),
    )
    options.finish()
    return settings


def _kind(model: Model) -> str:
    return _settings(model.about.options)[1]


def _training_points(rows: bytes, columns: list[Column]) -> tuple[list[str], Matrix]:
    given = [row for some in decoded(rows, dict[str, Any]) for row in some]
    if not given:
        raise Refused("The training data hold no rows")
    return _points(given, columns, None)


def _points(
    rows: list[dict[str, Any]], columns: Sequence[Column], expected: list[str] | None
) -> tuple[list[str], Matrix]:
    """The features' names and their values. Raises `Refused`."""
    names: list[str] = []
    parts = []
    for column in columns:
        values: list[Any] = [row.get(column.name) for row in rows]
        if None in values:
            raise Refused(f"KMEANS: column {column.name} holds NULL")
        if column.repeated:
            lengths = {len(value) for value in values}
            if len(lengths) != 1:
                raise Refused(f"KMEANS: the lists in {column.name} are not of one length")
            parts.append(np.array(values, dtype=np.float64))
            names += [f"{column.name}[{at}]" for at in range(lengths.pop())]
        else:
            parts.append(np.array([[value] for value in values], dtype=np.float64))
            names.append(column.name)
    if expected is not None and names != expected:
        raise Refused(f"ML.PREDICT: the model was trained on {', '.join(expected[:5])} …")
    return names, np.hstack(parts)


def _scaled(model: Model, points: Matrix) -> Matrix:
    scaled: Matrix = (points - model.arrays["shift"]) / model.arrays["spread"]
    return _unit(scaled) if _kind(model) == "COSINE" else scaled


def _unit(points: Matrix) -> Matrix:
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    unit: Matrix = points / np.where(lengths == 0, 1.0, lengths)
    return unit


def _distances(points: Matrix, centroids: Matrix, kind: str) -> Matrix:
    if kind == "COSINE":
        return 1.0 - points @ _unit(centroids).T
    return np.stack([np.linalg.norm(points - each, axis=1) for each in centroids], axis=1)


def _evaluation(points: Matrix, distances: Matrix) -> tuple[float, float]:
    from sklearn.metrics import davies_bouldin_score

    nearest = distances.argmin(axis=1)
    # It compares clusters, and is told of one for each row at most.
    comparable = 1 < len(np.unique(nearest)) < len(points)
    index = float(davies_bouldin_score(points, nearest)) if comparable else 0.0
    return index, float((distances.min(axis=1) ** 2).mean())
