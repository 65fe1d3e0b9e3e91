from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from functions.media.network.checkpoint import Checkpoint, InvalidCheckpointError
from tests.unit.functions.media.network import bundles

TENSORS: dict[str, NDArray[np.generic]] = {
    "conv2d/bias": np.array([1.5, -2.0], np.float32),
    "conv2d/kernel": np.arange(300, dtype=np.float32).reshape(3, 1, 100),
    "conv2d_1/bias": np.array([0.25], np.float32),
    "global_step": np.array(7, np.int64),
    "power": np.array(0.9, np.float32),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bundles.write(tmp_path, TENSORS)
    return tmp_path


def test_tensors_are_read_by_name(folder: Path) -> None:
    checkpoint = Checkpoint(folder, "")
    assert checkpoint.shapes == {name: tensor.shape for name, tensor in TENSORS.items()}
    for name in ("conv2d/bias", "conv2d/kernel", "conv2d_1/bias", "power"):
        found = checkpoint.floats(name)
        assert found.dtype == np.float32
        assert np.array_equal(found, TENSORS[name])


@pytest.mark.parametrize("name", ["global_step", "conv2d"])
def test_only_floats_that_are_there_are_read(folder: Path, name: str) -> None:
    with pytest.raises(InvalidCheckpointError, match=name):
        Checkpoint(folder, "").floats(name)


def test_damaged_values_are_noticed(folder: Path) -> None:
    data = folder / ".data-00000-of-00001"
    raw = bytearray(data.read_bytes())
    raw[0] ^= 1
    data.write_bytes(raw)
    checkpoint = Checkpoint(folder, "")
    with pytest.raises(InvalidCheckpointError, match="conv2d/bias is damaged"):
        checkpoint.floats("conv2d/bias")
    assert checkpoint.floats("power") == np.float32(0.9)


def test_values_that_are_cut_short_are_noticed(folder: Path) -> None:
    data = folder / ".data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:-2])
    with pytest.raises(InvalidCheckpointError, match="power is damaged"):
        Checkpoint(folder, "").floats("power")


def test_compressed_indices_are_refused(tmp_path: Path) -> None:
    bundles.write(tmp_path, TENSORS, compression=1)
    with pytest.raises(InvalidCheckpointError, match="compressed"):
        Checkpoint(tmp_path, "")


def test_what_is_no_table_is_refused(folder: Path) -> None:
    (folder / ".index").write_bytes(b"\0" * 100)
    with pytest.raises(InvalidCheckpointError, match="no LevelDB table"):
        Checkpoint(folder, "")


def test_a_missing_file_is_said(folder: Path) -> None:
    (folder / ".data-00000-of-00001").unlink()
    with pytest.raises(FileNotFoundError):
        Checkpoint(folder, "")


@given(st.data())
def test_no_damage_to_the_index_is_believed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Bytes that nobody reads may be anything."""
    folder = tmp_path_factory.mktemp("bundle")
    bundles.write(folder, TENSORS)
    index = folder / ".index"
    raw = bytearray(index.read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    index.write_bytes(raw[data.draw(st.sampled_from([0, 0, 1, 48])) :])
    try:
        shapes = Checkpoint(folder, "").shapes
    except InvalidCheckpointError:
        return
    assert shapes == {name: tensor.shape for name, tensor in TENSORS.items()}
