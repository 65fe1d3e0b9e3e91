"""`cadenza speaker` as people run it, for as long as a test needs it."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.platform import ROOT, Platform
from tests.waiting import until

SCOPES = (
    "streaming",
    "user-modify-playback-state",
    "user-read-currently-playing",
    "user-read-playback-state",
    "user-read-recently-played",
)
WITHIN_S = 20.0


@dataclass(frozen=True)
class RunningSpeaker:
    """A speaker, and what it said."""

    id: str
    process: "subprocess.Popen[bytes]"
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def stop(self, number: int = signal.SIGINT) -> int:
        """Its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=WITHIN_S)


@contextlib.contextmanager
def speaker(
    platform: Platform,
    folder: Path,
    token: str,
    name: str,
    device_id: str,
    *,
    heard: Path | None = None,
) -> Iterator[RunningSpeaker]:
    """Yields once it is a device. Without sound, or what ffplay plays is written to `heard`."""
    token_file = folder / f"{device_id}.token"
    token_file.write_text(token)
    output = folder / f"{device_id}.out"
    argv = [
        sys.executable, "-m", "clients.cli.main", "speaker", "--name", name, "--id", device_id,
        "--output", "ffplay" if heard else "null", "--api", platform.url,
        "--token-file", str(token_file),
    ]  # fmt: skip
    env = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    if heard:
        # SDL's sound card that is a file: raw samples, as they would be heard, at their pace.
        env |= {"SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": str(heard)}
    with output.open("wb") as said:
        process = subprocess.Popen(
            argv, cwd=ROOT, env=env, stdout=said, stderr=said, stdin=subprocess.DEVNULL
        )
    running = RunningSpeaker(device_id, process, output)
    try:
        with platform.client(token) as client:
            until(
                lambda: client.get("/v1/me/player/devices").json()["devices"],
                lambda devices: any(device["id"] == device_id for device in devices),
            )
        yield running
    finally:
        if process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.stop()
            process.kill()
            process.wait()
