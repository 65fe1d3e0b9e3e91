"""BigQuery ML in front of BigQuery's emulator, which only keeps the names of models.

Queries and jobs about models are carried out here; every other request is passed on as it is.

Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs
"""

import asyncio
import re
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.jobs import Job, Jobs
from emulators.proxy import Proxy

if TYPE_CHECKING:
    from emulators.bigquery_ml.engine import Engine

_PROJECT = "/bigquery/v2/projects/{project}"
# SQLGlot is loaded for statements only that may be ours.
_HINT = re.compile(r"\bML\s*\.|\bMODEL\b|\bVECTOR_SEARCH\b", re.IGNORECASE)
# Of a query's configuration, what the statements within it are asked with too.
_SHARED = ("defaultDataset", "parameterMode", "queryParameters")
_QUERY_RESPONSE = "bigquery#queryResponse"
_RESULTS_RESPONSE = "bigquery#getQueryResultsResponse"
_WAIT_MS = 10_000
_LONGEST_WAIT_MS = 120_000
_MOST_REQUESTS_KEPT = 1000


class BigQueryMl:
    """The front. `folder` keeps the models."""

    def __init__(self, bigquery_url: str, storage_url: str, folder: Path) -> None:
        self._bigquery_url = bigquery_url
        self._storage_url = storage_url
        self._folder = folder
        self._proxy = Proxy()
        self._jobs = Jobs()
        self._engine: Engine | None = None
        self._asked: OrderedDict[tuple[str, str], Job] = OrderedDict()
        self._clean: set[str] = set()
        self._cleaning = asyncio.Lock()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=0)
        app.cleanup_ctx.extend([self._proxy.connections, self._stop_jobs])
        app.add_routes(
            [
                web.post(f"{_PROJECT}/queries", self._query),
                web.post(f"{_PROJECT}/jobs", self._insert),
                web.get(f"{_PROJECT}/queries/{{job}}", self._results),
                web.get(f"{_PROJECT}/jobs/{{job}}", self._get),
                web.post(f"{_PROJECT}/jobs/{{job}}/cancel", self._cancel),
                web.route("*", "/{path:.*}", self._forward),
            ]
        )
        return app

    async def _stop_jobs(self, _: web.Application) -> AsyncIterator[None]:
        yield
        await self._jobs.stop()

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        return await self._proxy.forward(request, self._bigquery_url)

    async def _query(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        asked = _object(body)
        try:
            if not await _is_ours(asked):
                return await self._proxy.forward(request, self._bigquery_url, body=body)
            job = self._asked_for(request.match_info["project"], asked)
        except Refused as refused:
            return _refusal(refused)
        await self._jobs.wait(job, _wait_s(asked.get("timeoutMs")))
        if job.error is not None:
            return _refusal(job.error)
        if not job.passed_on:
            return _json(job.results(_QUERY_RESPONSE))
        return await self._first_page(job, asked.get("maxResults"))

    async def _insert(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        asked = _object(body)
        configuration = asked.get("configuration") or {}
        query = configuration.get("query") or {}
        project = request.match_info["project"]
        id = (asked.get("jobReference") or {}).get("jobId") or _fresh_id()
        try:
            if not await _is_ours(query, dry_run=bool(configuration.get("dryRun"))):
                return await self._proxy.forward(request, self._bigquery_url, body=body)
            if self._jobs.get(project, id) is not None:
                raise Refused(f"Already Exists: Job {project}:US.{id}", "duplicate")
        except Refused as refused:
            return _refusal(refused)
        return _json(self._start(project, id, configuration).resource())

    async def _results(self, request: web.Request) -> web.StreamResponse:
        job = self._job(request)
        if job is None:
            return await self._forward(request)
        await self._jobs.wait(job, _wait_s(request.query.get("timeoutMs")))
        if job.error is not None:
            return _refusal(job.error)
        if job.passed_on:
            return await self._forward(request)
        return _json(job.results(_RESULTS_RESPONSE))

    async def _get(self, request: web.Request) -> web.StreamResponse:
        job = self._job(request)
        if job is None or job.passed_on:
            return await self._forward(request)
        return _json(job.resource())

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        job = self._job(request)
        if job is None or job.passed_on:
            return await self._forward(request)
        job.cancel()
        await self._jobs.wait(job, _WAIT_MS / 1000)
        return _json({"kind": "bigquery#jobCancelResponse", "job": job.resource()})

    def _job(self, request: web.Request) -> Job | None:
        return self._jobs.get(request.match_info["project"], request.match_info["job"])

    def _asked_for(self, project: str, asked: dict[str, Any]) -> Job:
        """The job of a request to `jobs.query`, the same for a request that comes again."""
        request_id = (project, asked.get("requestId") or _fresh_id())
        if (known := self._asked.get(request_id)) is not None:
            return known
        given = {key: asked[key] for key in _SHARED if key in asked}
        configuration = {"query": {**given, "query": asked["query"], "useLegacySql": False}}
        job = self._asked[request_id] = self._start(project, _fresh_id(), configuration)
        while len(self._asked) > _MOST_REQUESTS_KEPT:
            self._asked.popitem(last=False)
        return job

    def _start(self, project: str, id: str, configuration: dict[str, Any]) -> Job:
        job = Job(project, id, configuration)
        self._jobs.start(job, lambda: self._carry_out(job))
        return job

    async def _carry_out(self, job: Job) -> str:
        from emulators.bigquery_ml.tables import Setting, opened

        if self._engine is None:
            self._engine = await asyncio.to_thread(self._make_engine)
        query = job.configuration["query"]
        given = {key: query[key] for key in _SHARED if key in query}
        # Positions of parameters would be others in the statements within.
        if query.get("parameterMode") == "POSITIONAL":
            given.pop("queryParameters", None)
            given.pop("parameterMode")
        setting = Setting(job.project, given)
        async with opened(self._bigquery_url, setting) as tables:
            async with self._cleaning:
                if job.project not in self._clean:
                    await tables.forget_all()
                    self._clean.add(job.project)
            return await self._engine.carry_out(setting, tables, job.configuration, job.id)

    def _make_engine(self) -> "Engine":
        from emulators.bigquery_ml.engine import Engine
        from emulators.bigquery_ml.models import Models
        from emulators.bigquery_ml.objects import Objects

        return Engine(Models(self._folder), Objects(self._storage_url))

    async def _first_page(self, job: Job, most: int | None) -> web.Response:
        """The rows as `jobs.query` answers them."""
        path = _PROJECT.format(project=job.project)
        rows = {} if most is None else {"maxResults": str(most)}
        results = f"{self._bigquery_url}{path}/queries/{job.id}"
        resource = f"{self._bigquery_url}{path}/jobs/{job.id}"
        async with self._proxy.session.get(resource) as answer:
            described = msgspec.json.decode(await answer.read())
        async with self._proxy.session.get(results, params=rows) as answer:
            found = msgspec.json.decode(await answer.read())
        statistics = described.get("statistics", {}).get("query", {})
        if (changed := statistics.get("numDmlAffectedRows")) is not None:
            found["numDmlAffectedRows"] = changed
        return _json({**found, "kind": _QUERY_RESPONSE})


async def _is_ours(query: dict[str, Any], *, dry_run: bool = False) -> bool:
    """Raises `Refused` for what nobody here can carry out."""
    sql = query.get("query")
    if not isinstance(sql, str) or query.get("useLegacySql") or _HINT.search(sql) is None:
        return False
    if not await asyncio.to_thread(_concerns_models, sql):
        return False
    if dry_run or query.get("dryRun"):
        raise Refused("Statements about models cannot be run dry here")
    return True


def _concerns_models(sql: str) -> bool:
    from emulators.bigquery_ml.dialect import concerns_models

    return concerns_models(sql)


def _object(body: bytes) -> dict[str, Any]:
    """Empty for what is no JSON object; BigQuery's emulator says what is wrong with it."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _wait_s(asked_ms: Any) -> float:
    try:
        wanted = _WAIT_MS if asked_ms is None else int(asked_ms)
    except ValueError:
        wanted = _WAIT_MS
    return min(max(wanted, 0), _LONGEST_WAIT_MS) / 1000


def _fresh_id() -> str:
    return f"job_{secrets.token_hex(12)}"


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/json"
    )


def _refusal(refused: Refused) -> web.Response:
    return _json(refused.body(), refused.status)
