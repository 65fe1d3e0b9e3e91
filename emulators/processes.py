"""Child processes: started with a log file each, waited for, restarted, and never left behind."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STOP_GRACE_S = 5.0
RESTART_PAUSE_S = 1.0
MOST_RESTART_PAUSE_S = 30.0
# A process that lived this long has not failed at its start.
STEADY_AFTER_S = 10.0

OnExit = Callable[[str, int], None]
"""Hears the name and the exit code of a process that ended by itself."""

# Below those that the kernel gives to outgoing connections, above those that browsers refuse.
_BLOCKS = range(20_000, 32_000, 200)
_guards: list[socket.socket] = []
_giving = threading.Lock()


class StartFailed(Exception):
    """A process ended or stayed silent instead of becoming ready; the message quotes its log."""


@dataclass(frozen=True)
class Command:
    """What to start. `env` is the whole environment; `port` is where it will listen."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    port: int = 0


def base_environment() -> dict[str, str]:
    """The little of our own environment that children need; nothing declared is among it."""
    kept = (
        "PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "JAVA_HOME",
    )  # fmt: skip
    return {name: os.environ[name] for name in kept if name in os.environ}


def free_port() -> int:
    """A port of the loopback that nobody listens on, another one at every call.

    No other process is given it either, as long as this one lives.
    """
    with _giving:
        return next(_ports)


def _own_ports() -> Iterator[int]:
    """From blocks of ports that this process has for itself, as it holds the first of each."""
    for first in random.sample(_BLOCKS, len(_BLOCKS)):
        guard = socket.socket()
        if not _binds(guard, first):
            guard.close()
            continue
        _guards.append(guard)
        for port in range(first + 1, first + _BLOCKS.step):
            with socket.socket() as probe:
                is_free = _binds(probe, port)
            if is_free:
                yield port
    raise StartFailed("no port is free")


def _binds(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


_ports = _own_ports()


class Processes:
    """Everything that one run has started."""

    def __init__(self, log_dir: Path, on_exit: OnExit) -> None:
        self._log_dir = log_dir
        self._on_exit = on_exit
        self._children: dict[tuple[str, int], asyncio.subprocess.Process] = {}
        self._watchers: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._reaper = subprocess.Popen(
            [sys.executable, "-m", "emulators.reaper"],
            stdin=subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )

    async def start(self, command: Command, *, ready_within_s: float, restart: bool) -> None:
        """Start and wait until the port answers; raises `StartFailed`.

        A child that ends by itself is started again if `restart` says so; otherwise `on_exit`
        hears of it.
        """
        process = await self._spawn(command)
        if command.port:
            await self._wait_until_ready(command, process, ready_within_s)
        watcher = asyncio.create_task(self._watch(command, process, restart=restart))
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)

    async def run(self, command: Command, *, within_s: float, to_terminal: bool = False) -> int:
        """Run a process to its end and return its exit code.

        It is ended, and its own children with it, when the time is over or the caller cancelled.
        """
        process = await self._spawn(command, to_terminal=to_terminal)
        try:
            async with asyncio.timeout(within_s):
                return await process.wait()
        except TimeoutError:
            return -signal.SIGKILL
        finally:
            await self._end(command.name, process)

    def log_path(self, name: str) -> Path:
        return self._log_dir / f"{name}.log"

    def pids(self) -> list[int]:
        """The leaders of all process groups that run now."""
        return [child.pid for child in self._children.values() if child.returncode is None]

    async def stop(self, names: Sequence[str]) -> None:
        """End these processes, politely first."""
        await asyncio.gather(
            *(
                self._end(name, child)
                for (name, _), child in self._children.items()
                if name in names
            )
        )

    async def stop_all(self) -> None:
        """Kill what is left, and end the reaper last."""
        self.begin_stopping()
        # A watcher may be about to start its process again.
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        await asyncio.gather(
            *(self._end(name, child, grace_s=0) for (name, _), child in self._children.items())
        )
        if self._reaper.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._reaper.stdin.close()
        await asyncio.to_thread(self._reaper.wait)

    def begin_stopping(self) -> None:
        """From now on an ending child is expected."""
        self._stopping.set()

    async def _watch(
        self, command: Command, process: asyncio.subprocess.Process, *, restart: bool
    ) -> None:
        clock = asyncio.get_running_loop().time
        pause = RESTART_PAUSE_S
        while True:
            began = clock()
            code = await process.wait()
            self._forget(command.name, process)
            if self._stopping.is_set():
                return
            self._on_exit(command.name, code)
            if not restart:
                return
            steady = clock() - began > STEADY_AFTER_S
            pause = RESTART_PAUSE_S if steady else min(2 * pause, MOST_RESTART_PAUSE_S)
            await asyncio.sleep(pause)
            if self._stopping.is_set():
                return
            process = await self._spawn(command)

    async def _spawn(
        self, command: Command, *, to_terminal: bool = False
    ) -> asyncio.subprocess.Process:
        with self.log_path(command.name).open("ab") as log_file:
            output = None if to_terminal else log_file
            process = await asyncio.create_subprocess_exec(
                *command.argv,
                env=dict(command.env),
                cwd=command.cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._tell_reaper(f"+{process.pid}")
        self._children[command.name, process.pid] = process
        return process

    async def _wait_until_ready(
        self, command: Command, process: asyncio.subprocess.Process, within_s: float
    ) -> None:
        deadline = asyncio.get_running_loop().time() + within_s
        while not await _answers(command.port):
            if process.returncode is not None:
                raise StartFailed(
                    f"{command.name} ended with code {process.returncode}:\n"
                    f"{self._log_end(command)}"
                )
            if asyncio.get_running_loop().time() > deadline:
                raise StartFailed(
                    f"{command.name} did not answer within {within_s:.0f} s:\n"
                    f"{self._log_end(command)}"
                )
            await asyncio.sleep(0.03)

    def _log_end(self, command: Command) -> str:
        lines = self.log_path(command.name).read_text(errors="replace").splitlines()
        return "\n".join(lines[-15:])

    async def _end(
        self, name: str, process: asyncio.subprocess.Process, grace_s: float = STOP_GRACE_S
    ) -> None:
        if process.returncode is None and grace_s > 0:
            _signal_group(process.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), grace_s)
        if process.returncode is None:
            _signal_group(process.pid, signal.SIGKILL)
            await process.wait()
        self._forget(name, process)

    def _forget(self, name: str, process: asyncio.subprocess.Process) -> None:
        if self._children.pop((name, process.pid), None) is not None:
            # Its own children may have stayed in the group.
            _signal_group(process.pid, signal.SIGKILL)
            self._tell_reaper(f"-{process.pid}")

    def _tell_reaper(self, line: str) -> None:
        if self._reaper.stdin is not None and not self._reaper.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._reaper.stdin.write(f"{line}\n".encode())
                self._reaper.stdin.flush()


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
