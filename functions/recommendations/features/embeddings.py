"""The vectors that say what tracks sound like, read beside their media."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from google.cloud.storage import Client

# Vectors of another version cannot be compared with these.
VERSION = 1
SIZE = 64

_FILE = "embedding.json"
_TIMEOUT_S = 10


class Embeddings(Protocol):
    """What the media job measured."""

    async def embedding(self, prefix: str) -> list[float]:
        """`SIZE` numbers, or none where there is nothing to compare."""
        ...


class StoredEmbeddings:
    """`Embeddings`, in the media bucket."""

    def __init__(self, project: str, bucket: str) -> None:
        self._project = project
        self._bucket = bucket

    @cached_property
    def _client(self) -> "Client":
        from google.cloud.storage import Client

        return Client(project=self._project)

    async def embedding(self, prefix: str) -> list[float]:
        raw = await asyncio.to_thread(self._read, f"{prefix}/{_FILE}")
        return vector_of(raw) if raw is not None else []

    def _read(self, name: str) -> bytes | None:
        from google.api_core.exceptions import NotFound

        try:
            data: bytes = (
                self._client.bucket(self._bucket).blob(name).download_as_bytes(timeout=_TIMEOUT_S)
            )
        except NotFound:
            return None
        return data


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
