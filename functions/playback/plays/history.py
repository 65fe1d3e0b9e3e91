"""What a listener's days say: what was played last, what most, and where to go on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from functions.playback.plays.journal import Entry

MOST_RECENT = 500
RANGES = {"short_term": 28, "medium_term": 182, "long_term": 365}
"""Days of each range of the tops."""

# Of the end of a track: nobody wants to go on within its last seconds.
_ENDED_WITHIN_MS = 10_000


class Slice(NamedTuple):
    """A page of recent plays, newest first, and whether more follow."""

    entries: list[Entry]
    more: bool
    total: int


class Resume(NamedTuple):
    """Where a track was left. `played_at` in µs; `position_ms` is 0 where it was heard out."""

    position_ms: int
    played_at: int
    finished: bool


@dataclass(frozen=True)
class Cursor:
    """Only plays after, or before, a moment (ms since the epoch); at most one of them is given."""

    after_ms: int | None = None
    before_ms: int | None = None


def recent(newest_first: Sequence[Entry], cursor: Cursor, limit: int) -> Slice:
    """A page of the last `MOST_RECENT` plays that count.

    After a moment come those that followed it next, so that nothing is missed by who goes on from
    there; else the newest.
    """
    listed = list(newest_first[:MOST_RECENT])
    found = [entry for entry in listed if _is_within(entry, cursor)]
    page = found[-limit:] if cursor.after_ms is not None else found[:limit]
    return Slice(page, len(found) > len(page), len(listed))


def _is_within(entry: Entry, cursor: Cursor) -> bool:
    played_at_ms = entry.started_at // 1000
    if cursor.after_ms is not None:
        return played_at_ms > cursor.after_ms
    return cursor.before_ms is None or played_at_ms < cursor.before_ms


def top(weights: Iterable[tuple[str, int]], most: int = 1000) -> list[str]:
    """The ids with the highest sums; equal ones in the order of their ids."""
    sums: Counter[str] = Counter()
    for id, weight in weights:
        sums[id] += weight
    ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return [id for id, _ in ranked[:most]]


def track_counts(entries: Iterable[Entry]) -> Counter[str]:
    """How often each track was played."""
    return Counter(entry.track_id for entry in entries if entry.counted)


def resume_points(newest_first: Iterable[Entry], wanted: Iterable[str]) -> dict[str, Resume]:
    """Of each track that was played, what its newest play says."""
    missing = set(wanted)
    points: dict[str, Resume] = {}
    for entry in newest_first:
        if entry.track_id not in missing:
            continue
        missing.discard(entry.track_id)
        finished = entry.reason_end == "finished" or (
            0 < entry.duration_ms <= entry.end_position_ms + _ENDED_WITHIN_MS
        )
        position = 0 if finished else entry.end_position_ms
        points[entry.track_id] = Resume(position, entry.started_at, finished)
        if not missing:
            break
    return points
