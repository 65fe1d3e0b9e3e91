"""Small files in memory and on disk to test with."""

import io
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image


def write(path: Path, *, seconds: float = 0.2, rate: int = 44_100, channels: int = 2) -> Path:
    """A quiet tone in the format that the suffix names (what libsndfile writes)."""
    samples = np.arange(round(seconds * rate))
    tone = 0.25 * np.sin(2 * np.pi * 440 * samples / rate)
    subtypes = {".ogg": "VORBIS", ".opus": "OPUS", ".mp3": "MPEG_LAYER_III"}
    formats = {".ogg": "OGG", ".opus": "OGG", ".mp3": "MP3"}
    soundfile.write(
        path,
        np.column_stack([tone] * channels),
        rate,
        subtype=subtypes.get(path.suffix, "PCM_16"),
        format=formats.get(path.suffix),
    )
    return path


def picture(
    width: int = 100,
    height: int = 100,
    *,
    mode: str = "RGB",
    kind: str = "JPEG",
    colour: str = "red",
) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new(mode, (width, height), colour).save(file, kind)
    return file.getvalue()
