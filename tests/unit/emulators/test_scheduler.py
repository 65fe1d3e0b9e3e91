"""Cloud Scheduler's stand-in: when it calls, and how."""

import asyncio
import base64
import datetime
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from emulators import scheduler
from emulators.scheduler import SCHEDULED, next_moment
from tests.unit.emulators.programs import declared, program
from tests.unit.emulators.waiting import eventually


def at(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        ("*/10 * * * *", "Etc/UTC", "2026-11-22T12:03:30+00:00", "2026-11-22T12:10:00+00:00"),
        ("*/10 * * * *", "Etc/UTC", "2026-11-22T12:10:00+00:00", "2026-11-22T12:20:00+00:00"),
        ("0 3 * * *", "Europe/Berlin", "2026-11-22T12:00:00+00:00", "2026-11-23T02:00:00+00:00"),
        ("0 3 * * *", "Europe/Berlin", "2026-07-22T12:00:00+00:00", "2026-07-23T01:00:00+00:00"),
        ("0 0 1 1 *", "Etc/UTC", "2026-11-22T00:00:00+00:00", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_the_next_moment(cron: str, zone: str, after: str, expected: str) -> None:
    assert next_moment({"schedule": cron, "timeZone": zone}, at(after)) == at(expected)


def test_utc_is_the_zone_of_schedules_without_one() -> None:
    after = at("2026-07-01T00:00:00+00:00")
    assert next_moment({"schedule": "0 3 * * *"}, after) == at("2026-07-01T03:00:00+00:00")


@given(st.floats(1.6e9, 2.0e9))
def test_it_is_always_later_and_never_far(after: float) -> None:
    moment = next_moment({"schedule": "*/10 * * * *"}, after)
    assert after < moment <= after + 600
    assert moment % 600 == 0


@dataclass
class Target:
    """Notes the calls that it gets."""

    status: int = 200
    calls: list[tuple[str, str, bytes, str | None]] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.calls.append((request.method, request.path, body, request.headers.get("X-A")))
        self.called.set()
        return web.Response(status=self.status)


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    target = Target()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", target.handle)
    async with TestServer(app) as server:
        target.url = f"http://127.0.0.1:{server.port}"
        yield target


async def started(*jobs: dict[str, Any]) -> "asyncio.Task[None]":
    resources = [
        declared(SCHEDULED, f"job-{number}", schedule="0 0 1 1 *", httpTarget=job)
        for number, job in enumerate(jobs)
    ]
    return asyncio.create_task(scheduler.run(program(*resources)))


async def end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_job_is_called_once_at_the_start(target: Target) -> None:
    body = base64.b64encode(b"{}").decode()
    running = await started(
        {
            "uri": f"{target.url}/tasks/sweep",
            "httpMethod": "PUT",
            "body": body,
            "headers": {"X-A": "b"},
        }
    )
    await target.called.wait()
    await asyncio.sleep(0.01)
    assert target.calls == [("PUT", "/tasks/sweep", b"{}", "b")]
    assert not running.done()
    await end(running)


async def test_post_without_a_body_is_the_default(target: Target) -> None:
    running = await started({"uri": f"{target.url}/x"})
    await target.called.wait()
    assert target.calls == [("POST", "/x", b"", None)]
    await end(running)


async def test_a_target_in_trouble_stops_neither_its_job_nor_others(
    target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    target.status = 500
    running = await started({"uri": "http://127.0.0.1:1/"}, {"uri": f"{target.url}/x"})
    await target.called.wait()
    await eventually(lambda: len(caplog.records) == 2)
    assert {record.getMessage().split(":")[0] for record in caplog.records} == {"job-0", "job-1"}
    assert not running.done()
    await end(running)


async def test_it_is_called_at_each_moment_once(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when a sleep ends a little early, as it may against the wall clock."""
    clock = at("2026-11-22T12:00:01+00:00")
    slept: list[float] = []
    reached = asyncio.Event()
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        nonlocal clock
        slept.append(round(seconds))
        if len(slept) == 4:
            reached.set()
            await real_sleep(60)
        clock += seconds - 0.01

    monkeypatch.setattr(time, "time", lambda: clock)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    job = declared(SCHEDULED, "job", schedule="*/10 * * * *", httpTarget={"uri": target.url})
    running = asyncio.create_task(scheduler.run(program(job)))
    await asyncio.wait_for(reached.wait(), 20)
    assert slept == [599, 600, 600, 600]
    assert len(target.calls) == 4
    await end(running)
