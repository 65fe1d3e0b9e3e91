"""How often the catalogue's writes are tried again whose ground has changed."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared import retry
from shared.firestore import Conflict

# Twelve tracks of one album at once settle within these: in each round at least one is written.
_TRIES = 20
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0

T = TypeVar("T")


async def until_it_holds(attempt: Callable[[], Awaitable[T]]) -> T:
    """What `attempt` returns once it raises no `Conflict`; raises `Unavailable` in the end."""
    return await retry.until_it_holds(
        attempt,
        conflict=Conflict,
        tries=_TRIES,
        first_pause_s=_FIRST_PAUSE_S,
        longest_pause_s=_LONGEST_PAUSE_S,
    )
