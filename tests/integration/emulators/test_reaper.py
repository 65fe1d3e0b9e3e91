"""What a run started does not outlive it, however it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]

PARENT = """
import asyncio, signal, sys
from pathlib import Path
from emulators.processes import Command, Processes, base_environment

# Whoever runs the tests in the background may have them ignored.
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(each, signal.SIG_DFL)

async def main(folder):
    processes = Processes(folder, print)
    for number, script in enumerate(sys.argv[2:]):
        command = Command(str(number), ["/bin/sh", "-c", script], base_environment(), folder)
        await processes.start(command, ready_within_s=5, restart=True)
    # Ended and forgotten: not to be looked for again.
    await processes.run(Command("over", ["/bin/true"], {}, folder), within_s=5)
    await asyncio.sleep(0.2)
    print(processes._reaper.pid, *processes.pids(), flush=True)
    await asyncio.sleep(300)

asyncio.run(main(Path(sys.argv[1])))
"""


POLITE = "sleep 300"
FAMILY = "(sleep 300 & sleep 300) & sleep 300"
DEAF = "trap '' TERM; while :; do sleep 300; done"


@contextlib.contextmanager
def parent_of(folder: Path, *scripts: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that has started these children and goes on."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder), *scripts],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


def family(parent: "subprocess.Popen[str]") -> tuple[psutil.Process, list[psutil.Process]]:
    """The reaper, and all other processes below the parent."""
    assert parent.stdout is not None
    reaper, *_ = map(int, parent.stdout.readline().split())
    below = psutil.Process(parent.pid).children(recursive=True)
    return psutil.Process(reaper), [process for process in below if process.pid != reaper]


def wait_until_gone(processes: list[psutil.Process], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while left := [process for process in processes if _runs(process)]:
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.02)


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        # Who collects orphans is the machine's business.
        return process.status() != psutil.STATUS_ZOMBIE
    return False


@pytest.mark.parametrize(("scripts", "within_s"), [((POLITE, FAMILY), 2), ((POLITE, DEAF), 6)])
def test_children_of_a_killed_run_are_gone_within_seconds(
    tmp_path: Path, scripts: tuple[str, ...], within_s: float
) -> None:
    with parent_of(tmp_path, *scripts) as parent:
        reaper, children = family(parent)
        assert len(children) >= len(scripts)
        parent.kill()
        parent.wait()
        wait_until_gone(children, within_s)
        wait_until_gone([reaper], within_s=6)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_that_end_the_run_do_not_end_the_reaper_first(
    tmp_path: Path, number: signal.Signals
) -> None:
    with parent_of(tmp_path, POLITE, FAMILY) as parent:
        reaper, children = family(parent)
        os.kill(reaper.pid, number)
        os.killpg(parent.pid, number)
        parent.wait(timeout=10)
        wait_until_gone(children, within_s=2)
        wait_until_gone([reaper], within_s=6)
