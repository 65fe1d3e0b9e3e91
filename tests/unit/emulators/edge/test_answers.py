"""Cloud CDN before a function: public answers are kept, all others pass through."""

import gzip
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from emulators.edge.answers import CachedAnswers
from emulators.edge.cache import ObjectCache
from emulators.proxy import Proxy

Client = TestClient[web.Request, web.Application]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Unit:
    """A function that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.headers = {"Cache-Control": "public, max-age=60", "ETag": '"1"'}
        self.more = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(
            {"query": request.query_string, "times": self.asked, "more": self.more},
            status=self.status,
            headers=self.headers,
        )


@pytest.fixture
def unit() -> Unit:
    return Unit()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(unit: Unit, clock: Clock) -> AsyncIterator[Client]:
    behind = web.Application()
    behind.router.add_route("*", "/{path:.*}", unit.answer)
    async with TestServer(behind) as server:
        proxy = Proxy()
        answers = CachedAnswers(proxy, ObjectCache(100_000, clock))

        async def serve(request: web.Request) -> web.StreamResponse:
            url = f"http://127.0.0.1:{server.port}"
            return await answers.serve(request, url, {}, compressed="packed" in request.query)

        app = web.Application()
        app.cleanup_ctx.append(proxy.connections)
        app.router.add_route("*", "/{path:.*}", serve)
        async with TestClient(TestServer(app)) as client:
            yield client


async def test_a_public_answer_is_asked_for_once(client: Client, unit: Unit, clock: Clock) -> None:
    first = await (await client.get("/v1/albums/1?market=SE")).json()
    clock.now = 59
    again = await client.get("/v1/albums/1?market=SE")
    assert await again.json() == first
    assert again.headers["Age"] == "59"
    clock.now = 60
    assert (await (await client.get("/v1/albums/1?market=SE")).json())["times"] == 2
    assert unit.asked == 2


async def test_each_query_has_an_answer_of_its_own(client: Client, unit: Unit) -> None:
    for market in ("SE", "NO"):
        got = await (await client.get(f"/v1/albums/1?market={market}")).json()
        assert got["query"] == f"market={market}"
    assert unit.asked == 2


async def test_a_kept_answer_that_the_client_has_is_not_sent_again(
    client: Client, unit: Unit
) -> None:
    await client.get("/x")
    answer = await client.get("/x", headers={"If-None-Match": '"1"'})
    assert answer.status == 304
    assert await answer.read() == b""
    assert unit.asked == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "private, max-age=60"},
        {"Cache-Control": "public"},
        {"Cache-Control": "public, max-age=0"},
        {"Cache-Control": "public, max-age=60", "Set-Cookie": "a=b"},
        {},
    ],
)
async def test_what_is_not_for_everybody_is_not_kept(
    client: Client, unit: Unit, headers: dict[str, str]
) -> None:
    unit.headers = headers
    await client.get("/x")
    await client.get("/x")
    assert unit.asked == 2


async def test_failures_and_writes_are_not_kept(client: Client, unit: Unit) -> None:
    unit.status = 404
    await client.get("/x")
    unit.status = 200
    await client.post("/x")
    await client.get("/x")
    await client.post("/x")
    assert unit.asked == 4


@pytest.mark.parametrize("control", ["public, max-age=60", "private, max-age=60"])
async def test_texts_are_compressed_kept_or_not(client: Client, unit: Unit, control: str) -> None:
    unit.headers |= {"Cache-Control": control, "Vary": "Origin"}
    unit.more = "more of the same, " * 100
    for _ in range(2):
        raw = await client.get(
            "/x?packed", headers={"Accept-Encoding": "gzip"}, auto_decompress=False
        )
        assert raw.headers["Content-Encoding"] == "gzip"
        assert raw.headers["ETag"] == 'W/"1"'
        assert raw.headers["Vary"] == "Origin, Accept-Encoding"
        body = await raw.read()
        assert len(body) < 300
        assert json.loads(gzip.decompress(body))["more"] == unit.more
        plain = await client.get("/x?packed", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert plain.headers["ETag"] == '"1"'
        assert (await plain.json())["more"] == unit.more


@pytest.mark.parametrize(
    ("query", "control", "size"),
    [("", "public, max-age=60", 9), ("?packed", "no-store, no-transform", 9), ("?packed", "", 0)],
    ids=["not declared", "not to be changed", "short"],
)
async def test_other_answers_stay_as_they_are(
    client: Client, unit: Unit, query: str, control: str, size: int
) -> None:
    unit.headers |= {"Cache-Control": control}
    unit.more = "more of the same, " * 100 * size
    for _ in range(2):
        answer = await client.get(f"/x{query}", headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers
        assert answer.headers["ETag"] == '"1"'


async def test_a_compressed_answer_is_known_by_its_weak_name(client: Client, unit: Unit) -> None:
    unit.more = "more of the same, " * 100
    await client.get("/x?packed")
    answer = await client.get("/x?packed", headers={"If-None-Match": 'W/"1"'})
    assert answer.status == 304
    assert unit.asked == 1
