import asyncio

import msgspec
import pytest

from functions.playback.errors import Refused
from functions.playback.players.model import MOST_QUEUED, Action, Player, Repeat
from functions.playback.players.starting import Offset, PlayRequest
from shared.errors import Forbidden, NotFound, Unavailable
from tests.unit.functions.playback.players.fakes import (
    ANNA,
    DURATION_MS,
    World,
    device,
    track,
    track_id,
)


async def play(world: World, album: str, at: int = 0) -> None:
    asked = PlayRequest(context_uri=album, offset=Offset(position=at))
    await world.starter.play(ANNA, "kitchen", asked)


async def names(world: World, most: int) -> str:
    """What plays, and what then plays by itself."""
    heard = world.playing
    for _ in range(most):
        await world.commands.advance(ANNA, "kitchen", world.player.turn)
        if not world.player.is_playing:
            break
        heard += world.playing
    return heard


async def test_each_command_has_a_higher_version(world: World, album: str) -> None:
    versions = []
    await play(world, album)
    for command in (
        world.commands.pause(ANNA, ""),
        world.commands.resume(ANNA, "", None),
        world.commands.seek(ANNA, "", 1000),
        world.commands.next(ANNA, ""),
        world.commands.previous(ANNA, ""),
        world.commands.repeat(ANNA, "", Repeat.context),
        world.commands.shuffle(ANNA, "", on=True),
        world.commands.volume(ANNA, "", 10),
        world.commands.enqueue(ANNA, "", track_id("a")),
        world.commands.transfer(ANNA, "bath", play=False),
    ):
        await command
        versions.append(world.player.command_version)

    assert versions == list(range(versions[0], versions[0] + 10))
    assert world.player.version == world.player.command_version


async def test_pause_keeps_the_place_and_resume_goes_on_there(world: World, album: str) -> None:
    await play(world, album)
    world.after(30_000)
    await world.commands.pause(ANNA, "")
    world.after(5_000)
    assert (world.player.position_ms, world.player.is_playing) == (30_000, False)
    positioned = world.player.positioned

    await world.commands.resume(ANNA, "", None)

    assert (world.player.position_ms, world.player.is_playing) == (30_000, True)
    assert world.player.at == world.now
    assert world.player.positioned == positioned


async def test_what_is_so_already_is_no_command(world: World, album: str) -> None:
    await play(world, album)
    await world.commands.pause(ANNA, "")
    version = world.player.version

    await world.commands.pause(ANNA, "")
    await world.commands.repeat(ANNA, "", Repeat.off)
    await world.commands.shuffle(ANNA, "", on=False)

    assert world.player.version == version


async def test_next_and_previous(world: World, album: str) -> None:
    await play(world, album, 1)
    await world.commands.next(ANNA, "")
    assert world.playing == "c"
    world.after(100_000)
    await world.commands.previous(ANNA, "")
    await world.commands.previous(ANNA, "")
    assert world.playing == "a"
    turn = world.player.turn

    await world.commands.previous(ANNA, "")

    assert (world.playing, world.player.turn) == ("a", turn + 1)
    assert world.player.is_playing


async def test_after_the_last_it_stops_at_the_first(world: World, album: str) -> None:
    await play(world, album, 4)

    await world.commands.next(ANNA, "")

    assert (world.playing, world.player.is_playing, world.player.position_ms) == ("a", False, 0)


async def test_repeating_the_context_it_begins_again(world: World, album: str) -> None:
    await play(world, album, 4)
    await world.commands.repeat(ANNA, "", Repeat.context)
    await world.commands.next(ANNA, "")
    assert (world.playing, world.player.is_playing) == ("a", True)

    await world.commands.previous(ANNA, "")

    assert world.playing == "e"


async def test_repeating_a_track_holds_until_somebody_skips(world: World, album: str) -> None:
    await play(world, album)
    await world.commands.repeat(ANNA, "", Repeat.track)
    assert await names(world, 2) == "aaa"

    await world.commands.next(ANNA, "")

    assert world.playing == "b"


async def test_the_queue_comes_before_the_context(world: World, album: str) -> None:
    world.catalog.add(track("x"), track("y"))
    await play(world, album, 1)
    for name in "xy":
        await world.commands.enqueue(ANNA, "", track_id(name))

    assert await names(world, 4) == "bxycd"
    assert world.player.queue == []


async def test_previous_from_the_queue_is_where_the_context_was(world: World, album: str) -> None:
    world.catalog.add(track("x"))
    await play(world, album, 1)
    await world.commands.enqueue(ANNA, "", track_id("x"))
    await world.commands.next(ANNA, "")
    assert world.playing == "x"

    await world.commands.previous(ANNA, "")

    assert world.playing == "b"


async def test_the_queue_alone(world: World) -> None:
    world.catalog.add(track("x"))
    await world.commands.enqueue(ANNA, "kitchen", track_id("x"))
    await world.commands.resume(ANNA, "", None)
    assert world.playing == "x"

    await world.commands.advance(ANNA, "kitchen", world.player.turn)

    assert (world.player.is_playing, world.player.position_ms) == (False, 0)
    with pytest.raises(Refused) as refused:
        await world.commands.next(ANNA, "")
    assert refused.value.reason == "NO_NEXT_TRACK"


async def test_tracks_without_media_or_of_other_markets_are_passed_over(world: World) -> None:
    mixed = world.catalog.album(
        "mixed", track("a"), track("b", playable=False), track("c", markets=["NO"]), track("d")
    )
    await play(world, mixed)

    await world.commands.next(ANNA, "")

    assert world.playing == "d"
    await world.commands.previous(ANNA, "")
    assert world.playing == "a"


async def test_seeking_behind_the_end_is_the_next_track(world: World, album: str) -> None:
    await play(world, album)
    await world.commands.seek(ANNA, "", 5_000)
    assert (world.playing, world.player.position_ms) == ("a", 5_000)

    await world.commands.seek(ANNA, "", DURATION_MS)

    assert (world.playing, world.player.position_ms) == ("b", 0)


async def test_asking_twice_for_the_next_track_goes_on_once(world: World, album: str) -> None:
    await play(world, album)
    turn = world.player.turn

    first = await world.commands.advance(ANNA, "kitchen", turn)
    again = await world.commands.advance(ANNA, "kitchen", turn)

    assert world.playing == "b"
    assert first.player.version == again.player.version


async def test_a_device_that_is_not_active_does_not_go_on(world: World, album: str) -> None:
    await play(world, album)

    await world.commands.advance(ANNA, "bath", world.player.turn)

    assert world.playing == "a"


async def test_shuffle_goes_through_everything_once(world: World, album: str) -> None:
    await play(world, album, 2)
    await world.commands.shuffle(ANNA, "", on=True)
    heard = await names(world, 10)

    assert heard[0] == "c"
    assert sorted(heard) == list("abcde")


async def test_shuffle_holds_until_it_is_turned_off(world: World, album: str) -> None:
    await play(world, album, 2)
    await world.commands.repeat(ANNA, "", Repeat.context)
    await world.commands.shuffle(ANNA, "", on=True)
    first = await names(world, 4)
    await world.commands.shuffle(ANNA, "", on=True)
    await world.commands.advance(ANNA, "kitchen", world.player.turn)
    assert await names(world, 4) == first

    await world.commands.shuffle(ANNA, "", on=False)

    expected = "abcde" * 2
    at = expected.index(world.playing)
    assert await names(world, 3) == expected[at : at + 4]


async def test_a_transfer_takes_the_place_along(world: World, album: str) -> None:
    await play(world, album)
    world.after(42_000)

    await world.commands.transfer(ANNA, "bath", play=False)

    player = world.player
    assert (player.device_id, player.position_ms, player.is_playing) == ("bath", 42_000, True)
    assert player.positioned == player.command_version
    assert player.action is Action.transfer


@pytest.mark.parametrize("start", [True, False])
async def test_a_transfer_of_what_is_paused(world: World, album: str, start: bool) -> None:
    await play(world, album)
    await world.commands.pause(ANNA, "")

    await world.commands.transfer(ANNA, "bath", play=start)

    assert world.player.is_playing is start


async def test_what_a_silent_device_played_stopped_with_it(world: World, album: str) -> None:
    await play(world, album)
    world.now += 3_600_000
    world.players.devices["anna"]["bath"] = device("bath", seen_at=world.now)

    await world.commands.transfer(ANNA, "bath", play=False)

    assert not world.player.is_playing
    assert world.player.position_ms <= 30_000


async def test_volume_is_the_devices_own(world: World, album: str) -> None:
    await play(world, album)

    await world.commands.volume(ANNA, "bath", 7)

    assert world.players.devices["anna"]["bath"].volume == 7
    assert world.players.devices["anna"]["kitchen"].volume == 100
    assert world.player.device_id == "kitchen"
    assert world.player.is_playing


async def test_options_of_a_device_where_nothing_is_active_make_it_so(world: World) -> None:
    await world.commands.shuffle(ANNA, "bath", on=True)

    assert (world.player.device_id, world.player.shuffle) == ("bath", True)


@pytest.mark.parametrize("command", ["pause", "next", "previous"])
async def test_another_device_than_the_active_one(world: World, album: str, command: str) -> None:
    await play(world, album)

    with pytest.raises(Refused) as refused:
        await getattr(world.commands, command)(ANNA, "bath")

    assert refused.value.status == 403


async def test_nothing_is_active(world: World) -> None:
    for command in (
        world.commands.pause(ANNA, ""),
        world.commands.next(ANNA, ""),
        world.commands.resume(ANNA, "", None),
        world.commands.volume(ANNA, "", 3),
    ):
        with pytest.raises(Refused) as refused:
            await command
        assert (refused.value.status, refused.value.reason) == (404, "NO_ACTIVE_DEVICE")


async def test_a_device_that_fell_silent_is_not_active(world: World, album: str) -> None:
    await play(world, album)
    world.now += 30_000

    with pytest.raises(Refused) as refused:
        await world.commands.pause(ANNA, "")
    assert refused.value.message == "Player command failed: No active device found"
    with pytest.raises(Refused) as refused:
        await world.commands.pause(ANNA, "kitchen")
    assert refused.value.message == "Device not found"
    assert (refused.value.status, refused.value.reason) == (404, "NO_ACTIVE_DEVICE")


async def test_devices_that_cannot_be_told(world: World, album: str) -> None:
    kept = world.players.devices["anna"]
    kept["kitchen"] = device("kitchen", is_restricted=True)
    kept["bath"] = device("bath", supports_volume=False)

    with pytest.raises(Refused) as refused:
        await play(world, album)
    assert refused.value.reason == "DEVICE_NOT_CONTROLLABLE"
    with pytest.raises(Refused) as refused:
        await world.commands.volume(ANNA, "bath", 3)
    assert refused.value.reason == "VOLUME_CONTROL_DISALLOW"


async def test_what_cannot_be_queued(world: World, album: str) -> None:
    world.catalog.add(track("silent", playable=False))
    for name in ("unknown", "silent"):
        with pytest.raises(NotFound):
            await world.commands.enqueue(ANNA, "kitchen", track_id(name))
    await play(world, album)
    full = msgspec.structs.replace(world.player, queue=[track_id("a")] * MOST_QUEUED)
    world.players.players["anna"] = full

    with pytest.raises(Refused):
        await world.commands.enqueue(ANNA, "", track_id("a"))


async def test_nobody_overwrites_anybody(world: World, album: str) -> None:
    await play(world, album)
    rival = msgspec.structs.replace(
        world.player, version=world.player.version + 1, repeat=Repeat.context
    )
    world.players.rivals = [rival]

    await world.commands.shuffle(ANNA, "", on=True)

    assert world.player.repeat is Repeat.context
    assert world.player.shuffle
    assert world.player.version == rival.version + 1


async def test_ten_at_once_all_hold(world: World, album: str) -> None:
    await play(world, album)

    await asyncio.gather(
        *(world.commands.enqueue(ANNA, "", track_id(name)) for name in "abcdeabcde")
    )

    assert sorted(world.player.queue) == sorted(track_id(name) for name in "abcdeabcde")


async def test_giving_up(world: World, album: str) -> None:
    await play(world, album)
    world.players.rivals = [msgspec.structs.replace(world.player, version=at) for at in range(100)]

    with pytest.raises(Unavailable):
        await world.commands.pause(ANNA, "")


async def test_who_left_has_no_player(world: World) -> None:
    world.players.players["anna"] = Player(erased=True)

    with pytest.raises(Forbidden):
        await world.commands.resume(ANNA, "", None)
