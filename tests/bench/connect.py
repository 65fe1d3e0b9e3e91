"""From a command's HTTP answer to the other device's event, beside polling once a second.

    python -m tests.bench.connect [COMMANDS]

Two listeners of one person, on the local platform: one is pushed to, the other asks every second.
Both measure until they know of a command, from when it was sent and from when it was answered
(an event that is there before the answer counts as no wait). The commands come at random moments
of polling's second.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from tests.bench.load import Timings
from tests.platform import Platform, running
from tests.speakers import SCOPES

POLL_S = 1.0
PATIENCE_S = 10.0
USER = "bench"


class Known:
    """When a listener first knew of each volume; volumes differ from one command to the next."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}
        self._changed = asyncio.Condition()

    async def note(self, volume: int) -> None:
        async with self._changed:
            self.at.setdefault(volume, time.perf_counter())
            self._changed.notify_all()

    async def of(self, volume: int) -> float:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: volume in self.at)
        return self.at.pop(volume)


def main(commands: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "state", ["--no-demo"]) as platform,
    ):
        asyncio.run(_measure(platform, commands))


async def _measure(platform: Platform, commands: int) -> None:
    token = platform.token(user=USER, scopes=SCOPES)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=platform.url, headers=headers, timeout=60) as calls:
        for device in ("sender", "receiver"):
            body = {"name": device, "type": "speaker"}
            (await calls.put(f"/v1/me/devices/{device}", json=body)).raise_for_status()
        pushed, polled = Known(), Known()
        beside = [
            asyncio.create_task(work)
            for work in (_listen(calls, pushed), _poll(calls, polled), _stay(calls))
        ]
        await asyncio.sleep(2)
        answered, since_sent, by_push, by_poll = await _command(calls, commands, pushed, polled)
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        alone = await _cost(calls, lambda: calls.get("/v1/me/player/devices"), commands)
    print(f"{'the command itself':42} {answered}")
    print(f"{'one poll (GET /v1/me/player/devices)':42} {alone}")
    print(f"{'sent to event, pushed':42} {since_sent}")
    print(f"{'answer to event, pushed':42} {by_push}")
    print(f"{f'answer to knowledge, polled every {POLL_S:.0f} s':42} {by_poll}")


async def _command(
    calls: httpx.AsyncClient, commands: int, pushed: Known, polled: Known
) -> tuple[Timings, Timings, Timings, Timings]:
    answered, since_sent, by_push, by_poll = Timings(), Timings(), Timings(), Timings()
    began = time.perf_counter()
    for at in range(commands):
        volume = at % 100 + 1
        sent = time.perf_counter()
        path = f"/v1/me/player/volume?volume_percent={volume}&device_id=receiver"
        (await calls.put(path)).raise_for_status()
        done = time.perf_counter()
        answered.calls.append(done - sent)
        heard = await pushed.of(volume)
        since_sent.calls.append(heard - sent)
        by_push.calls.append(max(0.0, heard - done))
        by_poll.calls.append(max(0.0, await polled.of(volume) - done))
        await asyncio.sleep(random.uniform(0, POLL_S))
    for timings in (answered, since_sent, by_push, by_poll):
        timings.seconds = time.perf_counter() - began
    return answered, since_sent, by_push, by_poll


async def _listen(calls: httpx.AsyncClient, known: Known) -> None:
    """Hears of it as the device `receiver` does."""
    path = "/v1/me/player/events?device_id=receiver"
    async with calls.stream("GET", path, timeout=None) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: ") and '"volume_percent"' in line:
                event = json.loads(line.removeprefix("data: "))
                if "volume_percent" in event:
                    await known.note(event["volume_percent"])


async def _poll(calls: httpx.AsyncClient, known: Known) -> None:
    while True:
        began = time.perf_counter()
        devices = (await calls.get("/v1/me/player/devices")).json()["devices"]
        for device in devices:
            if device["id"] == "receiver":
                await known.note(device["volume_percent"])
        await asyncio.sleep(max(0.0, POLL_S - (time.perf_counter() - began)))


async def _stay(calls: httpx.AsyncClient) -> None:
    while True:
        for device in ("sender", "receiver"):
            await calls.post(f"/v1/me/devices/{device}/heartbeat")
        await asyncio.sleep(8)


async def _cost(
    calls: httpx.AsyncClient, ask: Callable[[], Awaitable[httpx.Response]], times: int
) -> Timings:
    timings, began = Timings(), time.perf_counter()
    for _ in range(times):
        sent = time.perf_counter()
        (await ask()).raise_for_status()
        timings.calls.append(time.perf_counter() - sent)
    timings.seconds = time.perf_counter() - began
    return timings


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
