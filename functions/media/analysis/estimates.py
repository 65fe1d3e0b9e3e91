"""What people say of music, guessed by formula from what was measured. See docs/audio-features.md.

No model was trained: each number is a weighed sum of ramps, chosen so that plain cases come out
right. They are for comparing tracks with each other, not for statements about one of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from functions.media.analysis.frames import FRAMES_PER_S, Frames
from functions.media.analysis.rhythm import Rhythm
from functions.media.analysis.structure import QUIETEST_DB, Cuts, decibels
from functions.media.analysis.tonality import Key, off_pitch

Doubles = NDArray[np.float64]

_MODULATION_WINDOW = 128
_MODULATION_STEP = 64
_SYLLABLES_HZ = (2.5, 8.0)
_MODULATIONS_HZ = (0.7, 20.0)
_DANCE_TEMPO = 118.0


@dataclass(frozen=True)
class Estimates:
    """Each from 0 to 1."""

    energy: float
    danceability: float
    valence: float
    acousticness: float
    instrumentalness: float
    liveness: float
    speechiness: float


SILENT = Estimates(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def estimates(frames: Frames, rhythm: Rhythm, key: Key, cuts: Cuts, lufs: float) -> Estimates:
    """`cuts`: the segments; `lufs`: integrated loudness. Silence is 0 in everything."""
    level = decibels(frames.power)
    sounds = level > QUIETEST_DB
    if not sounds.any():
        return SILENT
    brightness = ramp(float(np.median(frames.centroid[sounds])), 500, 3500)
    noisiness = ramp(float(np.median(frames.flatness[sounds])), 0.0, 0.3)
    loudness = ramp(lufs, -35, -7)
    density = ramp(len(cuts.starts) / max(frames.duration_s, 1), 0.5, 6)
    dynamics = ramp(float(np.subtract(*np.percentile(level[sounds], [95, 20]))), 3, 25)
    energy = mix((loudness, 4), (brightness, 2), (noisiness, 1), (density, 2), (1 - dynamics, 1))
    speech = _speech(frames, level, rhythm)
    return Estimates(
        energy=energy,
        danceability=_danceability(frames, rhythm),
        valence=_valence(rhythm, key, energy, brightness),
        acousticness=mix((1 - brightness, 2), (1 - noisiness, 1), (dynamics, 2), (1 - loudness, 2)),
        instrumentalness=1 - max(speech, _singing(frames, noisiness)),
        liveness=_liveness(frames, level, sounds),
        speechiness=speech,
    )


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, in proportion between; `high` may be the lower one."""
    return float(np.clip((value - low) / (high - low), 0, 1))


def mix(*weighed: tuple[float, float]) -> float:
    """The mean of (value, weight) pairs."""
    return sum(value * weight for value, weight in weighed) / sum(weight for _, weight in weighed)


def _danceability(frames: Frames, rhythm: Rhythm) -> float:
    """A plain, even beat at a tempo to move to, and a bass that marks it."""
    if rhythm.tempo == 0:
        return 0.0
    octaves = np.log2(rhythm.tempo / _DANCE_TEMPO)
    tempo = float(np.exp(-0.5 * (octaves / 0.5) ** 2))
    gaps = np.diff(rhythm.beats)
    evenness = 1 - ramp(float(gaps.std() / gaps.mean()), 0.0, 0.2)
    on_beat = float(frames.bass_onset[rhythm.beats].mean())
    bass = ramp(on_beat / (float(frames.bass_onset.mean()) + 0.1), 1, 5)
    strength = float(rhythm.beat_confidence.mean())
    plainness = rhythm.tempo_confidence
    return mix((plainness, 4), (tempo, 2), (strength, 1), (bass, 2), (evenness, 1))


def _valence(rhythm: Rhythm, key: Key, energy: float, brightness: float) -> float:
    """Major, quick, bright and lively sounds glad to most; where nothing is known, a half."""
    mode = 0.5 + (0.5 if key.mode == 1 else -0.5) * np.sqrt(key.mode_confidence)
    quickness = ramp(rhythm.tempo, 60, 160) if rhythm.tempo else 0.5
    return mix((float(mode), 4), (quickness, 2), (energy, 2), (brightness, 1))


def _speech(frames: Frames, level: Doubles, rhythm: Rhythm) -> float:
    """Syllables, two and a half to eight a second, with pauses between and no beat under them."""
    syllables = ramp(_syllabic(frames), 0.35, 0.65)
    pauses = ramp(float(np.mean(level < level.max() - 25)), 0.05, 0.3)
    sounding = frames.centroid[level > level.max() - 25].astype(np.float64)
    change = ramp(float(np.log2(np.maximum(sounding, 50)).std()), 0.3, 1.0)
    no_beat = 1 - ramp(rhythm.tempo_confidence, 0.2, 0.6)
    return syllables * mix((pauses, 2), (change, 2), (1.0, 1)) * no_beat


def _syllabic(frames: Frames) -> float:
    """The share of the voice band's modulation that is as quick as syllables (Scheirer, Slaney)."""
    envelope = np.sqrt(frames.voice.astype(np.float64))
    if len(envelope) < _MODULATION_WINDOW:
        envelope = np.pad(envelope, (0, _MODULATION_WINDOW - len(envelope)))
    windows = sliding_window_view(envelope, _MODULATION_WINDOW)[::_MODULATION_STEP]
    mean = windows.mean(axis=1, keepdims=True)
    depth = float((windows.std(axis=1) / np.maximum(mean[:, 0], 1e-9)).mean())
    tapered = (windows - mean) * np.hanning(_MODULATION_WINDOW)
    power = (np.abs(np.fft.rfft(tapered, axis=1)) ** 2).sum(axis=0)
    hertz = np.fft.rfftfreq(_MODULATION_WINDOW, 1 / FRAMES_PER_S)

    def between(low: float, high: float) -> float:
        return float(power[(hertz >= low) & (hertz <= high)].sum())

    share = between(*_SYLLABLES_HZ) / max(between(*_MODULATIONS_HZ), 1e-12)
    return share * ramp(depth, 0.1, 0.5)


def _singing(frames: Frames, noisiness: float) -> float:
    """Pitches that glide and tremble between semitones, in sounds that have pitch at all."""
    glides = ramp(off_pitch(frames.chroma, frames.tuning), 0.35, 0.66)
    return glides * (1 - noisiness) * ramp(float(frames.chroma.sum(axis=1).mean()), 0.0, 0.02)


def _liveness(frames: Frames, level: Doubles, sounds: NDArray[np.bool_]) -> float:
    """A room that is never still: how loud and how noisy the quietest moments are."""
    inner = level[sounds]
    quiet = inner <= np.percentile(inner, 5)
    floor = ramp(float(inner[quiet].mean() - np.median(inner)), -30, -10)
    noise = ramp(float(frames.flatness[sounds][quiet].mean()), 0.02, 0.3)
    return floor * noise
