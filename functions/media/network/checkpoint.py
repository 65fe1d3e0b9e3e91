"""Reads TensorFlow's checkpoints without TensorFlow.

A checkpoint is a tensor bundle: `<prefix>.index`, a LevelDB table of tensors' names and places, and
`<prefix>.data-…`, their values one after another.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import google_crc32c
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_INDEX = ".index"
_DATA = ".data-00000-of-00001"
_FOOTER = 48
_MAGIC = 0xDB4775248B80FB57
_BLOCK_TRAILER = 5
_MASK_DELTA = 0xA282EAD8
_DT_FLOAT = 1


class InvalidCheckpointError(ValueError):
    """The files are not a whole checkpoint of the one kind that is understood."""


@dataclass(frozen=True)
class _Entry:
    """`BundleEntryProto`: where a tensor lies, in bytes."""

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    masked_crc: int


class Checkpoint:
    """The tensors of a bundle in one data file."""

    def __init__(self, folder: Path, prefix: str) -> None:
        """Raises `InvalidCheckpointError`, and `OSError` where a file is missing."""
        table = (folder / f"{prefix}{_INDEX}").read_bytes()
        try:
            self._entries = {key.decode(): _entry(value) for key, value in _records(table) if key}
        except (IndexError, struct.error, UnicodeDecodeError) as error:
            raise InvalidCheckpointError("The index is cut short or damaged") from error
        self._data = np.memmap(folder / f"{prefix}{_DATA}", np.uint8, "r")

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Of all tensors, by name."""
        return {name: entry.shape for name, entry in self._entries.items()}

    def floats(self, name: str) -> Floats:
        """A copy of a tensor of 32-bit floats, checked against its CRC-32C.

        Raises `InvalidCheckpointError` if there is none of that name, or it is damaged.
        """
        entry = self._entries.get(name)
        if entry is None or entry.dtype != _DT_FLOAT or entry.shard != 0:
            raise InvalidCheckpointError(f"There is no tensor of floats named {name}")
        raw = self._data[entry.offset : entry.offset + entry.size].tobytes()
        if 4 * int(np.prod(entry.shape)) != len(raw) or _masked(raw) != entry.masked_crc:
            raise InvalidCheckpointError(f"The tensor {name} is damaged")
        return np.frombuffer(raw, "<f4").reshape(entry.shape).astype(np.float32)


def _records(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a LevelDB table, in order."""
    if len(table) < _FOOTER or struct.unpack("<Q", table[-8:])[0] != _MAGIC:
        raise InvalidCheckpointError("The index is no LevelDB table")
    footer = table[-_FOOTER:]
    _, at = _handle(footer, 0)
    index, _ = _handle(footer, at)
    for _, value in _block(table, index):
        yield from _block(table, _handle(value, 0)[0])


def _block(table: bytes, handle: tuple[int, int]) -> Iterator[tuple[bytes, bytes]]:
    """Entries share the start of their key with the one before them."""
    offset, size = handle
    if offset + size + _BLOCK_TRAILER > len(table):
        raise InvalidCheckpointError("The index is cut short")
    if table[offset + size] != 0:
        raise InvalidCheckpointError("The index is compressed")
    crc = struct.unpack_from("<I", table, offset + size + 1)[0]
    if _masked(table[offset : offset + size + 1]) != crc:
        raise InvalidCheckpointError("The index is damaged")
    block = table[offset : offset + size]
    end = size - 4 * (1 + struct.unpack("<I", block[-4:])[0])
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        own, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        at += own
        yield key, block[at : at + length]
        at += length


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Offset and size of a block, and where what follows them begins."""
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return (offset, size), at


def _entry(message: bytes) -> _Entry:
    numbers: dict[int, int] = {}
    shape: tuple[int, ...] = ()
    for field, value in _fields(message):
        if isinstance(value, int):
            numbers[field] = value
        elif field == 2:
            dims = [
                dict(_fields(dim))
                for number, dim in _fields(value)
                if number == 2 and isinstance(dim, bytes)
            ]
            shape = tuple(int(dim.get(1, 0)) for dim in dims)
    return _Entry(
        dtype=numbers.get(1, 0),
        shape=shape,
        shard=numbers.get(3, 0),
        offset=numbers.get(4, 0),
        size=numbers.get(5, 0),
        masked_crc=numbers.get(6, 0),
    )


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Of a protobuf message: numbers, and the bytes of strings and messages."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        match tag & 7:
            case 0:
                value, at = _varint(message, at)
                yield tag >> 3, value
            case 2:
                length, at = _varint(message, at)
                yield tag >> 3, message[at : at + length]
                at += length
            case 5:
                yield tag >> 3, struct.unpack_from("<I", message, at)[0]
                at += 4
            case kind:
                raise InvalidCheckpointError(f"A field of the index is of unknown kind {kind}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where what follows it begins."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7


def _masked(data: bytes) -> int:
    """LevelDB's CRC-32C: rotated and added to, so that a CRC of CRCs is of use."""
    crc = int(google_crc32c.value(data))
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF
