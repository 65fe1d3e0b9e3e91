"""The exports bucket. Archives lie there until they expire; nobody reads it but us."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol

from shared.errors import NotFound

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Bucket

_TIMEOUT_S = 30
_CHUNK = 256 * 1024


class Files(Protocol):
    """Archives by the export's id."""

    async def put(self, export_id: str, archive: bytes) -> None: ...

    def read(self, export_id: str) -> AsyncIterator[bytes]:
        """Raises `NotFound` before the first chunk."""
        ...

    async def delete(self, export_id: str) -> None:
        """What is not there is no error."""
        ...


class ExportsBucket:
    """Archives in Cloud Storage; the client is made when first used."""

    def __init__(self, project: str, bucket: str) -> None:
        self._project = project
        self._name = bucket
        self._connected: Bucket | None = None

    async def put(self, export_id: str, archive: bytes) -> None:
        await asyncio.to_thread(self._put, export_id, archive)

    async def read(self, export_id: str) -> AsyncIterator[bytes]:
        from google.api_core.exceptions import NotFound as NoObject

        try:
            file = await asyncio.to_thread(self._blob(export_id).open, "rb", chunk_size=_CHUNK)
            chunk = await asyncio.to_thread(file.read, _CHUNK)
        except NoObject as error:
            raise NotFound("The archive is no longer there") from error
        while chunk:
            yield chunk
            chunk = await asyncio.to_thread(file.read, _CHUNK)

    async def delete(self, export_id: str) -> None:
        from google.api_core.exceptions import NotFound as NoObject

        try:
            await asyncio.to_thread(self._blob(export_id).delete, timeout=_TIMEOUT_S)
        except NoObject:
            return

    def _put(self, export_id: str, archive: bytes) -> None:
        blob = self._blob(export_id)
        blob.cache_control = "private, no-store"
        blob.upload_from_string(archive, content_type="application/zip", timeout=_TIMEOUT_S)

    def _blob(self, export_id: str) -> "Blob":
        if self._connected is None:
            from google.cloud.storage import Client

            self._connected = Client(project=self._project).bucket(self._name)
        return self._connected.blob(f"{export_id}.zip")
