"""The vectors that say what tracks sound like, read beside their media."""

from typing import Protocol

import msgspec

from shared.bucket import Bucket

# Vectors of another version cannot be compared with these.
VERSION = 1
SIZE = 64

_FILE = "embedding.json"


class Embeddings(Protocol):
    """What the media job measured."""

    async def embedding(self, prefix: str) -> list[float]:
        """`SIZE` numbers, or none where there is nothing to compare."""
        ...


class StoredEmbeddings:
    """`Embeddings`, in the media bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def embedding(self, prefix: str) -> list[float]:
        raw = await self._bucket.read(f"{prefix}/{_FILE}")
        return vector_of(raw) if raw is not None else []


class _Embedding(msgspec.Struct):
    version: int = 0
    vector: list[float] = []


def vector_of(raw: bytes) -> list[float]:
    """Of a file as the media job writes it; none for silence, and for another version."""
    try:
        found = msgspec.json.decode(raw, type=_Embedding)
    except msgspec.DecodeError:
        return []
    fits = found.version == VERSION and len(found.vector) == SIZE and any(found.vector)
    return found.vector if fits else []
