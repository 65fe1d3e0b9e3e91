"""Plays what the pipeline made, as a listener with the key would, and one without."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from functions.media import programs
from functions.media.pipeline import Result


def ffmpeg(*arguments: str | Path) -> "subprocess.CompletedProcess[bytes]":
    """Raises `CalledProcessError` when FFmpeg ends with an error."""
    command = [programs.ffmpeg(), "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True)


def join(result: Result, name: str) -> Path:
    """A rendition's segments in one file, still encrypted."""
    folder = result.media / name
    joined = result.media.parent / f"{name}-joined.mp4"
    parts = [folder / "init.mp4", *sorted(folder.glob("*.m4s"))]
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    return joined


def decrypted(result: Result, name: str, key: bytes) -> Path:
    """A rendition as a plain MP4 file, whose last frame lasts as long as the segments say.

    FFmpeg ignores that length in fragmented files, and plays the padding of AAC's last frame.
    """
    plain = result.media.parent / f"{name}-plain.mp4"
    ffmpeg("-decryption_key", key.hex(), "-i", join(result, name), "-c", "copy", plain)
    return plain


def samples(path: Path, channels: int = 2) -> NDArray[np.float32]:
    """All samples of a file, (frames, channels); Ogg by libsndfile, all else by FFmpeg."""
    if path.suffix == ".ogg":
        return soundfile.read(path, dtype="float32", always_2d=True)[0]  # type: ignore[no-any-return]
    decoded = ffmpeg("-i", path, "-f", "f32le", "pipe:1").stdout
    return np.frombuffer(decoded, "<f4").reshape(-1, channels)


def errors(options: Sequence[str], path: Path) -> str:
    """What FFmpeg complains of while decoding."""
    command = [programs.ffmpeg(), "-v", "error", *options, "-i", str(path), "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, check=False).stderr.decode()
