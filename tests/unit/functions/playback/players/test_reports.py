import msgspec
import pytest

from functions.playback.devices.registry import Registry
from functions.playback.players.model import position_at
from functions.playback.players.reports import Report
from functions.playback.players.starting import PlayRequest
from tests.unit.functions.playback.players.fakes import ANNA, World, track_id


@pytest.fixture
async def playing(world: World, album: str) -> World:
    """The kitchen plays a; it has just been told to."""
    await world.starter.play(ANNA, "kitchen", PlayRequest(context_uri=album))
    return world


def position(world: World) -> int:
    return position_at(world.player, world.now, world.players.devices["anna"]["kitchen"])


async def report(world: World, device_id: str = "kitchen", **fields: object) -> None:
    told = {
        "command_version": world.player.command_version,
        "timestamp": world.now,
        "is_playing": True,
        "position_ms": position(world),
        "uri": f"spotify:track:{track_id('a')}",
        **fields,
    }
    await Registry(world.changes).report(ANNA, device_id, msgspec.convert(told, Report))


async def test_the_device_knows_best_where_it_is(playing: World) -> None:
    playing.after(5_000)
    await report(playing, position_ms=3_000)
    playing.after(2_000)

    assert position(playing) == 5_000
    assert playing.player.executed == playing.player.command_version


async def test_a_late_report_does_not_undo_a_newer_command(playing: World) -> None:
    before = playing.player.command_version
    playing.after(5_000)
    await playing.commands.pause(ANNA, "")
    paused = playing.player

    await report(playing, command_version=before, position_ms=5_000)

    assert playing.player == paused


async def test_reports_that_overtook_each_other(playing: World) -> None:
    playing.after(10_000)
    await report(playing, position_ms=9_000)
    await report(playing, position_ms=2_000, timestamp=playing.now - 5_000)

    assert position(playing) == 9_000


async def test_what_is_as_expected_is_not_written(playing: World) -> None:
    await report(playing)
    writes = playing.players.writes
    for _ in range(5):
        playing.after(8_000)
        await report(playing)

    assert playing.players.writes == writes
    assert playing.players.devices["anna"]["kitchen"].seen_at == playing.now


async def test_a_device_that_stopped_by_itself(playing: World) -> None:
    playing.after(1_000)
    await report(playing, is_playing=False, position_ms=900)

    assert not playing.player.is_playing
    assert playing.player.position_ms == 900


@pytest.mark.parametrize(
    "fields",
    [
        {"device_id": "bath", "is_playing": False},
        {"uri": f"spotify:track:{track_id('b')}", "is_playing": False},
        {"command_version": 999, "is_playing": False},
    ],
)
async def test_reports_of_something_else(playing: World, fields: dict[str, object]) -> None:
    before = playing.player

    await report(playing, **fields)  # type: ignore[arg-type]  # by name

    assert playing.player == before


async def test_a_clock_that_goes_wrong_moves_nothing_far(playing: World) -> None:
    playing.after(10_000)
    await report(playing, position_ms=10_000, timestamp=playing.now + 86_400_000)
    assert position(playing) == 10_000
    playing.after(1_000)
    await report(playing, position_ms=5_000, timestamp=playing.now - 86_400_000)

    assert 5_000 <= position(playing) <= 7_000


async def test_a_place_behind_the_end_is_the_end(playing: World) -> None:
    await report(playing, position_ms=10**9)

    assert position(playing) == 200_000


async def test_a_volume_that_was_turned_at_the_device(playing: World) -> None:
    await report(playing, volume_percent=33)
    assert playing.players.devices["anna"]["kitchen"].volume == 33


async def test_a_volume_from_before_it_was_set_elsewhere(playing: World) -> None:
    before = playing.player.command_version
    await playing.commands.volume(ANNA, "", 5)

    await report(playing, command_version=before, volume_percent=90)

    assert playing.players.devices["anna"]["kitchen"].volume == 5
