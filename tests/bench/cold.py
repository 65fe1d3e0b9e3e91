"""From the start of each function's process to its first answer, beside a bare handler's.

    python -m tests.bench.cold

Each is started as the platform started it: the same program, folder and environment, on another
port. The first answer is one that takes the whole application: a refusal, for want of a token.
"""

import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from emulators.processes import free_port
from tests import platform as platforms
from tests.platform import Platform

STARTS = 5
GIVE_UP_S = 30.0
_ASKED = {
    "accounts-api": "/v1/me",
    "catalog-api": "/v1/albums/0000000000000000000001",
    "library-api": "/v1/me/tracks",
    "media-api": "/v1/uploads/0000000000000000000001",
    "playback-api": "/v1/me/player",
    "playback-push": "/v1/me/player/events",
    "recommendations-api": "/v1/me/mixes",
    "search-api": "/v1/search?q=a&type=track",
}


@dataclass(frozen=True)
class Started:
    """How a running process was started."""

    argv: list[str]
    env: dict[str, str]
    cwd: str

    @classmethod
    def of(cls, pid: int) -> "Started":
        process = Path(f"/proc/{pid}")
        variables = process.joinpath("environ").read_text().split("\0")
        return cls(
            process.joinpath("cmdline").read_text().rstrip("\0").split("\0"),
            dict(each.partition("=")[::2] for each in variables if each),
            str(process.joinpath("cwd").readlink()),
        )


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        platforms.running(Path(folder) / "state", ["--no-demo"]) as platform,
    ):
        bare = _bare(Started.of(_pid(platform, "media-api")))
        _print("a bare handler", [_start(bare, "/") for _ in range(STARTS)])
        for unit, path in _ASKED.items():
            started = Started.of(_pid(platform, unit))
            _print(unit, [_start(started, path) for _ in range(STARTS)])


def _pid(platform: Platform, unit: str) -> int:
    """The process that runs a unit, which is named in its environment."""
    for pid in platform.status["processes"]:
        if Started.of(pid).env.get("K_SERVICE") == unit:
            return int(pid)
    raise LookupError(unit)


def _bare(like: Started) -> Started:
    """The same runtime with nothing of ours but a handler."""
    source = str(Path(__file__).with_name("handlers.py"))
    root = str(Path(__file__).parents[2])
    own = {"FUNCTION_SOURCE": source, "FUNCTION_TARGET": "bare", "PYTHONPATH": root}
    return Started(like.argv, {**like.env, **own}, like.cwd)


def _start(started: Started, path: str) -> float:
    """Seconds from the start of the process to its first answer."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        started.argv,
        env={**started.env, "PORT": str(port)},
        cwd=started.cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}{path}", timeout=GIVE_UP_S)
                return time.perf_counter() - began
            except httpx.ConnectError:
                if process.poll() is not None or time.perf_counter() - began > GIVE_UP_S:
                    raise RuntimeError(f"{started.argv} did not answer") from None
                time.sleep(0.002)
    finally:
        process.kill()
        process.wait()


def _print(name: str, seconds: list[float]) -> None:
    print(f"  {name:15} median {statistics.median(seconds):.2f} s   worst {max(seconds):.2f} s")


if __name__ == "__main__":
    main()
