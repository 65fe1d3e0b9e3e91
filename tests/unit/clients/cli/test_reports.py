from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from clients.cli.api import ApiError, Unreachable
from clients.cli.reports import MOST_IN_A_BATCH, PlayReport, Spool


def report(at: int) -> PlayReport:
    return PlayReport(
        play_id=f"play-{at}",
        track_id="t",
        started_at=at,
        ms_played=30_000,
        start_position_ms=0,
        end_position_ms=30_000,
        duration_ms=60_000,
        reason_start="play",
        reason_end="finished",
    )


class FakePlatform:
    """`answers` are used up, one a batch; None takes it."""

    def __init__(self, *answers: Exception | None) -> None:
        self._answers = list(answers)
        self.taken: list[str] = []

    async def report_plays(self, plays: Sequence[PlayReport]) -> None:
        if self._answers and (problem := self._answers.pop(0)) is not None:
            raise problem
        assert 1 <= len(plays) <= MOST_IN_A_BATCH
        self.taken += [play.play_id for play in plays]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "deep" / "plays.jsonl")


async def test_nothing_waits_at_first(spool: Spool) -> None:
    assert await spool.send(FakePlatform()) == 0


async def test_reports_survive_the_program(spool: Spool, tmp_path: Path) -> None:
    spool.add(report(1))
    again = Spool(tmp_path / "deep" / "plays.jsonl")

    assert again.waiting() == [report(1)]


async def test_all_are_sent_in_order_and_in_batches(spool: Spool) -> None:
    wanted = MOST_IN_A_BATCH + 3
    for at in range(wanted):
        spool.add(report(at))
    platform = FakePlatform()

    assert await spool.send(platform) == wanted
    assert platform.taken == [f"play-{at}" for at in range(wanted)]
    assert spool.waiting() == []


@pytest.mark.parametrize("problem", [Unreachable("away"), ApiError(503, ""), ApiError(401, "")])
async def test_what_cannot_go_now_stays(spool: Spool, problem: Exception) -> None:
    spool.add(report(1))
    platform = FakePlatform(problem)

    assert await spool.send(platform) == 0
    assert await spool.send(platform) == 1


async def test_what_is_never_taken_holds_nothing_up(spool: Spool) -> None:
    spool.add(report(1))
    await spool.send(FakePlatform(ApiError(400, "nonsense")))

    assert spool.waiting() == []


async def test_a_line_that_broke_off(spool: Spool, tmp_path: Path) -> None:
    spool.add(report(1))
    file = tmp_path / "deep" / "plays.jsonl"
    file.write_bytes(msgspec.json.encode(report(0))[:20] + b"\n" + file.read_bytes() + b'{"pl')

    assert spool.waiting() == [report(1)]


async def test_what_comes_while_others_are_sent_is_kept(spool: Spool) -> None:
    class Slow(FakePlatform):
        async def report_plays(self, plays: Sequence[PlayReport]) -> None:
            await super().report_plays(plays)
            if len(self.taken) == 1:
                spool.add(report(2))

    spool.add(report(1))
    platform = Slow()

    assert await spool.send(platform) == 2
    assert platform.taken == ["play-1", "play-2"]
