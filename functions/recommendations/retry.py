"""Writes that were worked out from what was read, tried again when somebody was faster."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from functions.recommendations.store import Conflict
from shared.errors import Unavailable

_TRIES = 10
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0

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
