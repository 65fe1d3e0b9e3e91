"""Resumable uploads, as Cloud Storage documents them, over a storage that does not keep them."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientResponse, ClientSession, web
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from emulators.processes import free_port
from emulators.resumable import BLOCK_BYTES, ResumableUploads
from emulators.serving import serving

# Not the same in any two blocks.
DATA = b"".join(block.to_bytes(4) * (BLOCK_BYTES // 4) for block in range(5))


@dataclass
class FakeGcs:
    """Only appends: a session ends at the first request that names a total, whatever it holds."""

    open: dict[str, bytearray] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    fails: int = 0

    def app(self) -> web.Application:
        app = web.Application(client_max_size=0)
        app.add_routes(
            [
                web.post("/upload/storage/v1/b/bucket/o", self._begin),
                web.put("/upload/storage/v1/b/bucket/o", self._append),
                web.get("/storage/v1/b/bucket/o/{name}", self._get),
            ]
        )
        return app

    async def _begin(self, request: web.Request) -> web.Response:
        name = request.query["name"]
        self.open[f"id-{name}"] = bytearray()
        location = f"http://public{request.path}?upload_id=id-{name}&name={name}"
        return web.json_response({"name": name}, headers={"Location": location})

    async def _append(self, request: web.Request) -> web.Response:
        if self.fails:
            self.fails -= 1
            return web.Response(status=503)
        upload = request.query["upload_id"]
        if upload not in self.open:
            return web.Response(status=404)
        self.open[upload] += await request.read()
        if request.headers["Content-Range"].endswith("/*"):
            return web.Response(status=308)
        self.objects[request.query["name"]] = bytes(self.open.pop(upload))
        return web.json_response({"size": str(len(self.objects[request.query["name"]]))})

    async def _get(self, request: web.Request) -> web.Response:
        return web.Response(body=self.objects[request.match_info["name"]])


class Uploading:
    """A client of the resumable server with one session open."""

    def __init__(self, client: ClientSession, port: int, gcs: FakeGcs) -> None:
        self.client = client
        self.port = port
        self.gcs = gcs
        self.session = URL()

    async def open(self) -> None:
        answer = await self.client.post(
            "/upload/storage/v1/b/bucket/o?uploadType=resumable&name=song"
        )
        self.session = URL(answer.headers["Location"]).relative()

    async def put(self, body: bytes, content_range: str | None = None) -> ClientResponse:
        headers = {} if content_range is None else {"Content-Range": content_range}
        return await self.client.put(self.session, data=body, headers=headers)

    async def chunk(self, start: int, end: int, total: int | str = len(DATA)) -> ClientResponse:
        return await self.put(DATA[start:end], f"bytes {start}-{end - 1}/{total}")

    async def ask(self, total: int | str = len(DATA)) -> ClientResponse:
        return await self.put(b"", f"bytes */{total}")

    async def kept(self) -> int:
        """How many bytes the server says it has."""
        answer = await self.ask("*")
        assert answer.status == 308
        return kept_by(answer)

    async def break_off(self, sent: bytes, head: str, *, reset: bool) -> None:
        """Send the head and a part of the body of a PUT, then drop the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"PUT {self.session} HTTP/1.1\r\nHost: h\r\n{head}\r\n\r\n".encode() + sent)
        await writer.drain()
        # A reset throws away what the server has not read yet, so let it read.
        await asyncio.sleep(0.02)
        if reset:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()
        # Nothing comes after the server has noticed.
        await asyncio.wait({asyncio.ensure_future(reader.read())}, timeout=0.02)


def kept_by(answer: ClientResponse) -> int:
    """How many bytes are there by an unfinished upload's answer."""
    text = answer.headers.get("Range")
    if text is None:
        return 0
    assert text.startswith("bytes=0-")
    return int(text.removeprefix("bytes=0-")) + 1


@contextlib.asynccontextmanager
async def begun() -> AsyncIterator[Uploading]:
    """A session that is open, on servers as the platform runs them."""
    gcs = FakeGcs()
    port, storage_port = free_port(), free_port()
    uploads = ResumableUploads(f"http://127.0.0.1:{storage_port}")
    async with (
        serving(gcs.app(), storage_port),
        serving(uploads.app(), port),
        ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        uploading = Uploading(client, port, gcs)
        await uploading.open()
        yield uploading


@pytest.fixture
async def uploading() -> AsyncIterator[Uploading]:
    async with begun() as uploading:
        yield uploading


async def test_a_whole_file_in_one_request(uploading: Uploading) -> None:
    answer = await uploading.put(DATA)
    assert answer.status == 200
    assert await answer.json() == {"size": str(len(DATA))}
    assert uploading.gcs.objects == {"song": DATA}


async def test_a_whole_file_of_unsaid_length(uploading: Uploading) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield DATA[:1000]
        yield DATA[1000:]

    answer = await uploading.client.put(uploading.session, data=pieces())
    assert answer.status == 200
    assert uploading.gcs.objects == {"song": DATA}


@pytest.mark.parametrize("content_range", [None, "bytes */0"])
async def test_an_empty_file(uploading: Uploading, content_range: str | None) -> None:
    answer = await uploading.put(b"", content_range)
    assert answer.status == 200
    assert uploading.gcs.objects == {"song": b""}


async def test_a_file_in_chunks(uploading: Uploading) -> None:
    first = await uploading.chunk(0, 2 * BLOCK_BYTES)
    second = await uploading.chunk(2 * BLOCK_BYTES, 4 * BLOCK_BYTES)
    last = await uploading.chunk(4 * BLOCK_BYTES, len(DATA))
    assert [a.status for a in (first, second, last)] == [308, 308, 200]
    assert [kept_by(a) for a in (first, second)] == [2 * BLOCK_BYTES, 4 * BLOCK_BYTES]
    assert uploading.gcs.objects == {"song": DATA}


async def test_chunks_of_a_file_whose_length_comes_last(uploading: Uploading) -> None:
    await uploading.chunk(0, BLOCK_BYTES, "*")
    answer = await uploading.chunk(BLOCK_BYTES, BLOCK_BYTES + 10, BLOCK_BYTES + 10)
    assert answer.status == 200
    assert uploading.gcs.objects == {"song": DATA[: BLOCK_BYTES + 10]}


async def test_a_total_that_comes_after_the_last_chunk(uploading: Uploading) -> None:
    await uploading.chunk(0, len(DATA), "*")
    assert uploading.gcs.objects == {}
    assert (await uploading.ask(len(DATA))).status == 200
    assert uploading.gcs.objects == {"song": DATA}


async def test_asking_changes_nothing(uploading: Uploading) -> None:
    assert await uploading.kept() == 0
    await uploading.chunk(0, BLOCK_BYTES)
    for total in (len(DATA), "*", 0):
        answer = await uploading.ask(total)
        assert answer.status == 308
        assert kept_by(answer) == BLOCK_BYTES
    assert uploading.gcs.objects == {}


async def test_only_whole_blocks_are_kept_of_a_chunk_that_is_not_the_last(
    uploading: Uploading,
) -> None:
    answer = await uploading.chunk(0, BLOCK_BYTES + 1000)
    assert kept_by(answer) == BLOCK_BYTES
    assert kept_by(await uploading.chunk(BLOCK_BYTES, BLOCK_BYTES + 10)) == BLOCK_BYTES


async def test_what_is_sent_twice_is_kept_once(uploading: Uploading) -> None:
    await uploading.chunk(0, 2 * BLOCK_BYTES)
    within = await uploading.chunk(0, BLOCK_BYTES)
    assert kept_by(within) == 2 * BLOCK_BYTES
    over = await uploading.chunk(BLOCK_BYTES, 3 * BLOCK_BYTES)
    assert kept_by(over) == 3 * BLOCK_BYTES
    assert (await uploading.put(DATA)).status == 200
    assert uploading.gcs.objects == {"song": DATA}


async def test_a_gap_is_refused_and_changes_nothing(uploading: Uploading) -> None:
    await uploading.chunk(0, BLOCK_BYTES)
    answer = await uploading.chunk(2 * BLOCK_BYTES, 3 * BLOCK_BYTES)
    assert answer.status == 503
    assert await uploading.kept() == BLOCK_BYTES


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(
    "head",
    [
        f"Content-Length: {len(DATA)}",
        f"Content-Length: {len(DATA)}\r\nContent-Range: bytes 0-{len(DATA) - 1}/{len(DATA)}",
        f"Content-Length: {len(DATA)}\r\nContent-Range: bytes 0-{len(DATA) - 1}/*",
    ],
)
async def test_a_request_that_breaks_off_leaves_whole_blocks(
    uploading: Uploading, head: str, *, reset: bool
) -> None:
    await uploading.break_off(DATA[: 2 * BLOCK_BYTES + 1000], head, reset=reset)
    kept = await uploading.kept()
    assert kept == 2 * BLOCK_BYTES
    assert uploading.gcs.objects == {}
    assert (await uploading.chunk(kept, len(DATA))).status == 200
    assert uploading.gcs.objects == {"song": DATA}


async def test_a_chunked_body_that_breaks_off_is_not_taken_for_the_whole(
    uploading: Uploading,
) -> None:
    sent = f"{BLOCK_BYTES:x}\r\n".encode() + DATA[:BLOCK_BYTES] + b"\r\n"
    await uploading.break_off(sent, "Transfer-Encoding: chunked", reset=False)
    assert await uploading.kept() == BLOCK_BYTES
    assert uploading.gcs.objects == {}


async def test_a_finished_session_answers_again(uploading: Uploading) -> None:
    first = await uploading.put(DATA)
    for again in (await uploading.ask(), await uploading.put(b"other"), await uploading.put(DATA)):
        assert again.status == 200
        assert await again.json() == await first.json()
    assert uploading.gcs.objects == {"song": DATA}


@pytest.mark.parametrize("content_range", ["bytes */5", "bytes 0-4/5", None])
async def test_a_session_of_an_earlier_run_is_gone(
    uploading: Uploading, content_range: str | None
) -> None:
    uploading.session = uploading.session.update_query(upload_id="of-an-earlier-run")
    assert (await uploading.put(b"12345", content_range)).status == 404


@pytest.mark.parametrize("content_range", ["bytes", "0-4/5", "bytes 0-/5", "bytes -4/5", ""])
async def test_a_malformed_range_is_not_taken_for_a_whole_file(
    uploading: Uploading, content_range: str
) -> None:
    assert (await uploading.put(b"12345", content_range)).status == 400
    assert await uploading.kept() == 0


async def test_a_storage_in_trouble_leaves_the_session_as_it_was(uploading: Uploading) -> None:
    await uploading.chunk(0, BLOCK_BYTES)
    uploading.gcs.fails = 1
    assert (await uploading.chunk(BLOCK_BYTES, 2 * BLOCK_BYTES)).status == 502
    assert await uploading.kept() == BLOCK_BYTES
    assert (await uploading.chunk(BLOCK_BYTES, len(DATA))).status == 200
    assert uploading.gcs.objects == {"song": DATA}


async def test_two_requests_at_once_do_not_mix(uploading: Uploading) -> None:
    answers = await asyncio.gather(*(uploading.put(DATA) for _ in range(3)))
    assert [answer.status for answer in answers] == [200] * 3
    assert uploading.gcs.objects == {"song": DATA}


async def test_web_pages_may_read_how_far_it_is(uploading: Uploading) -> None:
    answer = await uploading.chunk(0, BLOCK_BYTES)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Range" in answer.headers["Access-Control-Expose-Headers"]


async def test_web_pages_may_send_parts_of_a_file(uploading: Uploading) -> None:
    asked = {
        "Origin": "http://player.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-range",
    }
    answer = await uploading.client.options(uploading.session, headers=asked)

    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "PUT"
    assert "Content-Range" in answer.headers["Access-Control-Allow-Headers"]
    assert await uploading.kept() == 0


async def test_everything_else_is_passed_on(uploading: Uploading) -> None:
    await uploading.put(DATA[:10])
    answer = await uploading.client.get("/storage/v1/b/bucket/o/song?alt=media")
    assert await answer.read() == DATA[:10]


@given(
    st.integers(0, len(DATA)),
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3), st.booleans()), max_size=4),
)
@settings(max_examples=15, deadline=None)
async def test_any_way_of_sending_it_ends_with_the_same_bytes(
    size: int, steps: list[tuple[int, int, bool]]
) -> None:
    data = DATA[:size]
    async with begun() as uploading:
        for block, count, known in steps:
            start, end = block * BLOCK_BYTES, min((block + count) * BLOCK_BYTES, size)
            if start < end:
                total = size if known else "*"
                await uploading.put(data[start:end], f"bytes {start}-{end - 1}/{total}")
        await uploading.put(data)
    assert uploading.gcs.objects == {"song": data}
