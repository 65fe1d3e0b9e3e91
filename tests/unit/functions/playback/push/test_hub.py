import asyncio

import anyio
import pytest

from functions.playback.push import hub
from functions.playback.push.hub import MOST_LISTENERS, Hub
from shared.errors import TooManyRequests
from tests.unit.functions.playback.players.fakes import ANNA, World
from tests.unit.functions.playback.push.fakes import FakeDoorbell

SOON_S = 2.0


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def doorbell() -> FakeDoorbell:
    return FakeDoorbell()


@pytest.fixture
def listeners(world: World, doorbell: FakeDoorbell) -> Hub:
    return Hub(world.players, doorbell, clock=lambda: world.now)


async def test_a_ring_brings_the_newest(
    world: World, doorbell: FakeDoorbell, listeners: Hub
) -> None:
    async with listeners.listening("anna") as feed:
        count = 0
        while found := await feed.next(count, 0.1):
            count = found[0]
        await world.commands.shuffle(ANNA, "kitchen", on=True)
        doorbell.ring()

        found = await feed.next(count, SOON_S)

    assert found is not None
    assert found[1].player.shuffle


async def test_a_person_has_one_doorbell(doorbell: FakeDoorbell, listeners: Hub) -> None:
    async with listeners.listening("anna") as one, listeners.listening("anna") as other:
        assert one is other
        await one.next(0, SOON_S)
        assert len(doorbell.bells) == 1
    await taken_down(doorbell)

    async with listeners.listening("anna") as again:
        assert await again.next(0, SOON_S)
    assert len(doorbell.bells) == 2


async def taken_down(doorbell: FakeDoorbell) -> None:
    async with asyncio.timeout(SOON_S):
        while any(bell.is_active for bell in doorbell.bells):  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.01)


async def test_who_hangs_up_leaves_no_doorbell(doorbell: FakeDoorbell, listeners: Hub) -> None:
    async def listen() -> None:
        async with listeners.listening("anna") as feed:
            while True:
                await feed.next(10**6, 60)

    # As the web framework ends a stream whose client is gone: all further waiting is refused.
    async with anyio.create_task_group() as connection:
        connection.start_soon(listen)
        await asyncio.sleep(0.05)
        assert doorbell.bells[0].is_active
        connection.cancel_scope.cancel()

    await taken_down(doorbell)


async def test_a_doorbell_that_died_is_replaced(
    doorbell: FakeDoorbell, listeners: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_CHECK_S", 0.05)
    async with listeners.listening("anna") as feed:
        await feed.next(0, SOON_S)
        doorbell.bells[0].is_active = False
        for _ in range(100):
            await asyncio.sleep(0.02)
            if len(doorbell.bells) == 2:
                break

    assert len(doorbell.bells) == 2


async def test_an_outage_passes(
    doorbell: FakeDoorbell, listeners: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_RETRY_S", 0.01)
    doorbell.failures = 3

    async with listeners.listening("anna") as feed:
        assert await feed.next(0, SOON_S)


async def test_time_is_up(listeners: Hub) -> None:
    async with listeners.listening("anna") as feed:
        assert await feed.next(10**6, 0.05) is None


async def test_too_many_connections(listeners: Hub) -> None:
    held = [listeners.listening("anna") for _ in range(MOST_LISTENERS)]
    for each in held:
        await each.__aenter__()

    with pytest.raises(TooManyRequests):
        async with listeners.listening("anna"):
            pass
    async with listeners.listening("berta"):
        pass

    for each in held:
        await each.__aexit__(None, None, None)
