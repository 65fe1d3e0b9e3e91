"""Waiting for what is to come true before long."""

import time
from collections.abc import Callable
from typing import TypeVar

WITHIN_S = 20.0

T = TypeVar("T")


def until(
    ask: Callable[[], T],
    holds: Callable[[T], object] = bool,
    *,
    within_s: float = WITHIN_S,
    every_s: float = 0.2,
) -> T:
    """The first answer that holds; fails with the last one if there is none in time."""
    deadline = time.monotonic() + within_s
    while not holds(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(every_s)
    return answer
