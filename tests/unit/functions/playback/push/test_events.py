import json

import msgspec
import pytest

from functions.playback.players.model import Session
from functions.playback.players.starting import PlayRequest
from functions.playback.players.store import Room
from functions.playback.push.events import Teller
from tests.unit.functions.playback.players.fakes import ANNA, World, track


@pytest.fixture
async def world() -> World:
    world = World()
    album = world.catalog.album("album", track("a"), track("b"))
    await world.starter.play(ANNA, "kitchen", PlayRequest(context_uri=album))
    return world


def teller(device_id: str = "", session: str = "", since: int = -1) -> Teller:
    return Teller(device_id=device_id, session=session, since=since)


async def told(world: World, to: Teller) -> list[tuple[str, str, dict[str, object]]]:
    """Name, id and data of each event."""
    text = to.about(await world.players.room("anna"), world.now).decode()
    events = []
    for block in text.split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        events.append((fields["event"], fields.get("id", ""), json.loads(fields["data"])))
    return events


async def names(world: World, to: Teller) -> list[str]:
    return [name for name, _, _ in await told(world, to)]


async def test_a_newcomer_is_told_everything(world: World) -> None:
    (_, none, devices), (name, id, state) = await told(world, teller())

    assert [each["name"] for each in devices["devices"]] == ["bath", "kitchen"]  # type: ignore[attr-defined]
    assert (none, name, id) == ("", "state", str(world.player.version))
    assert state["is_playing"]
    assert state["device_id"] == "kitchen"


async def test_who_comes_again_is_told_what_is_new(world: World) -> None:
    version = world.player.version
    assert await names(world, teller(since=version)) == ["devices"]

    await world.commands.pause(ANNA, "")

    assert await names(world, teller(since=version)) == ["devices", "state"]


async def test_nothing_twice(world: World) -> None:
    listener = teller("kitchen")
    assert await names(world, listener) == ["command", "devices", "state"]
    assert await names(world, listener) == []


async def test_every_device_hears_commands(world: World) -> None:
    kitchen, bath = teller("kitchen"), teller("bath")
    await told(world, kitchen)
    await told(world, bath)

    await world.commands.transfer(ANNA, "bath", play=False)

    for listener in (kitchen, bath):
        name, id, command = (await told(world, listener))[0]
        assert (name, id) == ("command", "")
        assert command["device_id"] == "bath"


async def test_a_command_carries_the_devices_volume(world: World) -> None:
    await world.commands.volume(ANNA, "bath", 12)

    _, _, command = (await told(world, teller("bath")))[0]

    assert (command["action"], command["volume_percent"]) == ("volume", 12)


async def test_what_a_device_reports_is_no_command(world: World) -> None:
    listener = teller("kitchen")
    await told(world, listener)
    world.players.players["anna"] = msgspec.structs.replace(
        world.player, version=world.player.version + 1, executed=world.player.command_version
    )

    assert await names(world, listener) == ["state"]


async def test_a_device_that_falls_silent(world: World) -> None:
    listener = teller()
    await told(world, listener)
    world.now += 30_000

    ((name, _, devices),) = await told(world, listener)

    assert (name, devices) == ("devices", {"devices": []})


async def test_a_session_hears_of_its_end_once(world: World) -> None:
    listener, other = teller(session="mine"), teller(session="other")
    await told(world, listener)
    await told(world, other)
    version = world.player.version + 1
    ended = Session(id="mine", app="app", seen_at=0, ended_version=version, ended_by="other")
    world.players.players["anna"] = msgspec.structs.replace(
        world.player, version=version, sessions=[ended]
    )

    assert (await told(world, listener))[0] == (
        "session_taken_over",
        "",
        {"session": "mine", "by": "other"},
    )
    assert "session_taken_over" not in await names(world, listener)
    assert "session_taken_over" not in await names(world, other)
    assert "session_taken_over" in await names(world, teller(session="mine", since=version - 1))


async def test_a_version_that_was_made_up(world: World) -> None:
    assert await names(world, teller("kitchen", since=10**9)) == ["command", "devices", "state"]


def test_a_person_without_a_player() -> None:
    from functions.playback.players.model import Player

    assert b'"version":0' in teller().about(Room(Player(), {}), 0)
