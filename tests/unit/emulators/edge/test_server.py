"""The edge's one port: each path to its backend."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from emulators.edge import urlmap
from emulators.edge.server import Edge
from emulators.edge.urlmap import BACKEND_BUCKET, BACKEND_SERVICE, ENDPOINT_GROUP, URL_MAP
from tests.unit.emulators.programs import declared, program

Client = TestClient[web.Request, web.Application]

PROGRAM = program(
    declared(ENDPOINT_GROUP, "api-r", cloudRun={"service": "catalog-api"}),
    declared(BACKEND_SERVICE, "catalog-api", backends=[{"group": "regions/r/groups/api-r"}]),
    declared(BACKEND_BUCKET, "images", bucketName="p-images"),
    declared(
        URL_MAP,
        "map",
        pathMatchers=[
            {
                "name": "m",
                "routeRules": [
                    {
                        "priority": 1,
                        "matchRules": [{"prefixMatch": "/v1/"}],
                        "service": "global/backendServices/catalog-api",
                    },
                    {
                        "priority": 2,
                        "matchRules": [{"prefixMatch": "/images/"}],
                        "service": "global/backendBuckets/images",
                    },
                ],
            }
        ],
    ),
)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """An edge before one server that is both the unit and the storage, and says what it got."""

    async def echo(request: web.Request) -> web.Response:
        return web.json_response({"path": request.path, "headers": dict(request.headers)})

    behind = web.Application()
    behind.router.add_route("*", "/{path:(?s:.*)}", echo)
    async with TestServer(behind) as server:
        url = f"http://127.0.0.1:{server.port}"
        edge = Edge(url_map=urlmap.read(PROGRAM), unit_urls={"catalog-api": url}, storage_url=url)
        async with TestClient(TestServer(edge.app())) as client:
            yield client


async def test_a_line_break_in_a_path_is_a_character(client: Client) -> None:
    answer = await client.get("/v1/a%0Ab")
    assert (await answer.json())["path"] == "/v1/a\nb"


async def test_units_and_buckets_get_their_paths(client: Client) -> None:
    unit = await (await client.get("/v1/tracks/1")).json()
    assert unit["path"] == "/v1/tracks/1"
    bucket = await (await client.get("/images/1/640.jpg")).json()
    assert bucket["path"] == "/storage/v1/b/p-images/o/images/1/640.jpg"


async def test_what_nobody_answers_is_the_load_balancers_404(client: Client) -> None:
    answer = await client.get("/other")
    assert answer.status == 404
    assert await answer.text() == "response 404 (backend NotFound)\n"


async def test_the_load_balancer_says_who_asked(client: Client) -> None:
    spoofed = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "ftp"}
    got = (await (await client.get("/v1/x", headers=spoofed)).json())["headers"]
    assert got["X-Forwarded-For"] == "127.0.0.1"
    assert got["X-Forwarded-Proto"] == "http"
    trace, _, rest = got["X-Cloud-Trace-Context"].partition("/")
    assert len(bytes.fromhex(trace)) == 16
    assert rest == "1;o=0"


async def test_a_callers_trace_goes_on(client: Client) -> None:
    context = {"X-Cloud-Trace-Context": "105445aa7843bc8bf206b12000100000/1;o=1"}
    got = (await (await client.get("/v1/x", headers=context)).json())["headers"]
    assert got["X-Cloud-Trace-Context"] == context["X-Cloud-Trace-Context"]
