"""Play reports on their way to the platform: kept on disk until it has taken them."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from clients.cli.api import ApiError, Unreachable

MOST_IN_A_BATCH = 500
# Some years of listening; of what is over, the oldest goes.
MOST_KEPT = 50_000


class PlayReport(msgspec.Struct, frozen=True, kw_only=True):
    """One play. `started_at` in ms of the epoch, positions in ms; `ms_played` without pauses.

    `reason_end` is finished, skipped, paused, stopped, error or lost.
    """

    play_id: str
    track_id: str
    started_at: int
    ms_played: int
    start_position_ms: int
    end_position_ms: int
    duration_ms: int
    reason_start: str
    reason_end: str
    context_uri: str = ""
    device_id: str = ""
    device_type: str = ""
    seeks: int = 0
    shuffle: bool = False
    offline: bool = False


class Sends(Protocol):
    """Who sends reports; raises `ApiError` and `Unreachable`."""

    async def report_plays(self, plays: Sequence[PlayReport]) -> None: ...


class Spool:
    """Reports in a file of one line each, in the order they were made.

    A report that is sent twice counts once, so that it is sent again rather than lost.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, report: PlayReport) -> None:
        """Kept when this returns, whatever becomes of the program."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._file.open("ab") as lines:
            lines.write(msgspec.json.encode(report) + b"\n")
            lines.flush()
            os.fsync(lines.fileno())

    def waiting(self) -> list[PlayReport]:
        """The reports that have not been taken yet; a line that broke off is passed over."""
        try:
            lines = self._file.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        reports = []
        for line in lines:
            try:
                reports.append(msgspec.json.decode(line, type=PlayReport))
            except msgspec.DecodeError:
                continue
        return reports[-MOST_KEPT:]

    async def send(self, platform: Sends) -> int:
        """Sends what is waiting, and says how many were taken; what cannot go now stays."""
        sent = 0
        while batch := self.waiting()[:MOST_IN_A_BATCH]:
            try:
                await platform.report_plays(batch)
            except Unreachable:
                break
            except ApiError as error:
                # What the platform will never take must not hold up the rest.
                if error.status not in {400, 413, 422}:
                    break
            self._forget(batch)
            sent += len(batch)
        return sent

    def _forget(self, batch: Sequence[PlayReport]) -> None:
        gone = {report.play_id for report in batch}
        left = [report for report in self.waiting() if report.play_id not in gone]
        if not left:
            self._file.unlink(missing_ok=True)
            return
        with tempfile.NamedTemporaryFile(
            dir=self._file.parent, prefix=f".{self._file.name}-", delete=False
        ) as part:
            part.write(b"".join(msgspec.json.encode(report) + b"\n" for report in left))
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(self._file)
