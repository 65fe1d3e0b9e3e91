"""Resumable upload sessions of Cloud Storage: the client sends its bytes there, not through us."""

import asyncio
from typing import TYPE_CHECKING

import httpx

from functions.media.model import Upload
from shared.errors import Unavailable

if TYPE_CHECKING:
    from google.cloud.storage import Client

_TIMEOUT_S = 5.0
_STILL_OPEN = {200, 201, 308}


class UploadSessions:
    """Opens sessions on the uploads bucket; an upload's object has its id as name."""

    def __init__(self, project: str, bucket: str) -> None:
        self._project = project
        self._bucket = bucket
        self._connected: Client | None = None

    async def open(self, upload: Upload, origin: str | None) -> str:
        """The address to send the bytes to. `origin` is the web page's, if it is one that asks."""
        return await asyncio.to_thread(self._open, upload, origin)

    def _open(self, upload: Upload, origin: str | None) -> str:
        if self._connected is None:
            from google.cloud.storage import Client

            self._connected = Client(project=self._project)
        blob = self._connected.bucket(self._bucket).blob(upload.id)
        return str(
            blob.create_resumable_upload_session(
                content_type="application/octet-stream", size=upload.size, origin=origin
            )
        )

    async def is_open(self, upload: Upload) -> bool:
        """Whether the upload's session still takes bytes (they live a week) or has them all."""
        if not upload.session_url:
            return False
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
                answer = await client.put(
                    upload.session_url, headers={"Content-Range": f"bytes */{upload.size}"}
                )
        except httpx.HTTPError:
            return False
        return answer.status_code in _STILL_OPEN

    async def cancel(self, upload: Upload) -> None:
        """Closes the upload's session, if it is open."""
        if not upload.session_url:
            return
        async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
            answer = await client.delete(upload.session_url, headers={"Content-Length": "0"})
        if answer.status_code >= 500:
            raise Unavailable("Cloud Storage does not close a session; try again")
