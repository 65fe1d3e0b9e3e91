"""Showing how adding goes: bars and a table on a terminal, plain lines elsewhere."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from clients.cli.add import UNHAPPY, Fate, Outcome, Watcher
from clients.cli.api import Kind

_STYLES = {Fate.ready: "green", Fate.already: "green", Fate.same: "dim", Fate.sent: "cyan"}


class PlainLines(Watcher):
    """A line for each file whose fate is known."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def moved(self, path: Path, sent: int, size: int) -> None:
        """A log has no use for progress."""

    def settled(self, outcome: Outcome) -> None:
        if is_worth_telling(outcome):
            self._console.print(line_of(outcome), markup=False, highlight=False, soft_wrap=True)


class Bars(Watcher):
    """A bar for each file on its way; enter it as a context."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[Path, TaskID] = {}

    def moved(self, path: Path, sent: int, size: int) -> None:
        if path not in self._tasks:
            self._tasks[path] = self._progress.add_task(escape(path.name), total=size)
        self._progress.update(self._tasks[path], completed=sent, visible=sent < size)

    def settled(self, outcome: Outcome) -> None:
        if outcome.path in self._tasks:
            self._progress.update(self._tasks[outcome.path], visible=False)


def bars_on(console: Console) -> Progress:
    """Where `Bars` draws."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
        transient=True,
    )


def is_worth_telling(outcome: Outcome) -> bool:
    """Covers are mentioned only when something is wrong with them."""
    return outcome.kind is Kind.audio or outcome.fate in UNHAPPY or bool(outcome.warnings)


def table_of(outcomes: Sequence[Outcome]) -> Table:
    table = Table("File", "Fate", "Track, or why not")
    for outcome in filter(is_worth_telling, outcomes):
        style = _STYLES.get(outcome.fate, "red")
        table.add_row(
            escape(outcome.path.name), f"[{style}]{outcome.fate}[/]", escape(result_of(outcome))
        )
    return table


def line_of(outcome: Outcome) -> str:
    result = result_of(outcome).replace("\n", "; ")
    return f"{outcome.fate}: {outcome.path}" + (f": {result}" if result else "")


def result_of(outcome: Outcome) -> str:
    """The track's URI or the reason, then the warnings, one a line."""
    what = f"spotify:track:{outcome.track_id}" if outcome.track_id else outcome.detail
    return "\n".join(filter(None, (what, *(f"warning: {text}" for text in outcome.warnings))))


def summary_of(outcomes: Sequence[Outcome]) -> str:
    """One line: how many files met which fate."""
    songs = [outcome.fate for outcome in outcomes if outcome.kind is Kind.audio]
    return ", ".join(f"{songs.count(fate)} {fate}" for fate in Fate if fate in songs)
