"""A backend bucket behind the edge: what a player or browser gets, byte for byte."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDict
from yarl import URL

from emulators.edge.cache import ObjectCache
from emulators.edge.cdn import Cdn
from emulators.edge.urlmap import BucketBackend
from emulators.proxy import Proxy
from functions.playback.streams.signing import SigningKey, signed_cookie, signed_query

Client = TestClient[web.Request, web.Application]
Connect = Callable[[BucketBackend], Awaitable[Client]]

BODY = bytes(range(100))
ETAG = '"abc"'
HEADERS = {
    "Content-Type": "audio/mp4",
    "Cache-Control": "public, max-age=31536000, immutable",
    "ETag": ETAG,
    "Last-Modified": "Sun, 22 Nov 2026 12:00:00 GMT",
}
KEY = SigningKey("cadenza-1", bytes(range(16)))
PUBLIC = BucketBackend(
    "public",
    keys=(),
    response_headers=(("X-Cache-Status", "{cdn_cache_status}"), ("X-Fixed", "as it is")),
)
SIGNED = BucketBackend(
    "signed", keys=((KEY.name, base64.urlsafe_b64encode(KEY.secret).decode()),), response_headers=()
)


@dataclass
class FakeStorage:
    """Objects by bucket and name; notes what it is asked."""

    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))
    status: int = 200
    body: bytes = BODY
    asked: list[tuple[str, str]] = field(default_factory=list)
    request_headers: CIMultiDict[str] = field(default_factory=CIMultiDict)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/storage/v1/b/{bucket}/o/{name:.*}", self._get)
        return app

    async def _get(self, request: web.Request) -> web.Response:
        assert request.query_string == "alt=media"
        assert request.rel_url.raw_path.count("/") == 6, "the name is one segment"
        name = request.match_info["name"]
        self.asked.append((request.match_info["bucket"], name))
        self.request_headers = CIMultiDict(request.headers)
        if self.status != 200 or not name.startswith("media/"):
            return web.Response(status=self.status if self.status != 200 else 404)
        return web.Response(body=self.body, headers=self.headers)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def storage() -> FakeStorage:
    return FakeStorage()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def connect(storage: FakeStorage, clock: Clock) -> AsyncIterator[Connect]:
    """Serves a backend by the fake storage, and returns a client of it."""
    upstream = TestServer(storage.app())
    await upstream.start_server()
    clients: list[Client] = []

    async def connected(backend: BucketBackend) -> Client:
        proxy = Proxy()
        cdn = Cdn(proxy, f"http://127.0.0.1:{upstream.port}", ObjectCache(10_000, clock))

        async def serve(request: web.Request) -> web.Response:
            return await cdn.serve(request, backend, request.path)

        app = web.Application()
        app.cleanup_ctx.append(proxy.connections)
        app.router.add_route("*", "/{path:.*}", serve)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield connected
    for client in clients:
        await client.close()
    await upstream.close()


@pytest.fixture
async def client(connect: Connect) -> Client:
    return await connect(PUBLIC)


async def test_an_object_comes_with_its_headers(client: Client, storage: FakeStorage) -> None:
    answer = await client.get("/media/1/a.m4s")
    assert answer.status == 200
    assert await answer.read() == BODY
    assert HEADERS.items() <= answer.headers.items()
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == "100"
    assert answer.headers["X-Fixed"] == "as it is"
    assert storage.asked == [("public", "media/1/a.m4s")]


async def test_the_second_answer_comes_from_the_cache(
    client: Client, storage: FakeStorage, clock: Clock
) -> None:
    first = await client.get("/media/1/a.m4s")
    clock.now += 12.5
    second = await client.get("/media/1/a.m4s?any=query")
    assert [a.headers["X-Cache-Status"] for a in (first, second)] == ["miss", "hit"]
    assert [a.headers["Age"] for a in (first, second)] == ["0", "12"]
    assert await second.read() == BODY
    assert len(storage.asked) == 1


@pytest.mark.parametrize(
    ("control", "fresh_s"),
    [
        ("public, max-age=60", 60),
        ("max-age=10, s-maxage=60", 60),
        ("s-maxage=60, max-age=10", 60),
        ("", 3600),
        ("no-store", 0),
        ("no-cache", 0),
        ("private, max-age=60", 0),
        ("public, max-age=0", 0),
    ],
)
async def test_cache_control_says_how_long(
    client: Client, storage: FakeStorage, clock: Clock, control: str, fresh_s: int
) -> None:
    storage.headers["Cache-Control"] = control
    await client.get("/media/1/a")
    clock.now += max(0, fresh_s - 1)
    within = await client.get("/media/1/a")
    assert within.headers["X-Cache-Status"] == ("hit" if fresh_s else "miss")
    clock.now += 1
    after = await client.get("/media/1/a")
    assert after.headers["X-Cache-Status"] == "miss"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=10-19", 10, 20),
        ("bytes=90-", 90, 100),
        ("bytes=90-1000", 90, 100),
        ("bytes=-1", 99, 100),
        ("bytes=-30", 70, 100),
        ("bytes=-1000", 0, 100),
    ],
)
async def test_a_range(client: Client, asked: str, start: int, end: int) -> None:
    answer = await client.get("/media/1/a", headers={"Range": asked})
    assert answer.status == 206
    assert await answer.read() == BODY[start:end]
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/100"
    assert answer.headers["Content-Length"] == str(end - start)
    assert answer.headers["Content-Type"] == "audio/mp4"


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=20-10"])
async def test_a_range_outside(client: Client, asked: str) -> None:
    answer = await client.get("/media/1/a", headers={"Range": asked})
    assert answer.status == 416
    assert answer.headers["Content-Range"] == "bytes */100"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=-", "items=0-1", "bytes=a-b", ""])
async def test_several_ranges_and_nonsense_get_everything(client: Client, asked: str) -> None:
    answer = await client.get("/media/1/a", headers={"Range": asked})
    assert answer.status == 200
    assert await answer.read() == BODY


@pytest.mark.parametrize(("condition", "status"), [(ETAG, 206), ('"other"', 200)])
async def test_a_range_of_one_version(client: Client, condition: str, status: int) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": condition}
    assert (await client.get("/media/1/a", headers=headers)).status == status


@pytest.mark.parametrize(
    ("known", "status"),
    [(ETAG, 304), (f'"x", W/{ETAG}', 304), ('"other"', 200), ("abc", 200), ("", 200)],
)
async def test_what_the_client_knows_is_not_sent_again(
    client: Client, known: str, status: int
) -> None:
    answer = await client.get("/media/1/a", headers={"If-None-Match": known})
    assert answer.status == status
    assert answer.headers["ETag"] == ETAG
    assert await answer.read() == (BODY if status == 200 else b"")


async def test_head_tells_the_same_without_a_body(client: Client) -> None:
    answer = await client.head("/media/1/a", headers={"Range": "bytes=0-9"})
    assert answer.status == 200
    assert answer.headers["Content-Length"] == "100"
    assert await answer.read() == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_nothing_is_written_through_it(client: Client, method: str) -> None:
    answer = await client.request(method, "/media/1/a", data=b"x")
    assert answer.status == 405


async def test_what_is_not_there(client: Client) -> None:
    answer = await client.get("/missing")
    assert answer.status == 404
    assert answer.headers["X-Fixed"] == "as it is"


@pytest.mark.parametrize(
    "path",
    [
        "/", "/.", "/media/../media/a", "/media/%2e%2e/a", "/media/..%2fa", "/media//a",
        "/media/./a", "//media/a", "/media/a/", "/media/a/..",
    ],
)  # fmt: skip
async def test_paths_that_a_folder_would_read_otherwise_name_nothing(
    client: Client, storage: FakeStorage, path: str
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert storage.asked == []


async def test_names_reach_the_storage_as_they_are(client: Client, storage: FakeStorage) -> None:
    names = ["media/a b", "media/a%2Eb", "media/ü+~?#", "media/..a/b.."]
    for name in names:
        answer = await client.get(URL.build(path=f"/{name}"))
        assert answer.status == 200
    assert storage.asked == [("public", name) for name in names]


async def test_the_storage_sends_what_it_holds(client: Client, storage: FakeStorage) -> None:
    await client.get("/media/1/a", headers={"Accept-Encoding": "gzip"})
    assert "Accept-Encoding" not in storage.request_headers


async def test_a_storage_in_trouble_is_not_cached(client: Client, storage: FakeStorage) -> None:
    storage.status = 500
    assert (await client.get("/media/1/a")).status == 502
    storage.status = 200
    assert (await client.get("/media/1/a")).status == 200


async def test_a_storage_that_is_away(connect: Connect) -> None:
    proxy = Proxy()
    cdn = Cdn(proxy, "http://127.0.0.1:1", ObjectCache(1))

    async def serve(request: web.Request) -> web.Response:
        return await cdn.serve(request, PUBLIC, request.path)

    app = web.Application()
    app.cleanup_ctx.append(proxy.connections)
    app.router.add_get("/{path:.*}", serve)
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/media/1/a")).status == 502


def url_of(client: Client, path: str) -> str:
    return str(client.make_url(path))


async def test_a_signed_bucket_opens_to_cookie_and_query(
    connect: Connect, storage: FakeStorage
) -> None:
    client = await connect(SIGNED)
    prefix = url_of(client, "/media/1/")
    expires = int(time.time()) + 60
    cookie = {"Cookie": f"Cloud-CDN-Cookie={signed_cookie(KEY, prefix, expires)}"}
    by_cookie = await client.get("/media/1/a", headers=cookie)
    query = signed_query(KEY, prefix, expires)
    by_query = await client.get(URL(f"/media/1/a?{query}", encoded=True))
    assert [by_cookie.status, by_query.status] == [200, 200]
    assert (await client.get("/media/2/a", headers=cookie)).status == 403
    assert (await client.get("/media/1/../2/a", headers=cookie)).status == 403


async def test_a_signed_bucket_stays_closed_even_when_cached(
    connect: Connect, storage: FakeStorage
) -> None:
    client = await connect(SIGNED)
    query = signed_query(KEY, url_of(client, "/media/1/"), int(time.time()) + 60)
    assert (await client.get(URL(f"/media/1/a?{query}", encoded=True))).status == 200
    assert (await client.get("/media/1/a")).status == 403
    expired = signed_query(KEY, url_of(client, "/media/1/"), int(time.time()) - 1)
    answer = await client.get(URL(f"/media/1/a?{expired}", encoded=True))
    assert answer.status == 403
    assert "expired" in await answer.text()
    assert len(storage.asked) == 1


async def test_dot_segments_do_not_leave_a_signed_prefix(
    connect: Connect, storage: FakeStorage
) -> None:
    client = await connect(SIGNED)
    query = signed_query(KEY, url_of(client, "/media/1/"), int(time.time()) + 60)
    escape = url_of(client, "/") + f"media/1/%2e%2e/2/a?{query}"
    answer = await client.session.get(URL(escape, encoded=True))
    assert answer.status == 404
    assert storage.asked == []


PAGES = BucketBackend("pages", keys=(), response_headers=(), compressed=True)
SCRIPT = b"export const one = 1;\n" * 100


async def test_texts_are_compressed_for_who_can_read_it(
    connect: Connect, storage: FakeStorage
) -> None:
    storage.body = SCRIPT
    storage.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer = await (await connect(PAGES)).get("/media/a.js", headers={"Accept-Encoding": "gzip"})
    plain = await (await connect(PAGES)).get("/media/a.js", headers={"Accept-Encoding": "identity"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < len(SCRIPT) / 4
    assert answer.headers["ETag"] == f"W/{ETAG}"
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["ETag"] == ETAG
    for each in (answer, plain):
        assert each.headers["Vary"] == "Accept-Encoding"
        assert await each.read() == SCRIPT


async def test_a_compressed_page_is_known_by_its_weak_name(
    connect: Connect, storage: FakeStorage
) -> None:
    storage.body = SCRIPT
    storage.headers["Content-Type"] = "text/javascript"
    client = await connect(PAGES)
    again = await client.get("/media/a.js", headers={"If-None-Match": f"W/{ETAG}"})

    assert again.status == 304


@pytest.mark.parametrize(
    ("backend", "type", "body"),
    [
        (PUBLIC, "text/javascript", SCRIPT),
        (PAGES, "audio/mp4", SCRIPT),
        (PAGES, "text/javascript", SCRIPT[:1000]),
    ],
    ids=["not declared", "not a text", "short"],
)
async def test_nothing_else_is_compressed(
    connect: Connect, storage: FakeStorage, backend: BucketBackend, type: str, body: bytes
) -> None:
    storage.body = body
    storage.headers["Content-Type"] = type
    answer = await (await connect(backend)).get("/media/a", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers
    assert await answer.read() == body
