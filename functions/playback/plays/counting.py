"""Works out what listeners' days add to the numbers of plays of tracks, albums and artists."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from functions.playback.plays.journal import Entry, day_of, untold
from functions.playback.plays.store import StoredDay

# Firestore takes more in one batch; a smaller one meets fewer that change meanwhile.
MOST_WRITES = 400


class Item(NamedTuple):
    """What is counted. `type` is track, album or artist."""

    type: str
    id: str

    @property
    def name(self) -> str:
        """Of its document."""
        return f"{self.type}:{self.id}"


Parents = Mapping[str, Sequence[Item]]
"""By track, its album and its artists; tracks that are gone have none."""


@dataclass
class Tally:
    """One batch: days whose plays are now told, and by how much that raises the numbers."""

    days: list[tuple[StoredDay, list[Entry]]] = field(default_factory=list)
    plays: dict[Item, Counter[str]] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        return len(self.days) + len(self.plays)


def track_ids(days: Iterable[StoredDay]) -> list[str]:
    """The tracks that are to be counted."""
    return list(dict.fromkeys(entry.track_id for day in days for entry in untold(day.entries)))


def tallies(days: Iterable[StoredDay], parents: Parents) -> list[Tally]:
    """All that is untold, in batches. A day with too many tracks for one is told in part."""
    made: list[Tally] = []
    tally = Tally()
    for day in days:
        entries, complete = _tell(day, tally, parents)
        while not complete:
            if entries is not None:
                # The rest of this day is for the next time: it is one write, in one batch.
                break
            made.append(tally)
            tally = Tally()
            entries, complete = _tell(day, tally, parents)
        if entries is not None:
            tally.days.append((day, entries))
    return [*made, *([tally] if tally.days else [])]


def _tell(day: StoredDay, tally: Tally, parents: Parents) -> tuple[list[Entry] | None, bool]:
    """The day's entries with those that fitted marked, and whether that is all of them.

    None if not one of them fitted.
    """
    told: set[str] = set()
    complete = True
    for entry in untold(day.entries):
        items = [Item("track", entry.track_id), *parents.get(entry.track_id, ())]
        missing = sum(item not in tally.plays for item in items)
        if tally.writes + missing + 1 > MOST_WRITES:
            complete = False
            continue
        for item in items:
            tally.plays.setdefault(item, Counter())[day_of(entry.started_at)] += 1
        told.add(entry.play_id)
    if not told:
        return None, complete
    return [
        msgspec.structs.replace(entry, told=True) if entry.play_id in told else entry
        for entry in day.entries
    ], complete
