"""Redis in Memorystore's place."""

from pathlib import Path

from redis.asyncio import Redis

from emulators import redis
from emulators.processes import free_port
from tests.running import running


async def test_it_counts_and_keeps_nothing(tmp_path: Path) -> None:
    command = redis.command(free_port(), tmp_path)
    with running(command) as address:
        client = Redis.from_url(f"redis://{address}/0")
        assert await client.incr("calls") == 1
        assert await client.incr("calls") == 2
        await client.aclose()
    assert [path.name for path in tmp_path.iterdir()] == ["log"]
