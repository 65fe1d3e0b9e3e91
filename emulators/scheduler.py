"""Cloud Scheduler: calls the declared HTTP targets when their cron expressions say so."""

import asyncio
import base64
import datetime
import logging
import time
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from croniter import croniter

from emulators.gather import Program, Resource

SCHEDULED = "gcp:cloudscheduler/job:Job"

_TIMEOUT = aiohttp.ClientTimeout(total=180)

log = logging.getLogger(__name__)


async def run(program: Program) -> None:
    """Follow every declared schedule until cancelled.

    Each is called once at the start, for what was missed while nothing ran.
    """
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        await asyncio.gather(*(_follow(session, job) for job in program.all(SCHEDULED)))


async def _follow(session: aiohttp.ClientSession, job: Resource) -> None:
    due = time.time()
    while True:
        await _call(session, job.outputs["name"], job.inputs["httpTarget"])
        # From `due` on, because a sleep may end a little early: each moment is met once.
        due = next_moment(job.inputs, max(due, time.time()))
        await asyncio.sleep(due - time.time())


def next_moment(schedule: dict[str, Any], after: float) -> float:
    """The schedule's first moment after `after`; both in seconds since the epoch."""
    zone = ZoneInfo(schedule.get("timeZone", "Etc/UTC"))
    moment = datetime.datetime.fromtimestamp(after, zone)
    following: datetime.datetime = croniter(schedule["schedule"], moment).get_next(
        datetime.datetime
    )
    return following.timestamp()


async def _call(session: aiohttp.ClientSession, name: str, target: dict[str, Any]) -> None:
    try:
        async with session.request(
            target.get("httpMethod", "POST"),
            target["uri"],
            headers=target.get("headers"),
            data=base64.b64decode(target.get("body", "")),
        ) as answer:
            if answer.status >= 400:
                log.warning("%s: the target answered %d", name, answer.status)
    except (TimeoutError, aiohttp.ClientError) as error:
        log.warning("%s: %s", name, error)
