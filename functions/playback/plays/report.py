"""Play reports as clients send them: each is taken or refused on its own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, NamedTuple

import msgspec

from shared import ids
from shared.events import Play
from shared.tokens import Caller

MOST_PLAYS = 500

_FUTURE_MS = 5 * 60 * 1000
_TOO_OLD_MS = 30 * 24 * 3600 * 1000
_LONGEST_MS = 24 * 3600 * 1000
# Players round, and what they know of a track's length may be a little off.
_TOLERANCE_MS = 5000
_COUNTS_AFTER_MS = 30_000
_MOST_SEEKS = 1_000_000

_PLAY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

_ShortText = Annotated[str, msgspec.Meta(max_length=128)]
# What JavaScript can count, and any database hold.
_Whole = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
_LongText = Annotated[str, msgspec.Meta(max_length=512)]


class ReasonEnd(str, Enum):
    """Why a play came to its end. `lost`: the player did not live to say."""

    finished = "finished"
    skipped = "skipped"
    paused = "paused"
    stopped = "stopped"
    error = "error"
    lost = "lost"


class PlayReport(msgspec.Struct, frozen=True):
    """One play. `started_at` in ms since the epoch; `ms_played` without pauses; positions in ms.

    `play_id` is the client's own (a UUID, or 22 characters of base62): a retry repeats it.
    """

    play_id: str
    track_id: str
    started_at: _Whole
    ms_played: _Whole
    start_position_ms: _Whole = 0
    end_position_ms: _Whole = 0
    reason_start: _ShortText = ""
    reason_end: ReasonEnd = ReasonEnd.lost
    album_id: _ShortText = ""
    context_uri: _LongText = ""
    device_id: _ShortText = ""
    device_type: _ShortText = ""
    duration_ms: _Whole = 0
    seeks: _Whole = 0
    shuffle: bool = False
    offline: bool = False


class PlayReports(msgspec.Struct, frozen=True):
    """What `POST /v1/plays` takes. Each play is read on its own."""

    plays: Annotated[list[PlayReport], msgspec.Meta(min_length=1, max_length=MOST_PLAYS)]


class Refused(msgspec.Struct, frozen=True):
    """A play that was not taken: where it stood in the batch, and why."""

    index: int
    play_id: str
    reason: str


class Taken(msgspec.Struct, frozen=True):
    """How many plays were taken, and which were not. Those are not to be sent again."""

    accepted: int
    refused: list[Refused]


class KnownTrack(NamedTuple):
    """What of a track a play is checked against."""

    duration_ms: int
    album_id: str


@dataclass(frozen=True)
class Reading:
    """Plays that can be read, by their place in the batch, and those that cannot."""

    reports: dict[int, PlayReport]
    refused: list[Refused]

    def track_ids(self) -> list[str]:
        return list(dict.fromkeys(report.track_id for report in self.reports.values()))


class _Id(msgspec.Struct):
    play_id: str = ""


def read(plays: Sequence[msgspec.Raw], now_ms: int) -> Reading:
    """What can be said of the plays without knowing their tracks."""
    reports: dict[int, PlayReport] = {}
    refused: list[Refused] = []
    seen: set[str] = set()
    for index, raw in enumerate(plays):
        try:
            report = msgspec.json.decode(raw, type=PlayReport)
        except msgspec.DecodeError as error:
            refused.append(Refused(index, _play_id(raw), f"malformed: {error}"))
            continue
        reason = _unacceptable(report, now_ms)
        if not reason and report.play_id in seen:
            reason = "duplicate: this play_id came before in the same batch"
        if reason:
            refused.append(Refused(index, report.play_id[:64], reason))
        else:
            seen.add(report.play_id)
            reports[index] = report
    return Reading(reports, refused)


def plays_of(
    reading: Reading, known: Mapping[str, KnownTrack], caller: Caller, now_ms: int
) -> tuple[list[Play], list[Refused]]:
    """The plays to publish, and all that are refused, in the batch's order."""
    plays, refused = [], list(reading.refused)
    for index, report in reading.reports.items():
        track = known.get(report.track_id)
        reason = "unknown track" if track is None else _impossible(report, track.duration_ms)
        if track is None or reason:
            refused.append(Refused(index, report.play_id, reason))
        else:
            plays.append(_play(report, track, caller, now_ms))
    return plays, sorted(refused, key=lambda each: each.index)


def counts(ms_played: int, duration_ms: int) -> bool:
    """Half a minute was heard, or half of the track."""
    return ms_played >= _COUNTS_AFTER_MS or 0 < duration_ms <= 2 * ms_played


def _play_id(raw: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=_Id).play_id[:64]
    except msgspec.DecodeError:
        return ""


def _unacceptable(report: PlayReport, now_ms: int) -> str:
    """Why, or ""."""
    reason = ""
    if not _PLAY_ID.fullmatch(report.play_id):
        reason = "invalid play_id: 1 to 64 letters, digits, - or _"
    elif not ids.is_valid(report.track_id):
        reason = "invalid track_id: not a base62 id"
    elif min(report.start_position_ms, report.end_position_ms) < 0:
        reason = "negative position"
    elif not 0 <= report.ms_played <= _LONGEST_MS or not 0 <= report.seeks <= _MOST_SEEKS:
        reason = "impossible duration"
    elif report.started_at > now_ms + _FUTURE_MS:
        reason = "future: started_at is more than 5 minutes ahead"
    elif report.started_at < now_ms - _TOO_OLD_MS:
        reason = "too old: started_at is more than 30 days ago"
    elif report.started_at + report.ms_played > now_ms + _FUTURE_MS:
        reason = "impossible duration: it would end in the future"
    return reason


def _impossible(report: PlayReport, duration_ms: int) -> str:
    """Why the track cannot have been played like this, or ""."""
    if duration_ms <= 0:
        return ""
    most = duration_ms + _TOLERANCE_MS
    if max(report.start_position_ms, report.end_position_ms) > most:
        return "impossible position: beyond the track's end"
    if report.seeks == 0 and report.ms_played > most:
        return "impossible duration: longer than the track, without seeking"
    return ""


def _play(report: PlayReport, track: KnownTrack, caller: Caller, now_ms: int) -> Play:
    duration_ms = track.duration_ms or max(0, report.duration_ms)
    return Play(
        play_id=report.play_id,
        user_id=caller.subject,
        track_id=report.track_id,
        album_id=report.album_id or track.album_id,
        started_at=report.started_at * 1000,
        received_at=now_ms * 1000,
        ms_played=report.ms_played,
        start_position_ms=report.start_position_ms,
        end_position_ms=report.end_position_ms,
        duration_ms=duration_ms,
        reason_start=report.reason_start,
        reason_end=report.reason_end.value,
        context_uri=report.context_uri,
        device_id=report.device_id,
        device_type=report.device_type,
        app=caller.client_id,
        seeks=report.seeks,
        shuffle=report.shuffle,
        offline=report.offline,
        country=caller.country,
        plan=caller.plan,
        counted=counts(report.ms_played, duration_ms),
    )
