"""What the front passes on, and how it tells of jobs that it runs itself."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from emulators.bigquery_ml.server import BigQueryMl
from emulators.processes import free_port
from emulators.serving import serving

PROJECT = "/bigquery/v2/projects/p"
MODEL = "CREATE MODEL d.m OPTIONS(model_type='KMEANS') AS SELECT x FROM d.t"


@dataclass
class Emulator:
    """Notes what reaches it. A query's job waits for `go`, and then fails as told."""

    seen: list[tuple[str, str, bytes]] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    error: dict[str, str] = field(
        default_factory=lambda: {"reason": "notFound", "message": "Not found: Table p:d.t"}
    )

    def app(self) -> web.Application:
        app = web.Application(client_max_size=0)
        app.add_routes([web.route("*", "/{path:.*}", self._answer)])
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.seen.append((request.method, request.raw_path, body))
        if request.path == f"{PROJECT}/jobs" and b"CREATE TABLE" in body:
            await self.go.wait()
            status = {"state": "DONE", "errorResult": self.error}
            return web.json_response({"status": status})
        return web.json_response({"answered": "by the emulator"}, headers={"X-Kept": "1"})


@dataclass
class Front:
    emulator: Emulator
    client: ClientSession

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        async with self.client.post(f"{PROJECT}{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.client.get(f"{PROJECT}{path}") as answer:
            return answer.status, await answer.json()

    async def insert(self, id: str, sql: str = MODEL) -> tuple[int, Any]:
        return await self.post(
            "/jobs",
            {"configuration": {"query": {"query": sql}}, "jobReference": {"jobId": id}},
        )


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    emulator = Emulator()
    port, behind = free_port(), free_port()
    server = BigQueryMl(f"http://127.0.0.1:{behind}", "http://127.0.0.1:1", tmp_path)
    async with (
        serving(emulator.app(), behind),
        serving(server.app(), port),
        ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield Front(emulator, client)
        emulator.go.set()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{PROJECT}/queries", b'{"query": "SELECT model FROM d.cars",  "maxResults": 3}'),
        ("POST", f"{PROJECT}/queries", b'{"query": "DROP MODEL [d.m]", "useLegacySql": true}'),
        ("POST", f"{PROJECT}/queries", b"no json: ML.PREDICT("),
        ("POST", f"{PROJECT}/jobs?x=a%20b", b'{"configuration": {"load": {"sourceUris": ["a"]}}}'),
        ("POST", f"{PROJECT}/datasets/d/tables/t/insertAll", b'{"rows": [{"json": {}}]}'),
        ("POST", "/upload/bigquery/v2/projects/p/jobs?uploadType=multipart", b"--x DROP MODEL d.m"),
        ("GET", f"{PROJECT}/queries/unknown?maxResults=0", b""),
        ("GET", f"{PROJECT}/jobs/unknown", b""),
        ("DELETE", f"{PROJECT}/datasets/d", b""),
    ],
)
async def test_everything_else_is_passed_on_to_the_letter(
    front: Front, method: str, path: str, body: bytes
) -> None:
    async with front.client.request(method, path, data=body or None) as answer:
        assert answer.headers["X-Kept"] == "1"
        assert await answer.json() == {"answered": "by the emulator"}
    assert front.emulator.seen == [(method, path, body)]


@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM ML.FORECAST(MODEL d.m)", "EXPORT MODEL d.m OPTIONS(uri='gs://b/x')"],
)
async def test_what_nobody_knows_is_refused_as_bigquery_does(front: Front, sql: str) -> None:
    for status, answer in (
        await front.post("/queries", {"query": sql}),
        await front.insert("j1", sql),
        await front.post("/queries", {"query": MODEL, "dryRun": True}),
    ):
        assert status == 400
        assert answer["error"]["errors"][0]["reason"] == "invalidQuery"
        assert answer["error"]["message"] == answer["error"]["errors"][0]["message"]
    assert front.emulator.seen == []


async def test_a_job_runs_and_then_fails(front: Front) -> None:
    status, job = await front.insert("j1")
    assert (status, job["status"]) == (200, {"state": "RUNNING"})
    assert (await front.get("/jobs/j1"))[1]["status"] == {"state": "RUNNING"}
    assert await front.get("/queries/j1?timeoutMs=10") == (
        200,
        {
            "kind": "bigquery#getQueryResultsResponse",
            "jobReference": {"projectId": "p", "jobId": "j1", "location": "US"},
            "jobComplete": False,
        },
    )
    assert (await front.insert("j1"))[0] == 409

    front.emulator.go.set()
    status, refused = await front.get("/queries/j1")
    assert status == 404
    assert refused["error"]["message"] == "Not found: Table p:d.t"
    _, job = await front.get("/jobs/j1")
    assert job["status"]["state"] == "DONE"
    assert job["status"]["errorResult"]["reason"] == "notFound"
    assert int(job["statistics"]["endTime"]) >= int(job["statistics"]["startTime"])


async def test_a_query_that_takes_longer_than_one_waits(front: Front) -> None:
    asked = {"query": MODEL, "timeoutMs": 10, "requestId": "r1"}
    status, answer = await front.post("/queries", asked)
    assert status == 200
    assert answer["jobComplete"] is False
    id = answer["jobReference"]["jobId"]
    _, again = await front.post("/queries", asked)
    assert again["jobReference"]["jobId"] == id
    front.emulator.go.set()
    assert (await front.post("/queries", asked))[0] == 404
    created = [body for _, path, body in front.emulator.seen if b"CREATE TABLE" in body]
    assert len(created) == 1


async def test_a_job_that_is_cancelled(front: Front) -> None:
    await front.insert("j1")
    await asyncio.sleep(0.05)
    status, answer = await front.post("/jobs/j1/cancel", {})
    assert status == 200
    assert answer["job"]["status"]["state"] == "DONE"
    assert answer["job"]["status"]["errorResult"]["reason"] == "stopped"


async def test_parameters_and_the_default_dataset_reach_the_inner_query(front: Front) -> None:
    front.emulator.go.set()
    shared = {
        "parameterMode": "NAMED",
        "queryParameters": [{"name": "a"}],
        "defaultDataset": {"datasetId": "d"},
    }
    await front.post("/queries", {"query": MODEL, **shared, "maxResults": 3})
    [created] = [json.loads(body) for _, _, body in front.emulator.seen if b"CREATE TABLE" in body]
    query = created["configuration"]["query"]
    assert {key: query[key] for key in shared} == shared
    assert "maxResults" not in query


async def test_the_emulator_is_away(tmp_path: Path) -> None:
    port = free_port()
    server = BigQueryMl(f"http://127.0.0.1:{free_port()}", "http://127.0.0.1:1", tmp_path)
    async with serving(server.app(), port), ClientSession(f"http://127.0.0.1:{port}") as client:
        front = Front(Emulator(), client)
        assert (await front.post("/queries", {"query": MODEL}))[0] == 503
        async with client.post(f"{PROJECT}/queries", json={"query": "SELECT 1"}) as answer:
            assert answer.status == 503


def test_a_start_loads_no_library_of_models() -> None:
    heavy = "implicit,numpy,onnxruntime,scipy,sklearn,sqlglot"
    code = (
        "import sys, emulators.bigquery_ml.server; "
        f"print([name for name in '{heavy}'.split(',') if name in sys.modules])"
    )
    root = Path(__file__).parents[4]
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True
    ).stdout
    assert loaded.strip() == "[]"
