"""The command `import`: a whole catalogue from a file, without its audio."""

import asyncio
import collections
import json
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, NamedTuple

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from clients.cli.api import Api
from clients.cli.catalogue_file import CatalogueFile, Line, Refusal
from clients.cli.connections import Connections
from clients.cli.failures import REJECTED, Unusable, explained
from clients.cli.options import ApiOption, TokenFileOption
from clients.cli.settings import Settings

_LONGEST_NAME = 255
_SECONDS_A_LINE = 10.0

# Entries of a report that are looked at for what it says already.
_REMEMBERED = 100_000

Told = Callable[[int], None]


class Counts(NamedTuple):
    """Lines that are in the catalogue, and those that are not."""

    accepted: int
    refused: int


class Import(msgspec.Struct):
    """How far an import has come: the batch that it expects next, and its counts of lines."""

    id: str
    next_sequence: int
    accepted: int
    refused: int


class Refused(msgspec.Struct):
    """An item of a batch by its place in it, from 1, and why it was not imported."""

    line: int
    reason: str


class Answer(msgspec.Struct):
    """What became of a batch."""

    accepted: int
    refused: list[Refused]


class _Entry(msgspec.Struct):
    line: int


class _Batch(msgspec.Struct):
    sequence: int
    items: list[msgspec.Raw]


class ImportApi(Api):
    """The API, as far as it imports."""

    async def open_import(self, name: str, sha256: str) -> Import:
        """A new import, or how far that of the same file has come."""
        answer = await self._call("POST", "/v1/imports", body={"name": name, "sha256": sha256})
        return msgspec.json.decode(answer.content, type=Import)

    async def import_batch(self, import_id: str, sequence: int, lines: list[Line]) -> Answer:
        """A batch that is sent again is answered as the first time."""
        batch = _Batch(sequence, [msgspec.Raw(line.text) for line in lines])
        answer = await self._call("POST", f"/v1/imports/{import_id}/batches", body=batch)
        return msgspec.json.decode(answer.content, type=Answer)


class Report:
    """Refused lines, written as JSON Lines when they are known; without a file only counted."""

    def __init__(self, file: IO[str] | None, known: set[int]) -> None:
        self._file = file
        self._known = known
        self.refused = 0

    def refuse(self, refusal: Refusal) -> None:
        """Once a line, though an import that is taken up again may say it twice."""
        self.refused += 1
        if self._file is not None and refusal.number not in self._known:
            entry = {"line": refusal.number, "reason": refusal.reason}
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()


@contextmanager
def report_to(path: Path | None) -> Iterator[Report]:
    """A report that goes on where the one in the file ended; raises `OSError`."""
    if path is None:
        yield Report(None, set())
        return
    with path.open("a+", encoding="utf-8") as file:
        file.seek(0)
        # What the last batch may have said, and lines that are refused unsent.
        last = collections.deque(file, maxlen=_REMEMBERED)
        yield Report(file, {number for text in last if (number := _number_in(text))})


def _number_in(entry: str) -> int:
    """0 for a line that was half written."""
    try:
        return msgspec.json.decode(entry, type=_Entry).line
    except msgspec.DecodeError:
        return 0


async def send(
    api: ImportApi, file: CatalogueFile, name: str, report: Report, told: Told
) -> Counts:
    """Sends what was not sent before; returns what became of the whole file.

    `told` hears how many lines are done. Raises what `Api` raises.
    """
    known = await api.open_import(name[:_LONGEST_NAME], file.sha256)
    unsent = report.refused
    done, accepted, refused = unsent, known.accepted, known.refused
    for sequence, lines in enumerate(file.batches(), 1):
        # The last one that arrived is sent again: nobody may have heard its answer.
        if sequence >= known.next_sequence - 1:
            answer = await api.import_batch(known.id, sequence, lines)
            for each in answer.refused:
                report.refuse(Refusal(lines[each.line - 1].number, each.reason))
            report.flush()
            if sequence >= known.next_sequence:
                accepted += answer.accepted
                refused += len(answer.refused)
        done += len(lines)
        told(done)
    return Counts(accepted, unsent + refused)


def import_command(
    *,
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON Lines, as they are or in gzip.")],
    api: ApiOption = "",
    token_file: TokenFileOption = None,
    report: Annotated[
        Path | None, typer.Option(help="Write refused lines and why to this file.")
    ] = None,
) -> None:
    """Import artists, albums and tracks without audio; an operator may. Goes on where it was."""
    connections = Connections.of(context)
    console = Console()
    with explained():
        known = connections.settings(api=api, token_file=token_file)
    with explained(known):
        counts = asyncio.run(_import(connections, console, known, file, report))
    console.print(f"{counts.accepted} imported, {counts.refused} refused", highlight=False)
    if counts.refused:
        raise typer.Exit(REJECTED)


def register(app: typer.Typer) -> None:
    app.command("import")(import_command)


async def _import(
    connections: Connections, console: Console, known: Settings, path: Path, report: Path | None
) -> Counts:
    async with connections.api_as(ImportApi, known) as api:
        try:
            with (
                report_to(report) as written,
                CatalogueFile(path, written.refuse) as file,
                _progress(console, file.lines) as told,
            ):
                return await send(api, file, path.name, written, told)
        except (OSError, EOFError, zlib.error) as error:
            raise Unusable(f"{path} cannot be read: {error}") from error


@contextmanager
def _progress(console: Console, lines: int) -> Iterator[Told]:
    """A bar on a terminal, a line now and then elsewhere."""
    if console.is_terminal:
        bar = Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console)
        with bar:
            task = bar.add_task("", total=lines)
            yield lambda done: bar.update(task, completed=done)
        return
    told_at = time.monotonic()

    def tell(done: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _SECONDS_A_LINE:
            told_at = time.monotonic()
            console.print(f"{done} of {lines} lines", highlight=False)

    yield tell
