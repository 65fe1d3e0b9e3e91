"""Optimistic writes: worked out from what was read, tried again when somebody was faster."""

import asyncio
import random
import weakref
from collections.abc import Awaitable, Callable
from typing import TypeVar

from functions.library.store import Conflict
from shared.errors import Unavailable

# Ten writers of one playlist settle within a few: in each round at least one is through.
_TRIES = 40
_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 0.5

T = TypeVar("T")


async def retried(attempt: Callable[[], Awaitable[T]]) -> T:
    """What `attempt` returns once it raises no `Conflict`; raises `Unavailable` in the end."""
    for times in range(_TRIES):
        try:
            return await attempt()
        except Conflict:
            longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**times)
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311  # spreads retries only
    raise Unavailable("This changes too often just now; try again")


class Turns:
    """One after another for each key, so that a process does not stand in its own way."""

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    def of(self, key: str) -> asyncio.Lock:
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock
