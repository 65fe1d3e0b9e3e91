import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from clients.cli.api import ApiError, Unreachable
from clients.cli.reports import Spool
from clients.cli.speaker.device import Speaker
from clients.cli.speaker.sse import Event
from shared import ids
from tests.unit.clients.cli.speaker.fakes import (
    DURATION_MS,
    ME,
    FakeOutput,
    FakePlatform,
    command,
    uri,
)


class Living:
    """A speaker, the platform it speaks with and the output it plays on."""

    def __init__(self, folder: Path) -> None:
        self.platform = FakePlatform()
        self.outputs: list[FakeOutput] = []
        self.said: list[str] = []
        self.spool = Spool(folder / "plays.jsonl")
        self.speaker = Speaker(
            self.platform,  # type: ignore[arg-type]  # the calls that it makes
            self._output,
            self.spool,
            device_id=ME,
            name="Kitchen",
            say=self.said.append,
            sleep=self._sleep,
        )
        self.task = asyncio.create_task(self.speaker.run())

    def _output(self, ended: Callable[[Exception | None], None]) -> FakeOutput:
        self.outputs.append(FakeOutput(ended))
        return self.outputs[0]

    async def _sleep(self, seconds: float) -> None:
        # Heartbeats would fill the lists.
        await asyncio.sleep(3600 if seconds > 5 else 0)

    @property
    def output(self) -> FakeOutput:
        return self.outputs[0]

    async def hears(self, *said: object) -> None:
        """And has done it."""
        for each in said:
            self.platform.coming.put_nowait(each)  # type: ignore[arg-type]  # commands and others
        await settled()


async def settled() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def soon(holds: Callable[[], bool]) -> None:
    """What waits for a thread takes as long as the machine is busy."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  # what is waited for tells nobody
            await asyncio.sleep(0.01)


@pytest.fixture
async def living(tmp_path: Path) -> AsyncIterator[Living]:
    life = Living(tmp_path)
    await settled()
    yield life
    life.task.cancel()
    with contextlib.suppress(asyncio.CancelledError, ApiError):
        await life.task


TRACK = ids.derive("track", "a")


async def test_plays_from_where_it_is_told(living: Living) -> None:
    await living.hears(command(5))

    assert living.output.told == [("load", TRACK), ("play", 50)]
    doing = living.platform.doings[-1]
    assert (doing.command_version, doing.uri, doing.is_playing) == (5, uri("a"), True)
    assert 50_000 <= doing.position_ms < 51_000


async def test_pause_and_resume_do_not_move(living: Living) -> None:
    await living.hears(command(5))
    living.output.position_ms = 60_000
    await living.hears(command(6, positioned=5, is_playing=False, position_ms=59_000))
    assert living.output.told[-1] == ("stop", 60)
    assert not living.platform.doings[-1].is_playing

    await living.hears(command(7, positioned=5, position_ms=59_000))

    assert living.output.told[-1] == ("play", 60)


async def test_a_seek_moves(living: Living) -> None:
    await living.hears(command(5), command(6, action="seek", position_ms=9_000))

    assert living.output.told[-1] == ("play", 9)


async def test_a_seek_while_paused_counts_when_it_goes_on(living: Living) -> None:
    await living.hears(
        command(5),
        command(6, positioned=5, is_playing=False),
        command(7, action="seek", position_ms=9_000, is_playing=False),
        command(8, positioned=7, position_ms=9_000),
    )

    assert living.output.told[-1] == ("play", 9)


async def test_options_leave_the_sound_alone(living: Living) -> None:
    await living.hears(command(5))
    told = list(living.output.told)
    await living.hears(command(6, action="options", positioned=5))

    assert living.output.told == told
    assert living.platform.doings[-1].command_version == 6


async def test_what_was_missed_needs_no_catching_up(living: Living) -> None:
    await living.hears(command(5))
    other = ids.derive("track", "b")
    await living.hears(command(30, turn=9, uri=uri("b"), position_ms=1_000))
    await soon(lambda: living.platform.doings[-1].command_version == 30)

    assert living.output.told[-2:] == [("load", other), ("play", 1)]


async def test_late_commands_are_passed_over(living: Living) -> None:
    await living.hears(command(8))
    told = list(living.output.told)
    await living.hears(command(7, is_playing=False), command(8))

    assert living.output.told == told


async def test_another_device_plays_now(living: Living) -> None:
    await living.hears(command(5))
    await living.hears(command(6, device_id="bath"))
    await soon(lambda: living.platform.doings[-1].command_version == 6)

    assert living.output.told[-1] == ("stop", 50)


async def test_coming_back_loads_anew(living: Living) -> None:
    await living.hears(command(5), command(6, device_id="bath"), command(7, position_ms=70_000))
    await soon(lambda: living.platform.doings[-1].command_version == 7)

    assert living.output.told[-2:] == [("load", TRACK), ("play", 70)]


async def test_goes_to_the_next_track_once(living: Living) -> None:
    await living.hears(command(5))
    living.platform.after = command(6, turn=3, uri=uri("b"), position_ms=0)
    living.output.end()
    await soon(lambda: living.output.is_playing)

    assert living.platform.advances == [2]
    assert living.output.told[-2:] == [("load", ids.derive("track", "b")), ("play", 0)]


async def test_asks_again_while_the_platform_is_away(living: Living) -> None:
    await living.hears(command(5))
    living.platform.current = command(6, turn=3, uri=uri("b"), position_ms=0)
    living.platform.after = Unreachable("away")
    living.output.end()
    await soon(lambda: living.output.is_playing)

    assert living.platform.advances == [2, 2]
    assert living.output.told[-1] == ("play", 0)


async def test_stops_when_there_is_nothing_more(living: Living) -> None:
    await living.hears(command(5))
    living.platform.after = command(6, action="stop", is_playing=False, position_ms=0)
    living.output.end()
    await soon(lambda: living.platform.doings[-1].command_version == 6)

    assert not living.output.is_playing
    assert living.platform.doings[-1].position_ms == 0


async def test_what_was_heard_is_reported(living: Living) -> None:
    await living.hears(command(5))
    living.output.position_ms = 65_000
    await living.hears(command(6, action="seek", position_ms=100_000, positioned=6))
    living.platform.after = command(7, turn=3, uri=uri("b"), position_ms=0)
    living.output.end()
    await soon(lambda: bool(living.spool.waiting()))

    (report,) = living.spool.waiting()
    assert report.track_id == TRACK
    assert report.reason_end == "finished"
    assert report.seeks == 1
    assert report.end_position_ms == DURATION_MS
    assert 114_000 <= report.ms_played <= 115_500


async def test_a_skip_is_reported_as_one(living: Living) -> None:
    await living.hears(command(5))
    living.output.position_ms = 53_000
    await living.hears(command(6, turn=3, uri=uri("b"), position_ms=0))
    await soon(lambda: bool(living.spool.waiting()))

    (report,) = living.spool.waiting()
    assert report.reason_end == "skipped"
    assert 2_000 <= report.ms_played <= 3_000


async def test_connects_again_and_says_where_it_was(living: Living) -> None:
    await living.hears(command(5), Unreachable("gone"), command(6, is_playing=False))
    await soon(lambda: living.platform.doings[-1].command_version == 6)

    assert living.platform.last_ids[:2] == ["", "5"]
    assert living.platform.registrations >= 2
    assert not living.output.is_playing


async def test_gives_up_when_it_may_not(living: Living) -> None:
    living.platform.coming.put_nowait(ApiError(401, "The access token expired"))
    await settled()

    assert living.task.done()
    assert isinstance(living.task.exception(), ApiError)


async def test_a_track_that_cannot_be_played(living: Living) -> None:
    living.output.problem = ApiError(404, "Track not found or not playable")
    await living.hears(command(5))

    assert not living.platform.doings[-1].is_playing
    assert any("Cannot play" in said for said in living.said)


async def test_another_session_took_over(living: Living) -> None:
    await living.hears(command(5))
    await soon(lambda: living.output.is_playing)
    await living.hears(Event("session_taken_over", '{"session":"x","by":"y"}', "6"))
    await soon(lambda: not living.output.is_playing)
    await soon(lambda: not living.platform.doings[-1].is_playing)

    assert living.said[-1] == "Playback was taken over by y."


async def test_a_command_after_that_takes_over_again(living: Living) -> None:
    await living.hears(command(5))
    await soon(lambda: living.output.is_playing)
    await living.hears(Event("session_taken_over", '{"session":"x","by":"y"}', "6"))
    await soon(lambda: not living.output.is_playing)

    await living.hears(command(7))

    await soon(lambda: living.output.is_playing)


async def test_nonsense_is_passed_over(living: Living) -> None:
    await living.hears(Event("command", "{", "1"), Event("hello", "x", "2"), command(5))

    assert living.output.is_playing


async def test_says_goodbye(living: Living) -> None:
    await living.hears(command(5))
    living.output.position_ms = 90_000
    living.task.cancel()
    await asyncio.gather(living.task, return_exceptions=True)

    assert living.platform.left
    assert not living.output.is_playing
    assert [play.reason_end for play in living.platform.plays] == ["stopped"]
