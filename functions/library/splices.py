"""An edit of a list as positions alone: what went, where something came, and how much of it.

Every edit is one splice, so that any position in an older state of a list can be followed to
where it is now.
"""

from collections.abc import Iterable, Sequence

import msgspec

Range = tuple[int, int]


class Splice(msgspec.Struct, frozen=True, array_like=True):
    """`removed`: ranges (start, end), in order and apart. `gap`: before which position `inserted`
    entries come; both in positions of the state before. `moved`: they are the removed ones.
    """

    removed: tuple[Range, ...] = ()
    gap: int = 0
    inserted: int = 0
    moved: bool = False

    @property
    def growth(self) -> int:
        """How many entries more (or fewer) the list has afterwards."""
        return self.inserted - sum(end - start for start, end in self.removed)

    def removed_before(self, position: int) -> int:
        return sum(min(end, position) - start for start, end in self.removed if start < position)

    def removes(self, position: int) -> bool:
        return any(start <= position < end for start, end in self.removed)

    def position_after(self, position: int) -> int | None:
        """Where the entry at `position` is afterwards; None if it is gone."""
        if self.removes(position):
            if not self.moved:
                return None
            return self.gap - self.removed_before(self.gap) + self.removed_before(position)
        return self._shifted(position)

    def gap_after(self, gap: int) -> int:
        """Where the gap before position `gap` is afterwards: after what came into it."""
        return self._shifted(gap)

    def _shifted(self, position: int) -> int:
        came = self.inserted if position >= self.gap else 0
        return position - self.removed_before(position) + came


class Since:
    """Follows positions of an older state through the splices made since.

    `total`: how many entries the older state had.
    """

    def __init__(self, splices: Sequence[Splice], total_now: int) -> None:
        self._splices = splices
        self.total = total_now - sum(splice.growth for splice in splices)

    def position(self, position: int) -> int | None:
        """None if the entry that was there is gone."""
        found: int | None = position
        for splice in self._splices:
            if found is not None:
                found = splice.position_after(found)
        return found

    def gap(self, gap: int) -> int:
        """The gap before position `gap`; the top stays the top."""
        if gap == 0:
            return 0
        for splice in self._splices:
            gap = splice.gap_after(gap)
        return gap


def ranges(positions: Iterable[int]) -> tuple[Range, ...]:
    """The positions as ranges, in order and apart."""
    found: list[Range] = []
    for position in sorted(set(positions)):
        if found and found[-1][1] == position:
            found[-1] = (found[-1][0], position + 1)
        else:
            found.append((position, position + 1))
    return tuple(found)
