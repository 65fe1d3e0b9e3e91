import io
from pathlib import Path

from rich.console import Console

from clients.cli import report
from clients.cli.add import Fate, Outcome
from clients.cli.api import Kind

READY = Outcome(Path("/m/[a].ogg"), Kind.audio, Fate.ready, track_id="T", warnings=["no cover"])
REJECTED = Outcome(Path("/m/b.ogg"), Kind.audio, Fate.rejected, "This is no audio")
COVER = Outcome(Path("/m/cover.jpg"), Kind.image, Fate.ready)
BAD_COVER = Outcome(Path("/m/cover.jpg"), Kind.image, Fate.rejected, "This is no picture")


def _console() -> tuple[Console, io.StringIO]:
    output = io.StringIO()
    return Console(file=output, width=200, force_terminal=True, color_system=None), output


def test_the_table_shows_what_became_of_each() -> None:
    console, output = _console()
    console.print(report.table_of([COVER, READY, REJECTED]))
    shown = output.getvalue()
    assert "[a].ogg" in shown
    assert "spotify:track:T" in shown
    assert "warning: no cover" in shown
    assert "This is no audio" in shown
    assert "cover.jpg" not in shown


def test_a_bad_cover_is_told() -> None:
    assert report.is_worth_telling(BAD_COVER)
    assert report.line_of(BAD_COVER) == "rejected: /m/cover.jpg: This is no picture"


def test_lines_are_plain() -> None:
    assert report.line_of(READY) == "ready: /m/[a].ogg: spotify:track:T; warning: no cover"


def test_the_summary_counts_songs() -> None:
    assert report.summary_of([COVER, READY, REJECTED, READY]) == "2 ready, 1 rejected"


def test_bars_follow_each_file_and_go_when_it_is_there() -> None:
    console, _ = _console()
    with report.bars_on(console) as progress:
        bars = report.Bars(progress)
        bars.moved(READY.path, 10, 100)
        bars.moved(REJECTED.path, 50, 200)
        bars.moved(READY.path, 60, 100)
        assert [(task.completed, task.visible) for task in progress.tasks] == [
            (60, True),
            (50, True),
        ]
        bars.settled(READY)
        assert [task.visible for task in progress.tasks] == [False, True]
        bars.settled(COVER)
