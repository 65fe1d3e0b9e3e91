"""So many requests at once, one after another on each connection, and how long they took."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Call = Callable[[], Awaitable[None]]


@dataclass
class Timings:
    """Seconds of each call, and of all of them together."""

    calls: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.calls) / self.seconds

    def percentile(self, percent: int) -> float:
        if len(self.calls) < 2:
            return self.calls[0]
        return statistics.quantiles(self.calls, n=100, method="inclusive")[percent - 1]

    def __str__(self) -> str:
        return (
            f"{self.rate:7.0f}/s   p50 {self.percentile(50) * 1e3:7.2f} ms"
            f"   p99 {self.percentile(99) * 1e3:7.2f} ms   ({len(self.calls)} calls)"
        )

    def __add__(self, other: "Timings") -> "Timings":
        return Timings(self.calls + other.calls, self.seconds + other.seconds)


async def measure(call: Call, *, calls: int, at_once: int) -> Timings:
    """`calls` calls by `at_once` callers."""
    timings = Timings()
    left = iter(range(calls))

    async def caller() -> None:
        for _ in left:
            began = time.perf_counter()
            await call()
            timings.calls.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    timings.seconds = time.perf_counter() - began
    return timings
