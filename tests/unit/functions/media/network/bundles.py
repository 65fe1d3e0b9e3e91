"""TensorFlow's tensor bundles, written by hand."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import google_crc32c
import numpy as np
from numpy.typing import NDArray

MAGIC = 0xDB4775248B80FB57
FLOAT, INT64 = 1, 9


def write(
    folder: Path, tensors: Mapping[str, NDArray[np.generic]], *, compression: int = 0
) -> None:
    """`.index`, its entries spread over blocks of two, and `.data-00000-of-00001`."""
    data = b""
    records = [(b"", bytes([0x08, 1]))]
    for name in sorted(tensors):
        tensor = np.asarray(tensors[name])
        raw = tensor.tobytes()
        records.append((name.encode(), _entry(tensor, len(data), raw)))
        data += raw
    (folder / ".data-00000-of-00001").write_bytes(data)
    (folder / ".index").write_bytes(_table(records, compression))


def masked(data: bytes) -> int:
    crc = int(google_crc32c.value(data))
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _entry(tensor: NDArray[np.generic], offset: int, raw: bytes) -> bytes:
    dims = b"".join(_bytes(2, _number(1, size)) for size in tensor.shape)
    kind = FLOAT if tensor.dtype == np.float32 else INT64
    crc = bytes([6 << 3 | 5]) + struct.pack("<I", masked(raw))
    return _number(1, kind) + _bytes(2, dims) + _number(4, offset) + _number(5, len(raw)) + crc


def _table(records: Sequence[tuple[bytes, bytes]], compression: int) -> bytes:
    table, index = b"", []
    for start in range(0, len(records), 2):
        part = records[start : start + 2]
        block = _block(part)
        index.append((part[-1][0], _varint(len(table)) + _varint(len(block))))
        table += _closed(block, compression)
    handles = b""
    for block in (_block([]), _block(index)):
        handles += _varint(len(table)) + _varint(len(block))
        table += _closed(block, 0)
    return table + handles.ljust(40, b"\0") + struct.pack("<Q", MAGIC)


def _block(records: Sequence[tuple[bytes, bytes]]) -> bytes:
    block, before = b"", b""
    for key, value in records:
        shared = 0
        while shared < min(len(key), len(before)) and key[shared] == before[shared]:
            shared += 1
        block += _varint(shared) + _varint(len(key) - shared) + _varint(len(value))
        block += key[shared:] + value
        before = key
    return block + struct.pack("<II", 0, 1)


def _closed(block: bytes, compression: int) -> bytes:
    whole = block + bytes([compression])
    return whole + struct.pack("<I", masked(whole))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])
