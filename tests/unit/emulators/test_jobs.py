"""Cloud Run jobs: executions from the request to their end, over processes that only pretend."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from emulators.addresses import Addresses
from emulators.jobs import JobRunner
from emulators.processes import Command, Processes
from emulators.state import StateFolder
from emulators.units import JOB, LocalCloud
from tests.unit.emulators.programs import declared, program
from tests.unit.emulators.waiting import eventually

NAME = "projects/p/locations/r/jobs/media-job"


class FakeProcesses:
    """Notes what is run; each run ends with the next code, once `released`."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.runs: list[tuple[Command, float]] = []
        self.at_once = self.most_at_once = self.cut_short = 0
        self.released = asyncio.Event()

    async def run(self, command: Command, *, within_s: float) -> int:
        self.runs.append((command, within_s))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            self.cut_short += 1
            raise
        finally:
            self.at_once -= 1
        return self.codes.pop(0) if self.codes else 0


class Jobs:
    """A job runner on a folder, with the answers of its API."""

    def __init__(self, folder: Path, **task: Any) -> None:
        container = {
            "commands": ["python", "-m", "job"],
            "envs": [{"name": "LEVEL", "value": "INFO"}, {"name": "UPLOAD_ID", "value": "none"}],
        }
        template = {"template": {"containers": [container], **task}}
        cloud = LocalCloud(
            program=program(declared(JOB, "media-job", template=template)),
            addresses=Addresses(StateFolder(folder)),
            emulators={},
            root=folder,
            unpacked=folder,
        )
        self.folder = folder
        self.processes = FakeProcesses()
        self.runner = JobRunner(cloud, cast(Processes, self.processes), folder)
        self.client = TestClient(TestServer(self.runner.app()))

    async def begin(self, body: Any = None, name: str = NAME) -> dict[str, Any]:
        answer = await self.client.post(f"/v2/{name}:run", json=body)
        assert answer.status == 200
        operation: dict[str, Any] = await answer.json()
        return operation

    async def get(self, name: str) -> dict[str, Any]:
        answer = await self.client.get(f"/v2/{name}")
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found

    async def end_of(self, operation: dict[str, Any]) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                now = await self.get(operation["name"])
                if now.get("done"):
                    return now

    def kept(self) -> list[Path]:
        return list(self.folder.glob("*.json"))


Make = Callable[..., Jobs]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    made: list[Jobs] = []

    def jobs(**task: Any) -> Jobs:
        made.append(Jobs(tmp_path, **task))
        return made[-1]

    yield jobs
    for each in made:
        await each.runner.stop()
        await each.client.close()


@pytest.fixture
async def jobs(make: Make) -> Jobs:
    jobs = make(maxRetries=2, timeout="3600s")
    await jobs.client.start_server()
    return jobs


def overriding(**variables: str) -> dict[str, Any]:
    env = [{"name": name, "value": value} for name, value in variables.items()]
    return {"overrides": {"containerOverrides": [{"env": env}]}}


async def test_an_execution_from_its_start_to_its_end(jobs: Jobs) -> None:
    operation = await jobs.begin()
    execution = operation["metadata"]
    assert execution["name"].startswith(f"{NAME}/executions/media-job-")
    assert execution["job"] == "media-job"
    assert operation["name"].startswith("projects/p/locations/r/operations/media-job-")
    assert "done" not in operation
    await eventually(lambda: jobs.processes.at_once == 1)
    assert (await jobs.get(execution["name"]))["runningCount"] == 1
    jobs.processes.released.set()
    ended = await jobs.end_of(operation)
    assert ended["response"]["succeededCount"] == 1
    assert ended["response"]["@type"] == "type.googleapis.com/google.cloud.run.v2.Execution"
    assert (await jobs.get(execution["name"]))["runningCount"] == 0


async def test_overrides_lie_over_the_declared_environment(jobs: Jobs) -> None:
    jobs.processes.released.set()
    operation = await jobs.begin(overriding(UPLOAD_ID="u1", UPLOAD_GENERATION="7"))
    await jobs.end_of(operation)
    [(command, within_s)] = jobs.processes.runs
    assert command.name == "media-job"
    assert within_s == 3600
    assert (
        command.env.items()
        >= {
            "LEVEL": "INFO",
            "UPLOAD_ID": "u1",
            "UPLOAD_GENERATION": "7",
            "CLOUD_RUN_JOB": "media-job",
            "CLOUD_RUN_EXECUTION": operation["metadata"]["name"].rsplit("/", 1)[1],
            "CLOUD_RUN_TASK_ATTEMPT": "0",
            "CLOUD_RUN_TASK_INDEX": "0",
        }.items()
    )


async def test_overrides_of_one_execution_are_not_those_of_the_next(jobs: Jobs) -> None:
    jobs.processes.released.set()
    await jobs.end_of(await jobs.begin(overriding(UPLOAD_ID="u1")))
    await jobs.end_of(await jobs.begin())
    assert [command.env["UPLOAD_ID"] for command, _ in jobs.processes.runs] == ["u1", "none"]


async def test_a_task_that_fails_is_tried_again(jobs: Jobs) -> None:
    jobs.processes.codes = [1, -9, 0]
    jobs.processes.released.set()
    ended = await jobs.end_of(await jobs.begin(overriding(UPLOAD_ID="u1")))
    assert "response" in ended
    attempts = [command.env["CLOUD_RUN_TASK_ATTEMPT"] for command, _ in jobs.processes.runs]
    assert attempts == ["0", "1", "2"]
    assert {command.env["UPLOAD_ID"] for command, _ in jobs.processes.runs} == {"u1"}


async def test_retries_end(jobs: Jobs) -> None:
    jobs.processes.codes = [1] * 10
    jobs.processes.released.set()
    operation = await jobs.begin()
    ended = await jobs.end_of(operation)
    assert ended["error"]["code"] == 13
    assert "response" not in ended
    assert len(jobs.processes.runs) == 3
    assert (await jobs.get(operation["metadata"]["name"]))["failedCount"] == 1
    assert jobs.kept() == []


@pytest.mark.parametrize(("task", "tries"), [({}, 4), ({"maxRetries": 0}, 1)])
async def test_the_defaults_are_cloud_runs(make: Make, task: dict[str, int], tries: int) -> None:
    jobs = make(**task)
    await jobs.client.start_server()
    jobs.processes.codes = [1] * 10
    jobs.processes.released.set()
    await jobs.end_of(await jobs.begin())
    assert [within_s for _, within_s in jobs.processes.runs] == [600] * tries


async def test_executions_share_the_processors(jobs: Jobs) -> None:
    processors = os.cpu_count() or 1
    operations = [await jobs.begin() for _ in range(processors + 3)]
    await eventually(lambda: jobs.processes.at_once == processors)
    assert len(jobs.processes.runs) == processors
    waiting = await jobs.get(operations[-1]["metadata"]["name"])
    assert waiting["runningCount"] == waiting["succeededCount"] == 0
    jobs.processes.released.set()
    for operation in operations:
        await jobs.end_of(operation)
    assert jobs.processes.most_at_once == processors


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "projects/p/locations/r/jobs/unknown:run"),
        ("GET", "projects/p/locations/r/operations/unknown"),
        ("GET", f"{NAME}/executions/unknown"),
    ],
)
async def test_what_is_not_there_is_a_404_as_google_says_it(
    jobs: Jobs, method: str, path: str
) -> None:
    answer = await jobs.client.request(method, f"/v2/{path}")
    assert answer.status == 404
    assert (await answer.json())["error"]["code"] == 404
    assert jobs.kept() == []


async def test_what_a_stop_cut_short_is_run_again(make: Make) -> None:
    first = make()
    await first.client.start_server()
    operation = await first.begin(overriding(UPLOAD_ID="u1"))
    await eventually(lambda: bool(first.processes.runs))
    await first.runner.stop()
    assert first.processes.cut_short == 1

    second = make()
    await second.client.start_server()
    second.processes.released.set()
    assert second.runner.resume() == 1
    assert "response" in await second.end_of(operation)
    [(command, _)] = second.processes.runs
    assert command.env["UPLOAD_ID"] == "u1"

    assert make().runner.resume() == 0


async def test_an_accepted_execution_is_written_down_before_the_answer(jobs: Jobs) -> None:
    operation = await jobs.begin(overriding(UPLOAD_ID="u1"))
    [kept] = jobs.kept()
    assert json.loads(kept.read_text()) == {
        "name": operation["metadata"]["name"],
        "job": "media-job",
        "overrides": {"UPLOAD_ID": "u1"},
    }


async def test_a_kept_execution_of_a_job_that_is_no_more_is_given_up(make: Make) -> None:
    jobs = make()
    await jobs.client.start_server()
    name = "projects/p/locations/r/jobs/old/executions/old-1"
    kept = {"name": name, "job": "old", "overrides": {}}
    (jobs.folder / "old-1.json").write_text(json.dumps(kept))
    assert jobs.runner.resume() == 1
    ended = await jobs.end_of({"name": "projects/p/locations/r/operations/old-1"})
    assert "error" in ended
    assert jobs.kept() == []


async def test_a_timeout_that_is_no_duration_fails_the_execution(make: Make) -> None:
    jobs = make(timeout="1h")
    await jobs.client.start_server()
    assert "error" in await jobs.end_of(await jobs.begin())
    assert jobs.processes.runs == []


@pytest.mark.parametrize(("codes", "succeeded"), [([0], True), ([1, 0], True), ([1] * 9, False)])
async def test_a_deployment_waits_for_its_job(
    jobs: Jobs, codes: list[int], succeeded: bool
) -> None:
    jobs.processes.codes = list(codes)
    jobs.processes.released.set()
    assert await jobs.runner.run_to_end("media-job") is succeeded
    assert jobs.kept() == [], "the next deployment runs it anyhow"
