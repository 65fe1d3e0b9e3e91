"""The vectors that say what tracks sound like, read beside their media."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from functions.recommendations.features.sound import vector_of

if TYPE_CHECKING:
    from google.cloud.storage import Client

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
