"""The vectors that say what tracks sound like, read beside their media."""

from typing import Protocol

from functions.recommendations.features.sound import vector_of
from shared.bucket import Bucket

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
