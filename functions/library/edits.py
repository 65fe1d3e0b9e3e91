"""The edits of a playlist's items: what clients ask for, worked out as a splice. Without I/O.

Positions that a client took from an older snapshot are followed to where those items are now. An
item that somebody has removed meanwhile is left out; nothing else is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from functions.library.sequence import Entry
from functions.library.splices import Since, Splice, ranges
from shared.errors import BadRequest

MOST_ITEMS = 10_000
MOST_A_CALL = 100


@dataclass(frozen=True)
class Sheet:
    """The playlist that is edited. `since` is of the snapshot that the client has seen.

    `entries` are all of them for an edit that reads them, otherwise none.
    """

    total: int
    since: Since
    entries: Sequence[Entry] = ()


class Planned(NamedTuple):
    """What to do, and the entries that come in."""

    splice: Splice
    entries: Sequence[Entry] = ()


class Edit(Protocol):
    """Raises `BadRequest` where it cannot be done."""

    @property
    def reads_entries(self) -> bool: ...

    def planned(self, sheet: Sheet) -> Planned: ...


@dataclass(frozen=True)
class Add:
    """`position` None: at the end."""

    entries: Sequence[Entry]
    position: int | None = None
    reads_entries: bool = False

    def planned(self, sheet: Sheet) -> Planned:
        at = sheet.total if self.position is None else self.position
        if not 0 <= at <= sheet.total:
            raise BadRequest("Invalid position: index out of bounds")
        if sheet.total + len(self.entries) > MOST_ITEMS:
            raise BadRequest(f"Playlist size limit reached: at most {MOST_ITEMS} items")
        return Planned(Splice((), at, len(self.entries)), self.entries)


@dataclass(frozen=True)
class Replace:
    """All items by these."""

    entries: Sequence[Entry]
    reads_entries: bool = False

    def planned(self, sheet: Sheet) -> Planned:
        everything = ((0, sheet.total),) if sheet.total else ()
        return Planned(Splice(everything, 0, len(self.entries)), self.entries)


@dataclass(frozen=True)
class Reorder:
    """Moves a stretch of items to before another."""

    range_start: int
    insert_before: int
    range_length: int = 1
    reads_entries: bool = False

    def planned(self, sheet: Sheet) -> Planned:
        total, end = sheet.since.total, self.range_start + self.range_length
        if self.range_length < 1:
            raise BadRequest("Invalid range_length: must be positive")
        if not 0 <= self.range_start < end <= total:
            raise BadRequest("Invalid range_start: index out of bounds")
        if not 0 <= self.insert_before <= total:
            raise BadRequest("Invalid insert_before: index out of bounds")
        found = (sheet.since.position(at) for at in range(self.range_start, end))
        moved = ranges(at for at in found if at is not None)
        count = sum(end - start for start, end in moved)
        return Planned(Splice(moved, sheet.since.gap(self.insert_before), count, moved=True))


@dataclass(frozen=True)
class Removal:
    """An item by its id; `positions` None: wherever it is."""

    id: str
    positions: Sequence[int] | None = None


@dataclass(frozen=True)
class Remove:
    """Takes items out."""

    removals: Sequence[Removal]
    reads_entries: bool = field(default=True)

    def planned(self, sheet: Sheet) -> Planned:
        everywhere = {each.id for each in self.removals if each.positions is None}
        gone = {at for at, entry in enumerate(sheet.entries) if entry.id in everywhere}
        for each in self.removals:
            for position in each.positions or ():
                if (now := self._found(each.id, position, sheet)) is not None:
                    gone.add(now)
        return Planned(Splice(ranges(gone)))

    def _found(self, id: str, position: int, sheet: Sheet) -> int | None:
        if not 0 <= position < sheet.since.total:
            raise BadRequest("Invalid positions: index out of bounds")
        now = sheet.since.position(position)
        if now is not None and sheet.entries[now].id != id:
            raise BadRequest(f"Invalid positions: the item at {position} is another one")
        return now
