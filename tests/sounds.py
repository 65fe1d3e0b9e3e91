"""Music made for tests: seeded, tagged, as short as the test allows."""

import hashlib
from pathlib import Path

import mutagen
import numpy as np
import soundfile

RATE = 44_100


def write(
    path: Path, *, seconds: float = 3.0, seed: int = 0, tags: dict[str, str] | None = None
) -> Path:
    """A stereo file of seeded chords and noise, in the format that its suffix names.

    Tags are Vorbis comments, so the suffix is .flac or .ogg where there are any.
    """
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    channels = []
    for _ in range(2):
        chord = sum(np.sin(2 * np.pi * hertz * time) for hertz in random.uniform(110, 880, 4))
        channels.append(0.1 * chord + 0.05 * random.standard_normal(len(time)))
    soundfile.write(path, np.column_stack(channels), RATE)
    if tags:
        file = mutagen.File(path)
        file.update(tags)
        file.save()
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
