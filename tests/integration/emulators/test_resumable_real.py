"""Resumable uploads over the fake-gcs-server that the platform runs."""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client
from yarl import URL

from emulators import storage
from emulators.gather import Program
from emulators.processes import free_port
from emulators.resumable import BLOCK_BYTES, ResumableUploads
from emulators.serving import serving
from tests.running import running

BUCKET = "uploads"
# Some pieces that are passed on, and a rest.
DATA = random.Random(1).randbytes(80 * BLOCK_BYTES + 12_345)


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """Where uploads are taken, in front of a server of this test's own."""
    bare, public = free_port(), free_port()
    command = storage.command(
        bare, tmp_path, Program(), pubsub_address="", public_address=f"127.0.0.1:{public}"
    )
    with running(command):
        uploads = ResumableUploads(f"http://127.0.0.1:{bare}")
        async with serving(uploads.app(), public), aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{public}"
            (await session.post(f"{url}/storage/v1/b", json={"name": BUCKET})).raise_for_status()
            yield url


@pytest.fixture
async def session(address: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(address) as session:
        yield session


async def open_session(session: aiohttp.ClientSession, name: str) -> URL:
    answer = await session.post(
        f"/upload/storage/v1/b/{BUCKET}/o?uploadType=resumable&name={name}",
        headers={"X-Upload-Content-Type": "audio/flac"},
        json={},
    )
    answer.raise_for_status()
    return URL(answer.headers["Location"], encoded=True)


async def stored(session: aiohttp.ClientSession, name: str) -> bytes:
    answer = await session.get(f"/storage/v1/b/{BUCKET}/o/{name}?alt=media")
    answer.raise_for_status()
    return await answer.read()


async def kept(session: aiohttp.ClientSession, upload: URL) -> int:
    headers = {"Content-Range": f"bytes */{len(DATA)}"}
    answer = await session.put(upload, headers=headers)
    assert answer.status == 308
    return int(answer.headers.get("Range", "bytes=0--1").removeprefix("bytes=0-")) + 1


async def break_off(upload: URL, start: int, count: int) -> None:
    """Announce everything from `start` on, send `count` bytes of it, and hang up."""
    _, writer = await asyncio.open_connection("127.0.0.1", upload.port)
    head = (
        f"PUT {upload.raw_path_qs} HTTP/1.1\r\nHost: {upload.authority}\r\n"
        f"Content-Length: {len(DATA) - start}\r\n"
        f"Content-Range: bytes {start}-{len(DATA) - 1}/{len(DATA)}\r\n\r\n"
    )
    writer.write(head.encode() + DATA[start : start + count])
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_an_upload_that_is_interrupted_again_and_again(
    session: aiohttp.ClientSession,
) -> None:
    upload = await open_session(session, "song")
    at = await kept(session, upload)
    assert at == 0
    for count in (100, BLOCK_BYTES, 35 * BLOCK_BYTES + 7, 20 * BLOCK_BYTES):
        await break_off(upload, at, count)
        now = await kept(session, upload)
        assert now % BLOCK_BYTES == 0
        assert at <= now <= at + count
        at = now
    assert at >= 40 * BLOCK_BYTES
    answer = await session.put(
        upload,
        data=DATA[at:],
        headers={"Content-Range": f"bytes {at}-{len(DATA) - 1}/{len(DATA)}"},
    )
    assert answer.status == 200
    metadata = json.loads(await answer.text())
    assert metadata["size"] == str(len(DATA))
    assert int(metadata["generation"]) > 0
    assert await stored(session, "song") == DATA


@pytest.mark.parametrize("size", [0, 1, BLOCK_BYTES, 33 * BLOCK_BYTES])
async def test_a_whole_file_in_one_request(session: aiohttp.ClientSession, size: int) -> None:
    upload = await open_session(session, "song")
    answer = await session.put(upload, data=DATA[:size])
    assert answer.status == 200
    assert await stored(session, "song") == DATA[:size]
    again = await session.put(upload, headers={"Content-Range": f"bytes */{size}"})
    assert again.status == 200
    assert await again.json() == await answer.json()


async def test_a_total_that_comes_last(session: aiohttp.ClientSession) -> None:
    upload = await open_session(session, "song")
    end = 2 * BLOCK_BYTES
    answer = await session.put(
        upload, data=DATA[:end], headers={"Content-Range": f"bytes 0-{end - 1}/*"}
    )
    assert answer.status == 308
    answer = await session.put(upload, headers={"Content-Range": f"bytes */{end}"})
    assert answer.status == 200
    assert await stored(session, "song") == DATA[:end]


async def test_googles_own_client_uploads_and_reads(address: str) -> None:
    def upload_and_read() -> bytes:
        client = Client(
            project="p",
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": address},
        )
        blob = client.bucket(BUCKET).blob("folder/song name", chunk_size=8 * BLOCK_BYTES)
        blob.upload_from_string(DATA, content_type="audio/flac")
        return bytes(client.bucket(BUCKET).blob("folder/song name").download_as_bytes())

    found = await asyncio.to_thread(upload_and_read)
    assert hashlib.sha256(found).digest() == hashlib.sha256(DATA).digest()
