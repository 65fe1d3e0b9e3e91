"""The folder of models: the old one or the new one, never half of one."""

import multiprocessing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.models import About, Column, Model, ModelName, Models

NAME = ModelName("p", "d", "m")


def model(value: float, size: int = 3) -> Model:
    about = About("KMEANS", {"num_clusters": 3}, [Column("x", "FLOAT", "REPEATED")])
    return Model(about, {"values": np.full(size, value), "names": np.array(["å", "b"])})


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    Models(tmp_path).save(NAME, model(1.5))
    found = Models(tmp_path).load(NAME)
    assert found.about == model(1.5).about
    assert {key: array.tolist() for key, array in found.arrays.items()} == {
        "values": [1.5, 1.5, 1.5],
        "names": ["å", "b"],
    }


def test_a_new_one_takes_the_place_of_the_old(tmp_path: Path) -> None:
    models = Models(tmp_path)
    for value in (1.0, 2.0):
        models.save(NAME, model(value))
        assert models.load(NAME).arrays["values"][0] == value


def test_dropped_and_missing_models(tmp_path: Path) -> None:
    models = Models(tmp_path)
    models.save(NAME, model(1))
    models.load(NAME)
    assert models.exists(NAME)
    models.drop(NAME)
    assert not models.exists(NAME)
    for use in (models.load, models.drop):
        with pytest.raises(Refused, match=r"Not found: Model p:d\.m") as refused:
            use(NAME)
        assert refused.value.status == 404


def test_a_save_that_fails_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = Models(tmp_path)
    models.save(NAME, model(1))

    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("emulators.bigquery_ml.models.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        models.save(NAME, model(2))
    assert Models(tmp_path).load(NAME).arrays["values"][0] == 1


@pytest.mark.parametrize(
    "name",
    [
        ModelName("p", "d", "../m"),
        ModelName("p", "..", "m"),
        ModelName("../p", "d", "m"),
        ModelName("p", "d", ""),
        ModelName("p", "d", "m" * 300),
    ],
)
def test_names_that_are_none(name: ModelName) -> None:
    assert not name.is_valid()


def _write_again_and_again(folder: Path, started: Any) -> None:
    models = Models(folder)
    for value in range(200):
        models.save(NAME, model(float(value), size=1000))
        started.set()


def test_a_reader_never_finds_half_a_model(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    writer = context.Process(target=_write_again_and_again, args=(tmp_path, started))
    writer.start()
    assert started.wait(60)
    seen = set()
    while writer.is_alive():
        values = Models(tmp_path).load(NAME).arrays["values"]
        assert len(values) == 1000
        assert len(set(values.tolist())) == 1
        seen.add(values[0])
    writer.join()
    assert writer.exitcode == 0
    assert len(seen) > 1
