"""google-cloud-run's own client, as the media service uses it, against the local jobs API."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from google.api_core.exceptions import GoogleAPICallError, NotFound

from emulators.addresses import Addresses
from emulators.jobs import JobRunner
from emulators.processes import Processes, free_port
from emulators.serving import serving
from emulators.state import StateFolder
from emulators.units import JOB, LocalCloud
from functions.media.jobs import MediaJob
from tests.unit.emulators.programs import declared, program

PARENT = "projects/p/locations/r/jobs"
ROOT = Path(__file__).parents[3]

# Writes its overrides down; fails at the first attempt if it is told to.
JOB_CODE = """
import json, os, pathlib, sys
attempt = int(os.environ["CLOUD_RUN_TASK_ATTEMPT"])
names = ("UPLOAD_ID", "UPLOAD_GENERATION", "CLOUD_RUN_EXECUTION")
seen = {name: os.environ[name] for name in names}
pathlib.Path(os.environ["SEEN"], f"{seen['UPLOAD_ID']}-{attempt}").write_text(json.dumps(seen))
sys.exit(seen["UPLOAD_ID"] == "broken" or seen["UPLOAD_ID"] == "flaky" and attempt == 0)
"""


@dataclass
class Local:
    host: str
    seen: Path

    def attempts(self, upload_id: str) -> list[dict[str, str]]:
        return [json.loads(p.read_text()) for p in sorted(self.seen.glob(f"{upload_id}-*"))]


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[Local]:
    """The jobs API on a port, with one job declared."""
    state = StateFolder(tmp_path / "state")
    state.make()
    seen = tmp_path / "seen"
    seen.mkdir()
    container = {
        "commands": ["python", "-c", JOB_CODE],
        "envs": [{"name": "SEEN", "value": str(seen)}],
    }
    template = {"template": {"containers": [container], "timeout": "60s", "maxRetries": 1}}
    cloud = LocalCloud(
        program=program(declared(JOB, "media-job", template=template)),
        addresses=Addresses(state),
        emulators={},
        root=ROOT,
        unpacked=state.functions,
    )
    processes = Processes(state.logs, lambda name, code: None)
    jobs = JobRunner(cloud, processes, state.executions)
    port = free_port()
    try:
        async with serving(jobs.app(), port):
            yield Local(f"127.0.0.1:{port}", seen)
            await jobs.stop()
    finally:
        await processes.stop_all()


async def test_the_media_service_runs_its_job(local: Local) -> None:
    job = MediaJob(f"{PARENT}/media-job", local.host)
    name = await job.run("u1", 17)
    assert name.startswith(f"{PARENT}/media-job/executions/media-job-")
    other = await job.run("u2", 18)
    assert other != name
    async with asyncio.timeout(30):
        while not (local.attempts("u1") and local.attempts("u2")):  # noqa: ASYNC110  # processes
            await asyncio.sleep(0.02)
    assert local.attempts("u1") == [
        {
            "UPLOAD_ID": "u1",
            "UPLOAD_GENERATION": "17",
            "CLOUD_RUN_EXECUTION": name.rsplit("/", 1)[1],
        }
    ]


async def test_a_job_that_is_not_declared(local: Local) -> None:
    with pytest.raises(NotFound, match="unknown"):
        await MediaJob(f"{PARENT}/unknown", local.host).run("u1", 1)


@pytest.mark.parametrize(("upload_id", "tries"), [("whole", 1), ("flaky", 2), ("broken", 2)])
async def test_the_operation_ends_as_the_execution_does(
    local: Local, upload_id: str, tries: int
) -> None:
    def run_to_the_end() -> int:
        from google.auth.credentials import AnonymousCredentials
        from google.cloud.run_v2 import JobsClient
        from google.cloud.run_v2.services.jobs.transports.rest import JobsRestTransport
        from google.cloud.run_v2.types import EnvVar, RunJobRequest

        client = JobsClient(
            transport=JobsRestTransport(
                host=local.host,
                url_scheme="http",
                credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            )
        )
        overriding = RunJobRequest.Overrides.ContainerOverride(
            env=[
                EnvVar(name="UPLOAD_ID", value=upload_id),
                EnvVar(name="UPLOAD_GENERATION", value="1"),
            ]
        )
        operation = client.run_job(
            RunJobRequest(
                name=f"{PARENT}/media-job",
                overrides=RunJobRequest.Overrides(container_overrides=[overriding]),
            )
        )
        ended = operation.result(timeout=30)  # type: ignore[no-untyped-call]
        return int(ended.succeeded_count)

    if upload_id == "broken":
        with pytest.raises(GoogleAPICallError, match="execution failed"):
            await asyncio.to_thread(run_to_the_end)
    else:
        assert await asyncio.to_thread(run_to_the_end) == 1
    assert len(local.attempts(upload_id)) == tries
