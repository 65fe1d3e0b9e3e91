"""Rows as they pass through files: a JSON object a line."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

Id = int | str

_LINES_BYTES = 32 * 1024 * 1024

_encode = msgspec.json.Encoder().encode


def decoded(rows: bytes, type_: Any) -> Iterator[list[Any]]:
    """All of the rows, many at a time."""
    decoder = msgspec.json.Decoder(type_)
    start = 0
    while start < len(rows):
        end = rows.find(b"\n", min(start + _LINES_BYTES, len(rows) - 1)) + 1 or len(rows)
        yield decoder.decode_lines(rows[start:end])
        start = end


def encoded(rows: Iterable[Any]) -> bytes:
    return b"".join(_encode(row) + b"\n" for row in rows)
