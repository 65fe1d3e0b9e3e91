"""Requests passed on to the letter, body and answer streamed."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientSession, web
from multidict import CIMultiDict
from yarl import URL

from emulators.processes import free_port
from emulators.proxy import Proxy
from emulators.serving import serving


@dataclass
class Upstream:
    """Notes the last request; answers as told."""

    method: str = ""
    target: str = ""
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    body: bytes = b""
    answer: web.Response = field(default_factory=web.Response)
    breaks_off: bool = False
    first_piece: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.method, self.target = request.method, request.raw_path
        self.headers = CIMultiDict(request.headers)
        async for piece in request.content.iter_any():
            self.first_piece.set()
            self.body += piece
        if self.breaks_off:
            response = web.StreamResponse(headers={"Content-Length": "100"})
            await response.prepare(request)
            await response.write(b"begun")
            assert request.transport is not None
            request.transport.abort()
            return response
        return self.answer


@dataclass
class Passing:
    upstream: Upstream
    client: ClientSession
    url: str


@pytest.fixture
async def passing() -> AsyncIterator[Passing]:
    upstream, proxy = Upstream(), Proxy()
    port, upstream_port = free_port(), free_port()

    async def forward(request: web.Request) -> web.StreamResponse:
        extra = {"X-Forwarded-Proto": "http"}
        to = upstream_port if request.path != "/away" else 1
        return await proxy.forward(request, f"http://127.0.0.1:{to}", extra)

    app = web.Application(client_max_size=0)
    app.cleanup_ctx.append(proxy.connections)
    app.router.add_route("*", "/{path:.*}", forward)
    behind = web.Application(client_max_size=0)
    behind.router.add_route("*", "/{path:.*}", upstream.handle)
    async with (
        serving(behind, upstream_port),
        serving(app, port),
        ClientSession(auto_decompress=False) as client,
    ):
        yield Passing(upstream, client, f"http://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "target",
    [
        "/v1/tracks?ids=a,b&x=%2B+%20",
        "/a%2Fb/%7Eu/%2E%2E/c",
        "/a/../b//c",
        "/?URLPrefix=aHR0cHM6Ly8=&Signature=a-_=&q=%3D",
        "/%C3%BC?%C3%BC",
    ],
)
async def test_path_and_query_arrive_to_the_letter(passing: Passing, target: str) -> None:
    await passing.client.get(URL(passing.url + target, encoded=True))
    assert passing.upstream.target == target


async def test_an_absolute_address_does_not_choose_the_server(passing: Passing) -> None:
    port = URL(passing.url).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET http://elsewhere/x?y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 200")
    writer.close()
    assert passing.upstream.target == "/x?y"


async def test_headers_go_both_ways_but_for_those_of_the_connection(passing: Passing) -> None:
    passing.upstream.answer = web.Response(
        status=201,
        reason="Made",
        headers=CIMultiDict(
            [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Answer", "1"), ("Upgrade", "x")]
        ),
    )
    answer = await passing.client.get(
        f"{passing.url}/", headers={"Host": "localhost:8080", "X-Asked": "1", "TE": "trailers"}
    )
    asked = passing.upstream.headers
    assert asked["Host"] == "localhost:8080"
    assert asked["X-Asked"] == "1"
    assert asked["X-Forwarded-Proto"] == "http"
    assert "TE" not in asked
    assert (answer.status, answer.reason) == (201, "Made")
    assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers["X-Answer"] == "1"
    assert "Upgrade" not in answer.headers


async def test_nothing_is_asked_for_that_the_client_did_not(passing: Passing) -> None:
    port = URL(passing.url).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    await reader.read()
    writer.close()
    assert set(passing.upstream.headers) == {"Host", "X-Forwarded-Proto"}


async def test_compressed_answers_stay_compressed(passing: Passing) -> None:
    packed = gzip.compress(b"text")
    passing.upstream.answer = web.Response(body=packed, headers={"Content-Encoding": "gzip"})
    answer = await passing.client.get(f"{passing.url}/")
    assert await answer.read() == packed
    assert answer.headers["Content-Encoding"] == "gzip"


async def test_redirects_are_the_clients_to_follow(passing: Passing) -> None:
    passing.upstream.answer = web.Response(status=302, headers={"Location": "/other"})
    answer = await passing.client.get(f"{passing.url}/", allow_redirects=False)
    assert answer.status == 302
    assert passing.upstream.target == "/"


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
async def test_bodies_of_any_size(passing: Passing, size: int) -> None:
    passing.upstream.answer = web.Response(body=bytes(size))
    answer = await passing.client.post(f"{passing.url}/", data=b"x" * size)
    assert passing.upstream.body == b"x" * size
    assert await answer.read() == bytes(size)
    assert answer.headers["Content-Length"] == str(size)


async def test_a_body_is_passed_on_while_it_comes(passing: Passing) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.wait_for(passing.upstream.first_piece.wait(), 20)
        yield b"second"

    await passing.client.post(f"{passing.url}/", data=body())
    assert passing.upstream.body == b"firstsecond"


async def test_a_server_that_is_away(passing: Passing) -> None:
    answer = await passing.client.get(f"{passing.url}/away")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"


async def test_an_answer_that_breaks_off_is_not_taken_for_whole(passing: Passing) -> None:
    passing.upstream.breaks_off = True
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(passing.url).port)
    writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"begun")
    assert b"503" not in answer
