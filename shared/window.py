"""How often each key was hit in the last half minute, counted in memory."""

import time
from collections import deque
from collections.abc import Callable

WINDOW_S = 30.0
_SLOTS = 10
_SLOT_S = WINDOW_S / _SLOTS
# A key is some 100 bytes of text and two counters: about 10 MiB when full.
MOST_KEYS = 20_000


class RollingWindow:
    """Admits at most so many hits of a key in any `WINDOW_S` seconds.

    Hits are counted in slots of a tenth of the window, and forgotten a slot at a time: a hit is
    held for at least the window and for at most a tenth more. Beyond `most_keys` keys a new one
    is admitted uncounted, and `uncounted` grows.
    """

    def __init__(
        self, *, most_keys: int = MOST_KEYS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_keys = most_keys
        self._clock = clock
        self._totals: dict[str, int] = {}
        self._slots: deque[dict[str, int]] = deque()
        self._slot_ends = 0.0
        self.uncounted = 0
        self._begin(clock())

    def hit(self, key: str, most: int) -> float:
        """Counts a hit and returns 0, or refuses it and returns the seconds until there is room."""
        now = self._clock()
        if now >= self._slot_ends:
            self._advance(now)
        total = self._totals.get(key, 0)
        if total >= most:
            return self._wait_s(key, total, most, now)
        if total == 0 and len(self._totals) >= self._most_keys:
            self.uncounted += 1
            return 0.0
        self._totals[key] = total + 1
        slot = self._slots[-1]
        slot[key] = slot.get(key, 0) + 1
        return 0.0

    def __len__(self) -> int:
        return len(self._totals)

    def _begin(self, now: float) -> None:
        self._totals.clear()
        # One slot more than the window has: the one that is being filled.
        self._slots = deque({} for _ in range(_SLOTS + 1))
        self._slot_ends = now + _SLOT_S

    def _advance(self, now: float) -> None:
        if now - self._slot_ends >= WINDOW_S:
            self._begin(now)
            return
        while now >= self._slot_ends:
            for key, count in self._slots.popleft().items():
                left = self._totals[key] - count
                if left:
                    self._totals[key] = left
                else:
                    del self._totals[key]
            self._slots.append({})
            self._slot_ends += _SLOT_S

    def _wait_s(self, key: str, total: int, most: int, now: float) -> float:
        forgotten_at = self._slot_ends
        for slot in self._slots:
            total -= slot.get(key, 0)
            if total < most:
                return forgotten_at - now
            forgotten_at += _SLOT_S
        # Nothing is ever admitted: `most` is 0.
        return WINDOW_S
