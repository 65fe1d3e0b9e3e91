"""Cloud Run jobs: the part of the Admin API v2 (REST) that starts executions and tells of them.

An execution that was accepted is written down, so that it is run again after a crash or a stop in
the middle, as the cloud would.
"""

import asyncio
import json
import logging
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aiohttp import web

from emulators.processes import Processes
from emulators.state import write_private
from emulators.units import JOB, LocalCloud

log = logging.getLogger(__name__)

_EXECUTION_TYPE = "type.googleapis.com/google.cloud.run.v2.Execution"


@dataclass
class Execution:
    """One run of a job, from the request to its end."""

    name: str
    job: str
    overrides: dict[str, str]
    state: Literal["queued", "running", "succeeded", "failed"] = "queued"

    @property
    def operation(self) -> str:
        return self.name.split("/jobs/", 1)[0] + "/operations/" + self.name.rsplit("/", 1)[1]


class JobRunner:
    """Runs executions as local processes, as many at a time as there are processors."""

    def __init__(self, cloud: LocalCloud, processes: Processes, folder: Path) -> None:
        self._cloud = cloud
        self._processes = processes
        self._folder = folder
        self._slots = asyncio.Semaphore(os.cpu_count() or 1)
        self._executions: dict[str, Execution] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post(r"/v2/{job:projects/.+/jobs/[^/:]+}:run", self._run_job),
                web.get(r"/v2/{name:projects/.+/operations/[^/]+}", self._get_operation),
                web.get(r"/v2/{name:projects/.+/executions/[^/]+}", self._get_execution),
            ]
        )
        return app

    async def run_to_end(self, job: str) -> bool:
        """Run a declared job once, now; whether it succeeded. It is not taken up again."""
        name = f"{job}-{secrets.token_hex(4)}"
        return await self._succeeds(Execution(f"jobs/{job}/executions/{name}", job, {}))

    def resume(self) -> int:
        """Take up what an earlier run accepted and did not finish; how many there are."""
        unfinished = [json.loads(path.read_text()) for path in self._folder.glob("*.json")]
        for kept in unfinished:
            self._begin(Execution(kept["name"], kept["job"], kept["overrides"]))
        return len(unfinished)

    async def stop(self) -> None:
        """End what runs; the next run takes it up again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run_job(self, request: web.Request) -> web.Response:
        job = request.match_info["job"]
        name = job.rsplit("/", 1)[1]
        if not any(declared.outputs["name"] == name for declared in self._cloud.program.all(JOB)):
            return _error(404, f"Resource '{name}' of kind 'JOB' does not exist.")
        body = await request.json() if request.can_read_body else {}
        execution = Execution(
            f"{job}/executions/{name}-{secrets.token_hex(4)}", name, _environment(body)
        )
        kept = {"name": execution.name, "job": name, "overrides": execution.overrides}
        write_private(self._path(execution), json.dumps(kept))
        self._begin(execution)
        return web.json_response(_operation(execution))

    async def _get_operation(self, request: web.Request) -> web.Response:
        execution = self._executions.get(request.match_info["name"].rsplit("/", 1)[1])
        if execution is None:
            return _error(404, "no such operation")
        return web.json_response(_operation(execution))

    async def _get_execution(self, request: web.Request) -> web.Response:
        execution = self._executions.get(request.match_info["name"].rsplit("/", 1)[1])
        if execution is None:
            return _error(404, "no such execution")
        return web.json_response(_view(execution))

    def _begin(self, execution: Execution) -> None:
        self._executions[execution.name.rsplit("/", 1)[1]] = execution
        task = asyncio.create_task(self._carry_out(execution))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, execution: Execution) -> None:
        async with self._slots:
            execution.state = "running"
            try:
                succeeded = await self._succeeds(execution)
            except Exception:  # for instance, the job is no longer declared
                log.exception("%s cannot be run", execution.name)
                succeeded = False
        execution.state = "succeeded" if succeeded else "failed"
        self._path(execution).unlink(missing_ok=True)

    async def _succeeds(self, execution: Execution) -> bool:
        declared = self._cloud.program.one(JOB, execution.job).inputs["template"]["template"]
        timeout_s = _seconds(declared.get("timeout"))
        for attempt in range(1 + int(declared.get("maxRetries", 3))):
            code = await self._attempt(execution, attempt, timeout_s)
            if code == 0:
                return True
            log.warning("%s: attempt %d ended with code %d", execution.name, attempt, code)
        return False

    async def _attempt(self, execution: Execution, attempt: int, timeout_s: float) -> int:
        # Its packages may have to be installed first.
        command = await asyncio.to_thread(
            self._cloud.job_command,
            execution.job,
            {
                **execution.overrides,
                "CLOUD_RUN_EXECUTION": execution.name.rsplit("/", 1)[1],
                "CLOUD_RUN_TASK_INDEX": "0",
                "CLOUD_RUN_TASK_COUNT": "1",
                "CLOUD_RUN_TASK_ATTEMPT": str(attempt),
            },
        )
        return await self._processes.run(command, within_s=timeout_s)

    def _path(self, execution: Execution) -> Path:
        return self._folder / f"{execution.name.rsplit('/', 1)[1]}.json"


def _environment(body: Mapping[str, Any]) -> dict[str, str]:
    containers = body.get("overrides", {}).get("containerOverrides", [])
    return {
        variable["name"]: variable.get("value", "")
        for container in containers
        for variable in container.get("env", [])
    }


def _operation(execution: Execution) -> dict[str, Any]:
    view = {"@type": _EXECUTION_TYPE, **_view(execution)}
    operation: dict[str, Any] = {"name": execution.operation, "metadata": view}
    if execution.state == "succeeded":
        operation |= {"done": True, "response": view}
    elif execution.state == "failed":
        operation |= {"done": True, "error": {"code": 13, "message": "the execution failed"}}
    return operation


def _view(execution: Execution) -> dict[str, Any]:
    return {
        "name": execution.name,
        "job": execution.name.split("/executions/", 1)[0].rsplit("/", 1)[1],
        "taskCount": 1,
        "runningCount": int(execution.state == "running"),
        "succeededCount": int(execution.state == "succeeded"),
        "failedCount": int(execution.state == "failed"),
    }


def _seconds(duration: str | None) -> float:
    """Cloud Run's default is ten minutes."""
    match = re.fullmatch(r"([\d.]+)s", duration or "600s")
    if match is None:
        raise ValueError(f"not a duration in seconds: {duration}")
    return float(match[1])


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"code": status, "message": message}}, status=status)
