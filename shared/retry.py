"""Writes that were worked out from what was read, tried again when somebody was faster."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.errors import Unavailable

T = TypeVar("T")


async def until_it_holds(
    attempt: Callable[[], Awaitable[T]],
    *,
    conflict: type[Exception],
    tries: int,
    first_pause_s: float,
    longest_pause_s: float,
) -> T:
    """What `attempt` returns once it raises no `conflict`; raises `Unavailable` in the end.

    Pauses double up to the longest, with full jitter: those who met once do not meet again.
    """
    for times in range(tries):
        try:
            return await attempt()
        except conflict:
            longest = min(longest_pause_s, first_pause_s * 2**times)
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311  # spreads retries only
    raise Unavailable("This changes too often just now; try again")
