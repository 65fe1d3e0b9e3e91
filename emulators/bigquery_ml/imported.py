"""Imported ONNX models: CREATE MODEL … ONNX and ML.PREDICT.

A model takes and gives a value, or a list of them, for each row: tensors of one or two dimensions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.models import About, Column, Model
from emulators.bigquery_ml.options import Options
from emulators.bigquery_ml.rows import decoded, encoded

TYPE = "ONNX"

# A list of vectors for each row makes a few rows large.
_AT_ONCE = 512
_MOST_BYTES = 450 * 1024 * 1024
_PATH = re.compile(r"gs://(?P<bucket>[^/*]+)/(?P<prefix>[^*]*)\*?")
# ONNX's type of a tensor's elements: numpy's, and BigQuery's of a column.
_TYPES: dict[str, tuple[type[Any], str]] = {
    "tensor(float)": (np.float32, "FLOAT"),
    "tensor(double)": (np.float64, "FLOAT"),
    "tensor(int64)": (np.int64, "INTEGER"),
    "tensor(int32)": (np.int32, "INTEGER"),
    "tensor(bool)": (np.bool_, "BOOLEAN"),
    "tensor(string)": (np.object_, "STRING"),
}


def place(given: Mapping[str, Any]) -> tuple[str, str]:
    """The bucket, and what the names of the objects in it begin with. Raises `Refused`."""
    options = Options(given)
    options.choice("model_type", (TYPE,), TYPE)
    path = options.text("model_path")
    options.finish()
    if (found := _PATH.fullmatch(path)) is None:
        raise Refused(f"CREATE MODEL: model_path={path!r} is to be gs://bucket/folder/*")
    return found["bucket"], found["prefix"]


def only_model(objects: Sequence[Mapping[str, Any]], path: str) -> str:
    """The name of the one file among the objects that is a model. Raises `Refused`."""
    found = [each for each in objects if each["name"].endswith(".onnx")]
    if len(found) != 1:
        raise Refused(f"CREATE MODEL: one .onnx file is expected at {path}, not {len(found)}")
    if int(found[0].get("size", 0)) > _MOST_BYTES:
        raise Refused(f"CREATE MODEL: the model at {path} is larger than {_MOST_BYTES} bytes")
    return str(found[0]["name"])


def load(content: bytes, given: Mapping[str, Any]) -> Model:
    """Raises `Refused` for what is no model, or one of other shapes than these."""
    session = _session(content)
    for each in [*session.get_inputs(), *session.get_outputs()]:
        if each.type not in _TYPES or len(each.shape) not in (1, 2):
            raise Refused(
                f"ONNX: {each.name} is {each.type}{list(each.shape)}; tensors of one or two "
                "dimensions are known here"
            )
    columns = [_column(each) for each in session.get_inputs()]
    return Model(
        About(TYPE, dict(given), columns), {"model": np.frombuffer(content, dtype=np.uint8)}
    )


def predict(model: Model, rows: bytes) -> Iterator[bytes]:
    """Rows of `outputs` and `n`, for rows of `_n` and the inputs. Raises `Refused`."""
    session = _session(model.arrays["model"].tobytes())
    inputs = session.get_inputs()
    fixed = {each.shape[0] for each in inputs if isinstance(each.shape[0], int)}
    if len(fixed) > 1 or not fixed <= {1}:
        raise Refused(f"ONNX: the model takes {sorted(fixed)} rows at a time; any number, or 1")
    size = 1 if fixed else _AT_ONCE
    names = [column.name for column in outputs(model)]
    for some in decoded(rows, dict[str, Any]):
        for start in range(0, len(some), size):
            part = some[start : start + size]
            found = _run(session, {each.name: _tensor(each, part) for each in inputs})
            columns = [[each["_n"] for each in part], *(_values(each, part) for each in found)]
            keys = ["n", *names]
            yield encoded(
                dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)
            )


def outputs(model: Model) -> list[Column]:
    """The columns that a prediction adds."""
    session = _session(model.arrays["model"].tobytes())
    return [_column(each) for each in session.get_outputs()]


def _session(content: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # it has no base of its own for its errors
        raise Refused(f"ONNX: {_first_line(error)}") from error


def _run(session: Any, given: dict[str, npt.NDArray[Any]]) -> list[Any]:
    try:
        found: list[Any] = session.run(None, given)
        return found
    except Exception as error:  # likewise
        raise Refused(f"ML.PREDICT: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _column(tensor: Any) -> Column:
    is_list = len(tensor.shape) == 2
    # Names of columns have no slashes, dots and colons.
    name = re.sub(r"\W", "_", tensor.name)
    return Column(name, _TYPES[tensor.type][1], "REPEATED" if is_list else "NULLABLE")


def _tensor(tensor: Any, rows: list[dict[str, Any]]) -> npt.NDArray[Any]:
    name = _column(tensor).name
    values: list[Any] = [row.get(name) for row in rows]
    if None in values:
        raise Refused(f"ML.PREDICT: column {name} holds NULL")
    if len(tensor.shape) == 2:
        # A single number may stand for a list of one.
        values = [each if isinstance(each, list) else [each] for each in values]
        if len({len(each) for each in values}) > 1:
            raise Refused(f"ML.PREDICT: the lists in column {name} are not of one length")
    try:
        return np.array(values, dtype=_TYPES[tensor.type][0])
    except (TypeError, ValueError) as error:
        raise Refused(f"ML.PREDICT: column {name} does not fit {tensor.type}") from error


def _values(found: npt.NDArray[Any], rows: list[dict[str, Any]]) -> list[Any]:
    if len(found) != len(rows):
        raise Refused(f"ONNX: {len(found)} values for {len(rows)} rows")
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        raise Refused("ML.PREDICT: the model gives values that are no numbers")
    values: list[Any] = found.tolist()
    return values
