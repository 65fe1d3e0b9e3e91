"""Key and mode: which of the 24 profiles of Krumhansl and Kessler the pitches fit best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.media.analysis.frames import OCTAVE, Floats

Doubles = NDArray[np.float64]

_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
# Below this, no profile explains the pitches; noise reaches half of it.
_LEAST_FIT = 0.35


@dataclass(frozen=True)
class Key:
    """`key` from 0 (C) to 11 (B), -1 where there is none; `mode` 1 major, 0 minor."""

    key: int
    key_confidence: float
    mode: int
    mode_confidence: float


NO_KEY = Key(-1, 0.0, 0, 0.0)


def pitch_classes(chroma: Floats, tuning: float) -> Floats:
    """(frames, 12) from C upwards, out of `Frames.chroma`."""
    semitone = np.rint(np.arange(OCTAVE) * 12 / OCTAVE - tuning).astype(np.int64) % 12
    fold = (semitone[:, None] == np.arange(12)).astype(np.float32)
    found: Floats = chroma @ fold
    return found


def off_pitch(chroma: Floats, tuning: float) -> float:
    """The share of the peaks that lies between semitones: 2/3 of noise, nearly none of a piano."""
    total = float(chroma.sum())
    if total <= 0:
        return 0.0
    third = np.arange(OCTAVE) * 12 / OCTAVE - tuning
    is_off = np.abs(third - np.rint(third)) > 1 / 5
    return float(chroma[:, is_off].sum()) / total


def key_of(pitches: Floats) -> Key:
    """The key of (frames, 12) pitch classes, each frame counting by its square root of loudness."""
    strength = pitches.sum(axis=1)
    weighed = pitches / np.sqrt(np.maximum(strength, 1e-9))[:, None]
    mean = weighed.mean(axis=0, dtype=np.float64) if len(pitches) else np.zeros(12)
    spread = float(mean.std())
    if spread < 1e-6:
        return NO_KEY
    fits = _PROFILES @ ((mean - mean.mean()) / spread) / 12
    best = int(np.argmax(fits))
    if fits[best] < _LEAST_FIT:
        return NO_KEY
    mode, key = 1 - best // 12, best % 12
    rival_keys = np.delete(fits.reshape(2, 12), key, axis=1)
    rival_mode = fits[(1 - best // 12) * 12 + key]
    return Key(
        key=key,
        key_confidence=_confidence(fits[best] - rival_keys.max()),
        mode=mode,
        mode_confidence=_confidence(fits[best] - rival_mode),
    )


def _confidence(margin: float) -> float:
    """A fifth of the range of a correlation, -1 to 1, between two keys leaves no doubt."""
    return float(np.clip(margin / 0.4, 0, 1))


def _profiles() -> Doubles:
    """(24, 12), major first, each with mean 0 and variance 1."""
    rows = np.array([np.roll(profile, k) for profile in (_MAJOR, _MINOR) for k in range(12)])
    centred = rows - rows.mean(axis=1, keepdims=True)
    scaled: Doubles = centred / centred.std(axis=1, keepdims=True)
    return scaled


_PROFILES = _profiles()
