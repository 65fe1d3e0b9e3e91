"""How long `cadenza up` takes to be ready, and what memory the whole stack holds.

    python -m tests.bench.up [RUNS]

The first start is on an empty state; the others find what it left. Memory is the proportional
set size (shared pages counted once) of every process, read when the platform is idle.
"""

import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import psutil

from tests import platform as running
from tests import sounds
from tests.platform import Platform

MIB = 1024 * 1024


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        song = sounds.write(Path(folder) / "song.flac", seconds=2)
        later = []
        for run in range(runs + 1):
            platform = running.start(state, ["--no-demo"])
            ready = float(platform.status["ready_after_s"])
            if run == 0:
                print(f"first start on an empty state: {ready:.1f} s")
                platform.add(song)
            else:
                later.append(ready)
            if run == runs:
                _print_memory(platform)
            began = time.monotonic()
            running.stop(platform)
            stopped = time.monotonic() - began
    print(
        f"later starts: median {statistics.median(later):.1f} s, "
        f"min {min(later):.1f} s, max {max(later):.1f} s ({runs} runs)"
    )
    print(f"stop, with its snapshot: {stopped:.1f} s")


def _print_memory(platform: Platform) -> None:
    runner = psutil.Process(platform.process.pid)
    held: dict[str, int] = defaultdict(int)
    for process in [runner, *runner.children(recursive=True)]:
        held[_name_of(process, runner)] += process.memory_full_info().pss
    for name, size in sorted(held.items(), key=lambda item: -item[1]):
        print(f"  {name:20} {size / MIB:6.0f} MiB")
    print(f"  {'all':20} {sum(held.values()) / MIB:6.0f} MiB")


def _name_of(process: psutil.Process, runner: psutil.Process) -> str:
    if process == runner:
        return "runner and edge"
    environment = process.environ()
    if unit := environment.get("K_SERVICE"):
        return unit
    command = " ".join(process.cmdline())
    for part, name in (
        ("CloudFirestore", "firestore"),
        ("fake-gcs", "storage"),
        ("pubsub", "pubsub"),
        ("reaper", "reaper"),
    ):
        if part in command:
            return name
    return process.name()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
