"""Trained models, each one file: whoever reads finds the old model or the new one."""

import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from emulators.bigquery_ml.errors import Refused

Arrays = dict[str, npt.NDArray[Any]]

_PROJECT = re.compile(r"[a-z0-9][a-z0-9.:-]{0,62}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")
_ABOUT = "about.json"


@dataclass(frozen=True)
class ModelName:
    project: str
    dataset: str
    model: str

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}.{self.model}"

    def is_valid(self) -> bool:
        return bool(
            _PROJECT.fullmatch(self.project)
            and _NAME.fullmatch(self.dataset)
            and _NAME.fullmatch(self.model)
        )


class About(msgspec.Struct, frozen=True):
    """What is no array. `type` is BigQuery's model type, `columns` those that it was trained on."""

    type: str
    options: dict[str, Any]
    columns: list["Column"]


class Column(msgspec.Struct, frozen=True):
    """As in a table's schema: STRING, INTEGER, FLOAT, …; `mode` is NULLABLE or REPEATED."""

    name: str
    type: str
    mode: str = "NULLABLE"
    fields: list[dict[str, Any]] = []

    @property
    def repeated(self) -> bool:
        return self.mode == "REPEATED"


@dataclass(frozen=True)
class Model:
    about: About
    arrays: Arrays


class Models:
    """The models in a folder. None of its methods waits for anything but the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._newest: tuple[Path, int, Model] | None = None

    def load(self, name: ModelName) -> Model:
        """Raises `Refused` for a model that is not there."""
        path = self._path(name)
        try:
            written = path.stat().st_mtime_ns
            if self._newest is not None and self._newest[:2] == (path, written):
                return self._newest[2]
            with np.load(path, allow_pickle=False) as archive:
                arrays = {key: archive[key] for key in archive.files}
        except FileNotFoundError:
            raise Refused(f"Not found: Model {name}", "notFound") from None
        about = msgspec.json.decode(arrays.pop(_ABOUT).tobytes(), type=About)
        model = Model(about, arrays)
        self._newest = (path, written, model)
        return model

    def exists(self, name: ModelName) -> bool:
        return self._path(name).exists()

    def save(self, name: ModelName, model: Model) -> None:
        """In place of an older one of this name, if there is one."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        about = np.frombuffer(msgspec.json.encode(model.about), dtype=np.uint8)
        written = io.BytesIO()
        np.savez(written, allow_pickle=False, **{**model.arrays, _ABOUT: about})
        draft = path.with_name(f".{path.name}.draft")
        with draft.open("wb") as file:
            file.write(written.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def drop(self, name: ModelName) -> None:
        """Raises `Refused` for a model that is not there."""
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            raise Refused(f"Not found: Model {name}", "notFound") from None

    def _path(self, name: ModelName) -> Path:
        # A project may be `domain:name`.
        return self._folder / name.project.replace(":", "%") / name.dataset / f"{name.model}.npz"
