"""Sending a file through a resumable upload session of Cloud Storage.

Source: https://cloud.google.com/storage/docs/performing-resumable-uploads
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable

import httpx
import msgspec

from clients.cli.files import LocalFile
from clients.cli.retry import TRANSIENT_STATUSES, Patience, retry_after_s

# Cloud Storage takes all chunks but the last in multiples of this.
BLOCK_BYTES = 256 * 1024
CHUNK_BYTES = 32 * BLOCK_BYTES
TIMEOUT = httpx.Timeout(60, connect=10)

Moved = Callable[[int], None]

_RANGE = re.compile(r"bytes=0-(\d+)")


class SessionLost(Exception):
    """The session does not exist any more, or was closed before it had every byte."""


class UploadFailed(Exception):
    """Cloud Storage does not take the file, or cannot be reached for too long."""


class _Interrupted(Exception):
    def __init__(self, why: str, wish_s: float | None = None) -> None:
        super().__init__(why)
        self.wish_s = wish_s


class _Object(msgspec.Struct):
    size: str = ""


class Uploader:
    """Sends files in chunks, going on after an interruption from where Cloud Storage is."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        patience: Patience | None = None,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        if chunk_bytes <= 0 or chunk_bytes % BLOCK_BYTES:
            raise ValueError(f"a chunk is a multiple of {BLOCK_BYTES} bytes, not {chunk_bytes}")
        self._client = client
        self._patience = patience or Patience()
        self._chunk_bytes = chunk_bytes

    async def send(
        self, file: LocalFile, session_url: str, *, resume: bool, moved: Moved = lambda _: None
    ) -> None:
        """Returns when Cloud Storage has every byte; `moved` is told how many it has.

        With `resume`, starts by asking what an earlier run has sent. Raises `SessionLost`,
        `UploadFailed`, `FileChanged` or `OSError`.
        """
        stored = None if resume else 0
        furthest = 0
        failures = 0
        while stored is None or stored < file.size:
            try:
                if stored is None:
                    stored = await self._ask(file, session_url)
                else:
                    stored = await self._send_chunk(file, session_url, stored, moved)
            except _Interrupted as error:
                failures += 1
                pause = self._patience.wait_s(failures, error.wish_s)
                if pause is None:
                    raise UploadFailed(f"the upload was interrupted too often: {error}") from error
                await self._patience.sleep(pause)
                stored = None
                continue
            moved(stored)
            if stored > furthest:
                furthest, failures = stored, 0

    async def _ask(self, file: LocalFile, url: str) -> int:
        """How many bytes Cloud Storage has."""
        answer = await self._put(url, b"", {"Content-Range": f"bytes */{file.size}"})
        return _stored(answer, file)

    async def _send_chunk(self, file: LocalFile, url: str, start: int, moved: Moved) -> int:
        """How many bytes Cloud Storage has after the chunk at `start`: more than before."""
        length = min(self._chunk_bytes, file.size - start)
        chunk = await asyncio.to_thread(file.read, start, length)
        headers = {
            "Content-Length": str(length),
            "Content-Range": f"bytes {start}-{start + length - 1}/{file.size}",
        }
        answer = await self._put(url, _blocks(chunk, start, moved), headers)
        stored = _stored(answer, file)
        if stored <= start:
            raise _Interrupted("Cloud Storage kept nothing of a chunk")
        return stored

    async def _put(
        self, url: str, content: bytes | AsyncIterator[bytes], headers: dict[str, str]
    ) -> httpx.Response:
        try:
            return await self._client.put(url, content=content, headers=headers)
        except httpx.TransportError as error:
            raise _Interrupted(str(error) or type(error).__name__) from error


async def _blocks(chunk: bytes, start: int, moved: Moved) -> AsyncIterator[bytes]:
    for at in range(0, len(chunk), BLOCK_BYTES):
        moved(start + at)
        yield chunk[at : at + BLOCK_BYTES]


def _stored(answer: httpx.Response, file: LocalFile) -> int:
    """How many bytes of the file Cloud Storage says that it has."""
    status = answer.status_code
    if status == 308:
        match = _RANGE.fullmatch(answer.headers.get("Range", ""))
        return int(match[1]) + 1 if match else 0
    if answer.is_success:
        if (size := _object_size(answer)) not in {None, file.size}:
            raise SessionLost(f"Cloud Storage closed the upload at {size} of {file.size} bytes")
        return file.size
    if status in {404, 410}:
        raise SessionLost("the upload session does not exist any more")
    if status in TRANSIENT_STATUSES:
        raise _Interrupted(f"Cloud Storage answered {status}", retry_after_s(answer))
    raise UploadFailed(f"Cloud Storage answered {status}: {answer.text[:200]}")


def _object_size(answer: httpx.Response) -> int | None:
    try:
        return int(msgspec.json.decode(answer.content, type=_Object).size)
    except (msgspec.DecodeError, ValueError):
        return None
