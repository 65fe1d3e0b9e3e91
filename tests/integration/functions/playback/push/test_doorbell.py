"""Firestore's listener on Google's emulator."""

import asyncio
import secrets

import pytest

from functions.playback.devices.registry import Registration, Registry
from functions.playback.players.changes import Changes
from functions.playback.players.store import FirestorePlayers
from functions.playback.push.doorbell import FirestoreDoorbell
from functions.playback.push.hub import Hub
from tests.unit.functions.playback.players.fakes import ANNA

SOON_S = 5.0


@pytest.fixture
def database() -> str:
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
def players(firestore_emulator: str, project: str, database: str) -> FirestorePlayers:
    return FirestorePlayers(project, database)


@pytest.fixture
def hubs(players: FirestorePlayers, project: str, database: str) -> list[Hub]:
    """Those of two instances."""
    return [Hub(players, FirestoreDoorbell(project, database)) for _ in range(2)]


async def test_every_instance_hears_of_a_write(players: FirestorePlayers, hubs: list[Hub]) -> None:
    registry = Registry(Changes(players))
    one, other = hubs
    async with one.listening("anna") as first, other.listening("anna") as second:
        for at in range(3):
            await registry.register(ANNA, f"device-{at}", Registration(f"Device {at}"))
            for feed in (first, second):
                count = 0
                async with asyncio.timeout(SOON_S):
                    while True:
                        found = await feed.next(count, SOON_S)
                        assert found is not None
                        count = found[0]
                        if len(found[1].devices) == at + 1:
                            break


async def test_other_people_ring_elsewhere(players: FirestorePlayers, hubs: list[Hub]) -> None:
    async with hubs[0].listening("berta") as feed:
        count = 0
        while found := await feed.next(count, 1.0):
            count = found[0]
        await Registry(Changes(players)).register(ANNA, "phone", Registration("Phone"))

        assert await feed.next(count, 0.5) is None
