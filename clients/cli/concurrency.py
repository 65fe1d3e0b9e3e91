"""Running several coroutines so that none outlives a failure of another."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def run_all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Waits for all; the first exception cancels the others and is raised."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
