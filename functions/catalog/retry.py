"""Trying a write again whose ground has changed, until it holds."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from functions.catalog.store import Conflict
from shared.errors import Unavailable

# Twelve tracks of one album at once settle within these: in each round at least one is written.
_TRIES = 20
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0

T = TypeVar("T")


async def until_it_holds(attempt: Callable[[], Awaitable[T]]) -> T:
    """What `attempt` returns, which reads and writes; `Unavailable` if it always conflicts."""
    for number in range(_TRIES):
        try:
            return await attempt()
        except Conflict:
            await asyncio.sleep(_pause(number))
    raise Unavailable("This changes too often; try again")


def _pause(number: int) -> float:
    """Full jitter, so that those who met once do not meet again."""
    return random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**number))  # noqa: S311  # not for secrets
