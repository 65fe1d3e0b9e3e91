"""Options of CREATE MODEL: what is not understood is refused, and named."""

from typing import Any

import pytest

from emulators.bigquery_ml import clusters, factorisation, imported
from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.models import Column

MF = {"model_type": "MATRIX_FACTORIZATION", "feedback_type": "IMPLICIT"}


def test_what_is_not_said_is_as_bigquery_has_it() -> None:
    settings = factorisation.settings_of(MF)
    assert (settings.user, settings.item, settings.rating) == ("user", "item", "rating")
    assert (settings.alpha, settings.l2, settings.iterations) == (40.0, 1.0, 20)
    assert settings.predicted == "predicted_rating_confidence"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"feedback_type": "EXPLICIT"}, "feedback_type"),
        ({"num_factors": 0}, "num_factors"),
        ({"num_factors": 8.5}, "num_factors"),
        ({"num_factors": True}, "num_factors"),
        ({"l2_reg": -1}, "l2_reg"),
        ({"wals_alpha": "much"}, "wals_alpha"),
        ({"user_col": 3}, "user_col"),
        ({"optimizer": "ADAM"}, "optimizer"),
        ({"data_split_method": "RANDOM"}, "data_split_method"),
    ],
)
def test_matrix_factorisation(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        factorisation.settings_of({**MF, **changed})


def test_feedback_that_is_not_said_to_be_implicit_is_explicit_to_bigquery() -> None:
    with pytest.raises(Refused, match="feedback_type='EXPLICIT'"):
        factorisation.settings_of({"model_type": "MATRIX_FACTORIZATION"})


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([("user", "STRING"), ("item", "STRING")], "rating is not found"),
        ([("user", "FLOAT"), ("item", "STRING"), ("rating", "FLOAT")], "user is to be"),
    ],
)
def test_columns_of_ratings(columns: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(Refused, match=message):
        factorisation.check(
            [Column(name, kind) for name, kind in columns], factorisation.settings_of(MF)
        )


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"num_clusters": 1}, "FLOAT"),
        ({"distance_type": "MANHATTAN"}, "FLOAT"),
        ({"standardize_features": "yes"}, "FLOAT"),
        ({"unheard_of": 1}, "FLOAT"),
        ({}, "STRING"),
        ({}, "TIMESTAMP"),
    ],
)
def test_clusters(changed: dict[str, Any], column: str) -> None:
    with pytest.raises(Refused):
        clusters.check([Column("x", column)], {"model_type": "KMEANS", **changed})
    clusters.check([Column("x", "FLOAT")], {"model_type": "KMEANS"})


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("gs://bucket/folder/*", ("bucket", "folder/")),
        ("gs://bucket/a/model.onnx", ("bucket", "a/model.onnx")),
        ("gs://bucket/*", ("bucket", "")),
    ],
)
def test_places_of_imported_models(path: str, found: tuple[str, str]) -> None:
    assert imported.place({"model_type": "ONNX", "model_path": path}) == found


@pytest.mark.parametrize("path", ["", "/etc/passwd", "http://x/y", "gs://b", "gs://b/*/x/*"])
def test_places_that_are_none(path: str) -> None:
    with pytest.raises(Refused, match="model_path"):
        imported.place({"model_type": "ONNX", "model_path": path})


@pytest.mark.parametrize("names", [[], ["a/notes.txt"], ["a/1.onnx", "a/2.onnx"]])
def test_one_model_at_a_place(names: list[str]) -> None:
    with pytest.raises(Refused, match=r"one \.onnx file"):
        imported.only_model([{"name": name, "size": "1"} for name in names], "gs://b/a/")


def test_a_model_that_is_too_large() -> None:
    with pytest.raises(Refused, match="larger than"):
        imported.only_model([{"name": "m.onnx", "size": str(1 << 40)}], "gs://b/a/")
