"""How the index lies in its bucket: a base, and a numbered log of what changed since.

    current.json                 the pointer: which base, and up to which number it has the log
    generations/<id>/index.db    a base, as `build` writes it
    generations/<id>/documents   what it was built of
    deltas/<number>              documents, one after another; the later one holds

A number of the log is written by whoever is first: it is created only where there is none yet.
Nothing is ever written twice but the pointer, so a crash leaves the old state or the new one.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from functions.search.model import Document
from functions.search.objects import Listed, Objects

POINTER = "current.json"
GENERATIONS = "generations/"
DELTAS = "deltas/"
_BATCH = 5_000


class Pointer(msgspec.Struct, frozen=True):
    """`base` is the id of a generation, "" before the first; it has the log up to `covers`.

    `bytes` is the size of the base's documents.
    """

    base: str = ""
    covers: int = 0
    bytes: int = 0


class Delta(NamedTuple):
    """An entry of the log, and what is known of its object."""

    number: int
    listed: Listed


def index_name(base: str) -> str:
    return f"{GENERATIONS}{base}/index.db"


def documents_name(base: str) -> str:
    return f"{GENERATIONS}{base}/documents"


def delta_name(number: int) -> str:
    return f"{DELTAS}{number:012}"


async def read_pointer(objects: Objects) -> tuple[Pointer, int]:
    """The pointer and its generation; of a bucket that is empty, an empty one and 0."""
    found = await objects.read(POINTER)
    if found is None:
        return Pointer(), 0
    data, generation = found
    return msgspec.json.decode(data, type=Pointer), generation


async def move_pointer(objects: Objects, pointer: Pointer, *, if_generation: int) -> bool:
    """False if somebody else has moved it."""
    return await objects.write(POINTER, msgspec.json.encode(pointer), if_generation=if_generation)


async def deltas_after(objects: Objects, number: int) -> list[Delta]:
    """The log's entries from after a number on, in order."""
    listed = await objects.list(DELTAS, after=delta_name(number))
    return [Delta(int(each.name.removeprefix(DELTAS)), each) for each in listed]


async def read_delta(objects: Objects, number: int) -> list[Document] | None:
    """What an entry of the log says; None if it is not there (yet, or any more)."""
    found = await objects.read(delta_name(number))
    return None if found is None else decode(found[0])


async def write_delta(objects: Objects, number: int, documents: Sequence[Document]) -> bool:
    """False if somebody else has written this number."""
    return await objects.write(delta_name(number), encode(documents), if_generation=0)


def encode(documents: Sequence[Document]) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(documents), 6)


def decode(data: bytes) -> list[Document]:
    return msgspec.msgpack.decode(zlib.decompress(data), type=list[Document])


def framed(documents: Iterable[Document]) -> Iterator[bytes]:
    """Any number of documents as parts of a file, each with its length before it."""
    batch: list[Document] = []
    for document in documents:
        batch.append(document)
        if len(batch) == _BATCH:
            yield _frame(batch)
            batch = []
    if batch:
        yield _frame(batch)


def unframed(data: memoryview) -> Iterator[Document]:
    """The documents of such a file."""
    start = 0
    while start < len(data):
        size = int.from_bytes(data[start : start + 8], "big")
        yield from decode(bytes(data[start + 8 : start + 8 + size]))
        start += 8 + size


def _frame(documents: list[Document]) -> bytes:
    data = encode(documents)
    return len(data).to_bytes(8, "big") + data
