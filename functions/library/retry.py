"""How often the library's writes are tried again whose ground has changed, and whose turn it is."""

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared import retry
from shared.firestore import Conflict

# Ten writers of one playlist settle within a few: in each round at least one is through.
_TRIES = 40
_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 0.5

T = TypeVar("T")


async def retried(attempt: Callable[[], Awaitable[T]]) -> T:
    """What `attempt` returns once it raises no `Conflict`; raises `Unavailable` in the end."""
    return await retry.until_it_holds(
        attempt,
        conflict=Conflict,
        tries=_TRIES,
        first_pause_s=_FIRST_PAUSE_S,
        longest_pause_s=_LONGEST_PAUSE_S,
    )


class Turns:
    """One after another for each key, so that a process does not stand in its own way."""

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    def of(self, key: str) -> asyncio.Lock:
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock
