"""Interrupted uploads to fake-gcs-server, through the local front that keeps its sessions."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiohttp.test_utils import TestServer

from clients.cli.files import LocalFile, pin
from clients.cli.retry import Patience
from clients.cli.upload import BLOCK_BYTES, SessionLost, Uploader
from emulators.resumable import ResumableUploads

BUCKET = "uploads"
SIZE = 11 * BLOCK_BYTES + 1234
CHUNK_BYTES = 4 * BLOCK_BYTES


class Cut(httpx.AsyncBaseTransport):
    """A network that breaks off the n-th requests named in `cuts` after so many bytes of body."""

    def __init__(self, cuts: dict[int, int]) -> None:
        self._real = httpx.AsyncHTTPTransport()
        self._cuts = cuts
        self.ranges: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.ranges.append(request.headers.get("Content-Range", ""))
        if (left := self._cuts.get(len(self.ranges))) is not None:
            request.stream = _Broken(request, left)
        return await self._real.handle_async_request(request)

    async def aclose(self) -> None:
        await self._real.aclose()


class _Broken(httpx.AsyncByteStream):
    def __init__(self, request: httpx.Request, left: int) -> None:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        self._whole = request.stream
        self._left = left

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._whole:
            if self._left < len(data):
                yield data[: self._left]
                raise httpx.WriteError("the cable was pulled")
            self._left -= len(data)
            yield data


@pytest.fixture
def file(tmp_path: Path) -> LocalFile:
    path = tmp_path / "song.flac"
    blocks = (hashlib.sha256(str(number).encode()).digest() for number in range(SIZE // 32 + 1))
    path.write_bytes(b"".join(blocks)[:SIZE])
    return pin(path)


@pytest.fixture
async def front(storage_emulator: str) -> AsyncIterator[str]:
    """The address that clients use in place of fake-gcs-server's own."""
    async with TestServer(ResumableUploads(storage_emulator).app()) as server:
        yield str(server.make_url("")).rstrip("/")


async def _new_session(storage_url: str, name: str) -> str:
    async with httpx.AsyncClient(base_url=storage_url) as client:
        made = await client.post("/storage/v1/b", json={"name": BUCKET})
        assert made.status_code in {200, 409}
        opened = await client.post(
            f"/upload/storage/v1/b/{BUCKET}/o",
            params={"uploadType": "resumable", "name": name},
            json={"name": name},
        )
    location = httpx.URL(opened.raise_for_status().headers["Location"])
    return storage_url + location.raw_path.decode()


async def _stored(storage_url: str, name: str) -> bytes:
    async with httpx.AsyncClient(base_url=storage_url) as client:
        answer = await client.get(f"/storage/v1/b/{BUCKET}/o/{name}", params={"alt": "media"})
    return answer.raise_for_status().content


async def _send(
    file: LocalFile, session_url: str, cuts: dict[int, int], *, resume: bool = False
) -> list[str]:
    """The `Content-Range` of every request that was made."""
    network = Cut(cuts)
    patience = Patience(first_s=0.001, attempts=3)
    async with httpx.AsyncClient(transport=network, timeout=20) as client:
        uploader = Uploader(client, patience=patience, chunk_bytes=CHUNK_BYTES)
        await uploader.send(file, session_url, resume=resume)
    return network.ranges


async def test_an_undisturbed_upload_arrives(front: str, file: LocalFile) -> None:
    session = await _new_session(front, "undisturbed")
    assert len(await _send(file, session, {})) == 3
    assert await _stored(front, "undisturbed") == file.path.read_bytes()


async def test_an_interrupted_upload_goes_on(front: str, file: LocalFile) -> None:
    session = await _new_session(front, "interrupted")
    ranges = await _send(file, session, {2: 3 * BLOCK_BYTES + 100, 4: 10})
    assert ranges.count(f"bytes */{SIZE}") == 2
    assert await _stored(front, "interrupted") == file.path.read_bytes()


async def test_a_later_run_continues(front: str, file: LocalFile) -> None:
    session = await _new_session(front, "later")
    half = file.path.with_name("half")
    half.write_bytes(file.read(0, CHUNK_BYTES))
    async with httpx.AsyncClient() as client:
        first = await client.put(
            session,
            content=half.read_bytes(),
            headers={"Content-Range": f"bytes 0-{CHUNK_BYTES - 1}/{SIZE}"},
        )
    assert first.status_code == 308
    ranges = await _send(file, session, {}, resume=True)
    assert ranges[:2] == [f"bytes */{SIZE}", f"bytes {CHUNK_BYTES}-{2 * CHUNK_BYTES - 1}/{SIZE}"]
    assert await _stored(front, "later") == file.path.read_bytes()


async def test_a_finished_upload_is_not_sent_again(front: str, file: LocalFile) -> None:
    session = await _new_session(front, "finished")
    await _send(file, session, {})
    assert await _send(file, session, {}, resume=True) == [f"bytes */{SIZE}"]


async def test_the_bare_emulator_loses_the_session_and_a_new_one_serves(
    storage_emulator: str, file: LocalFile
) -> None:
    """fake-gcs-server ends an upload that is asked how far it is: that is no success."""
    with pytest.raises(SessionLost):
        await _send(file, await _new_session(storage_emulator, "bare"), {2: BLOCK_BYTES})
    await _send(file, await _new_session(storage_emulator, "bare"), {})
    assert await _stored(storage_emulator, "bare") == file.path.read_bytes()
