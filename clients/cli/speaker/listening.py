"""What becomes of a track while it is played here: the report of it."""

import time
from collections.abc import Callable

from clients.cli.reports import PlayReport
from clients.cli.speaker.connect import DEVICE_TYPE, Command
from shared import ids


class Listening:
    """One track from its beginning here to its end here; pauses do not count."""

    def __init__(
        self,
        command: Command,
        device_id: str,
        position_ms: int,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._command = command
        self._device_id = device_id
        self._play_id = ids.random()
        self._started_at = round(clock() * 1000)
        self._first_ms = position_ms
        self._from_ms: int | None = None
        self._played_ms = 0
        self.seeks = 0

    def plays_from(self, position_ms: int) -> None:
        self._from_ms = position_ms

    def stops_at(self, position_ms: int) -> None:
        if self._from_ms is not None:
            self._played_ms += max(0, position_ms - self._from_ms)
        self._from_ms = None

    def report(self, position_ms: int, reason_end: str) -> PlayReport | None:
        """The whole of it; None if nothing was heard."""
        self.stops_at(position_ms)
        command = self._command
        if not self._played_ms:
            return None
        return PlayReport(
            play_id=self._play_id,
            track_id=command.uri.rpartition(":")[2],
            started_at=self._started_at,
            ms_played=self._played_ms,
            start_position_ms=self._first_ms,
            end_position_ms=position_ms,
            duration_ms=command.duration_ms,
            reason_start=command.action,
            reason_end=reason_end,
            context_uri=command.context_uri,
            device_id=self._device_id,
            device_type=DEVICE_TYPE,
            seeks=self.seeks,
            shuffle=command.shuffle_state,
        )
