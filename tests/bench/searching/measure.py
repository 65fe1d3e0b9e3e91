"""One engine in a process of its own, so that its memory is its own.

python -m tests.bench.searching.measure ENGINE FOLDER QUERIES
"""

import math
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

import msgspec

from tests.bench.searching.engines import LIMIT, OPENERS
from tests.bench.searching.queries import Asked

# Each query's best time counts, and only what its thread computed: everything is in memory, and
# what else runs on the machine is not the engine's.
_REPEATS = 3


class Measured(msgspec.Struct):
    """Seconds and bytes. `open_s` is until the first answer; the memory is what the process holds
    after all queries, mapped pages of the index included, and what it held before it opened it."""

    open_s: float
    before_bytes: int
    after_bytes: int
    kinds: dict[str, "KindMeasured"]


class KindMeasured(msgspec.Struct):
    """Of one kind of query. `found`: the share of those whose track was among the first ten."""

    p50_s: float
    p99_s: float
    found: float


def measure(engine: str, folder: Path, queries: list[Asked]) -> Measured:
    before = _held()
    began = time.perf_counter()
    searching = OPENERS[engine](folder)
    searching.search(queries[0])
    opened = time.perf_counter() - began
    times: dict[str, list[float]] = defaultdict(list)
    found: dict[str, int] = defaultdict(int)
    for asked in queries:
        best = math.inf
        for _ in range(_REPEATS):
            began = time.thread_time()
            ids = searching.search(asked)
            best = min(best, time.thread_time() - began)
        times[asked.kind].append(best)
        found[asked.kind] += asked.wanted in ids[:LIMIT]
    kinds = {
        kind: KindMeasured(
            p50_s=statistics.median(each),
            p99_s=statistics.quantiles(each, n=100, method="inclusive")[98],
            found=found[kind] / len(each),
        )
        for kind, each in times.items()
    }
    return Measured(opened, before, _held(), kinds)


def _held() -> int:
    """The most that this process has held, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    _, name, place, file = sys.argv
    asked = msgspec.json.decode(Path(file).read_bytes(), type=list[Asked])
    print(msgspec.json.encode(measure(name, Path(place), asked)).decode())
