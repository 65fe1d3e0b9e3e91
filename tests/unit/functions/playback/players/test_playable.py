"""What is explicit, for somebody who has turned that off."""

import pytest

from functions.playback.errors import Refused
from functions.playback.players.model import Repeat
from functions.playback.players.starting import Offset, PlayRequest
from shared.errors import NotFound
from tests.unit.functions.playback.players.fakes import ANNA, FILTERED, World, track, track_id

MESSAGE = "Explicit content is turned off for this account"


@pytest.fixture
def mixed(world: World) -> str:
    """Tracks a to e, of which b and c are explicit."""
    return world.catalog.album("mixed", *(track(each, explicit=each in "bc") for each in "abcde"))


@pytest.fixture
def bold(world: World) -> str:
    return world.catalog.album("bold", *(track(each, explicit=True) for each in "xyz"))


async def play(world: World, context: str, at: int = 0) -> None:
    asked = PlayRequest(context_uri=context, offset=Offset(position=at))
    await world.starter.play(FILTERED, "kitchen", asked)


def refused(error: pytest.ExceptionInfo[Refused]) -> tuple[int, str, str]:
    return error.value.status, error.value.reason, error.value.message


async def test_a_context_passes_over_it(world: World, mixed: str) -> None:
    await play(world, mixed)
    heard = world.playing
    for _ in range(2):
        await world.commands.advance(FILTERED, "kitchen", world.player.turn)
        heard += world.playing
    await world.commands.previous(FILTERED, "")
    await world.commands.previous(FILTERED, "")
    assert heard + world.playing == "adea"


async def test_beginning_at_it_begins_at_the_next(world: World, mixed: str) -> None:
    await play(world, mixed, at=1)
    assert world.playing == "d"


async def test_nothing_else_there_is_refused(world: World, bold: str) -> None:
    with pytest.raises(Refused) as error:
        await play(world, bold)
    assert refused(error) == (403, "CONTEXT_DISALLOW", MESSAGE)
    one = PlayRequest(uris=[f"spotify:track:{track_id('x')}"])
    with pytest.raises(Refused) as error:
        await world.starter.play(FILTERED, "kitchen", one)
    assert refused(error) == (403, "CONTEXT_DISALLOW", MESSAGE)
    assert "anna" not in world.players.players, "nothing was written"


async def test_what_could_not_be_played_anyway_is_not_the_filters(world: World) -> None:
    named = world.catalog.album("named", track("n", explicit=True, playable=False))
    with pytest.raises(Refused) as error:
        await play(world, named)
    assert refused(error)[:2] == (404, "NO_SPECIFIC_TRACK")
    with pytest.raises(NotFound):
        await world.commands.enqueue(FILTERED, "kitchen", track_id("n"))


async def test_it_is_not_queued(world: World, mixed: str) -> None:
    await play(world, mixed)
    with pytest.raises(Refused) as error:
        await world.commands.enqueue(FILTERED, "", track_id("b"))
    assert refused(error) == (403, "CONTEXT_DISALLOW", MESSAGE)
    await world.commands.enqueue(FILTERED, "", track_id("e"))
    assert world.player.queue == [track_id("e")]


async def test_what_was_queued_before_is_passed_over(world: World, mixed: str) -> None:
    await play(world, mixed)
    await world.commands.enqueue(ANNA, "", track_id("c"))
    await world.commands.next(FILTERED, "")
    assert (world.playing, world.player.queue) == ("d", [])


@pytest.fixture
async def begun(world: World, mixed: str) -> World:
    """The explicit b plays, and is paused when the filter is turned on."""
    asked = PlayRequest(context_uri=mixed, offset=Offset(position=1))
    await world.starter.play(ANNA, "kitchen", asked)
    await world.commands.pause(ANNA, "")
    return world


async def test_what_was_begun_before_is_not_gone_on_with(begun: World) -> None:
    await begun.commands.resume(FILTERED, "", None)
    assert (begun.playing, begun.player.position_ms, begun.player.is_playing) == ("d", 0, True)


async def test_it_is_not_moved_to_another_device_to_be_played(begun: World) -> None:
    await begun.commands.transfer(FILTERED, "bath", play=False)
    assert (begun.playing, begun.player.is_playing) == ("b", False)
    await begun.commands.transfer(FILTERED, "kitchen", play=True)
    assert (begun.playing, begun.player.device_id) == ("d", "kitchen")


async def test_with_nothing_to_go_on_with_it_is_refused(world: World, bold: str) -> None:
    await world.starter.play(ANNA, "kitchen", PlayRequest(context_uri=bold))
    await world.commands.repeat(ANNA, "", Repeat.track)
    for command in (
        world.commands.resume(FILTERED, "", None),
        world.commands.transfer(FILTERED, "bath", play=True),
    ):
        with pytest.raises(Refused) as error:
            await command
        assert refused(error) == (403, "CONTEXT_DISALLOW", MESSAGE)
    with pytest.raises(Refused) as error:
        await world.commands.next(FILTERED, "")
    assert error.value.reason == "NO_NEXT_TRACK"
    await world.commands.advance(FILTERED, "kitchen", world.player.turn)
    assert not world.player.is_playing


async def test_the_same_person_before_hears_it_all(begun: World) -> None:
    await begun.commands.resume(ANNA, "", None)
    assert (begun.playing, begun.player.is_playing) == ("b", True)
