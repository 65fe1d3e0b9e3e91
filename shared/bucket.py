"""Small objects of a bucket, read whole."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.cloud.storage import Client

_TIMEOUT_S = 10


class Bucket:
    """A bucket that is read from; the client is made when first used."""

    def __init__(self, project: str, name: str) -> None:
        self._project = project
        self._name = name

    @cached_property
    def _client(self) -> "Client":
        from google.cloud.storage import Client

        return Client(project=self._project)

    async def read(self, name: str) -> bytes | None:
        """What the object holds; None if there is no such object."""
        return await asyncio.to_thread(self._read, name)

    def _read(self, name: str) -> bytes | None:
        from google.api_core.exceptions import NotFound

        blob = self._client.bucket(self._name).blob(name)
        try:
            data: bytes = blob.download_as_bytes(timeout=_TIMEOUT_S)
        except NotFound:
            return None
        return data
