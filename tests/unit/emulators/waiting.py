"""Waiting for what other processes and tasks do in their own time."""

import asyncio
from collections.abc import Callable

_PATIENCE_S = 20.0


async def eventually(holds: Callable[[], bool]) -> None:
    """Returns as soon as it holds; raises `TimeoutError` if it never does."""
    async with asyncio.timeout(_PATIENCE_S):
        while not holds():  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(0.001)
