import pytest

from functions.playback.devices.model import MOST_DEVICES
from functions.playback.devices.registry import Registration, Registry
from functions.playback.errors import Refused
from functions.playback.players.starting import PlayRequest
from shared.errors import BadRequest
from tests.unit.functions.playback.players.fakes import ANNA, World, track


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def registry(world: World) -> Registry:
    return Registry(world.changes)


async def test_registering_again_changes_what_it_says(world: World, registry: Registry) -> None:
    first = await registry.register(ANNA, "phone", Registration("Phone", "smartphone"))
    world.after(1_000)
    again = await registry.register(ANNA, "phone", Registration("Anna's phone", "Smartphone"))

    assert (first.name, again.name) == ("Phone", "Anna's phone")
    assert again.registered_at == first.registered_at
    assert again.seen_at == world.now


async def test_types_that_nobody_knows(registry: Registry) -> None:
    device = await registry.register(ANNA, "fridge", Registration("Fridge", "fridge"))

    assert device.type == "Unknown"


@pytest.mark.parametrize(
    "asked",
    [
        Registration(""),
        Registration(" \n\t"),
        Registration("\u202e\u200b\u0000"),
        Registration("x", volume_percent=101),
        Registration("x", volume_percent=-1),
    ],
)
async def test_refuses(registry: Registry, asked: Registration) -> None:
    with pytest.raises(BadRequest):
        await registry.register(ANNA, "x", asked)


async def test_the_longest_silent_makes_room(world: World, registry: Registry) -> None:
    for at in range(MOST_DEVICES - 2):
        world.now += 1
        await registry.register(ANNA, f"d{at}", Registration(f"Device {at}"))
    assert len(world.players.devices["anna"]) == MOST_DEVICES
    with pytest.raises(Refused) as refused:
        await registry.register(ANNA, "more", Registration("More"))
    assert refused.value.reason == "TOO_MANY_DEVICES"

    world.now += 40_000
    await registry.register(ANNA, "more", Registration("More"))

    assert len(world.players.devices["anna"]) == MOST_DEVICES
    assert {"more", "d0"} <= world.players.devices["anna"].keys()
    assert len({"kitchen", "bath"} & world.players.devices["anna"].keys()) == 1


async def test_what_it_played_stops_when_it_leaves(world: World, registry: Registry) -> None:
    album = world.catalog.album("album", track("a"))
    await world.starter.play(ANNA, "kitchen", PlayRequest(context_uri=album))
    world.after(7_000)

    await registry.leave(ANNA, "kitchen")
    await registry.leave(ANNA, "kitchen")

    player = world.player
    assert (player.device_id, player.is_playing, player.position_ms) == ("", False, 7_000)
    assert "kitchen" not in world.players.devices["anna"]


async def test_a_heartbeat_of_a_stranger(registry: Registry) -> None:
    with pytest.raises(Refused) as refused:
        await registry.heartbeat(ANNA, "stranger")

    assert refused.value.status == 404
