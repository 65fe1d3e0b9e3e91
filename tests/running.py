"""A program that runs while a test does."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from emulators.processes import Command

_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 10.0


@contextlib.contextmanager
def running(command: Command) -> Iterator[str]:
    """Starts it, waits for its port, and yields its host:port; ends it afterwards."""
    log = command.cwd / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command.argv, env=command.env, cwd=command.cwd, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_open(command.port, process, log)
        yield f"127.0.0.1:{command.port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _wait_until_open(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"an emulator did not start: {log.read_text()}")
