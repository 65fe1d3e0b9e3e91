"""Sounds whose tempo, key and parts are known, because they were made so."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions.media.analysis.frames import RATE, Floats, FrameMeter, Frames
from functions.media.analysis.listener import Heard, hear

A_MINOR = (57, 60, 64)
C_MAJOR = (60, 64, 67)
SILENCE_LUFS = -70.0


def frames(samples: NDArray[np.floating], *, block: int = 65_536) -> Frames:
    meter = FrameMeter()
    for start in range(0, len(samples), block):
        meter.add(samples[start : start + block].astype(np.float32))
    return meter.frames()


def heard(samples: NDArray[np.floating], *, lufs: float = -20.0) -> Heard:
    return hear(frames(samples), lufs)


def clicks(tempo: float, seconds: float, *, accent_every: int = 0, first_s: float = 0.1) -> Floats:
    """Short noisy ticks; every so many of them a thud with much bass, twice as loud."""
    random = np.random.default_rng(0)
    length = RATE // 18
    time = np.arange(length) / RATE
    samples = np.zeros(round(seconds * RATE) + length)
    for beat, start in enumerate(np.arange(first_s, seconds - 0.1, 60 / tempo)):
        is_accent = accent_every > 0 and beat % accent_every == 0
        tone = np.sin(2 * np.pi * (100 if is_accent else 1000) * time)
        click = (tone + 0.5 * random.standard_normal(length)) * np.exp(-time * 140)
        place = round(start * RATE)
        samples[place : place + length] += click * (0.5 if is_accent else 0.25)
    whole: Floats = samples[: round(seconds * RATE)].astype(np.float32)
    return whole


def chord(notes: Sequence[int], seconds: float, *, tuning: float = 0.0) -> Floats:
    """MIDI notes with two overtones each, steady; `tuning` in semitones."""
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = [440 * 2 ** ((note - 69 + tuning) / 12) for note in notes]
    tones = [np.sin(2 * np.pi * h * part * time) / part for h in hertz for part in (1, 2, 3)]
    sound: Floats = (0.08 * np.sum(tones, axis=0)).astype(np.float32)
    return sound


def noise(seconds: float, level: float = 0.2) -> Floats:
    random = np.random.default_rng(1)
    return (level * random.standard_normal(round(seconds * RATE))).astype(np.float32)


def speech(seconds: float) -> Floats:
    """Syllables of gliding pitch or of hiss, four a second and never in time, with pauses."""
    random = np.random.default_rng(2)
    samples = np.zeros(round(seconds * RATE))
    place = 0
    while place < len(samples):
        length = min(round(RATE * random.uniform(0.1, 0.25)), len(samples) - place)
        if random.random() > 0.35:
            low = random.uniform(90, 160)
            phase = 2 * np.pi * np.cumsum(np.linspace(low, 0.85 * low, length)) / RATE
            syllable = np.sum([np.sin(part * phase) / part for part in range(1, 20)], axis=0)
        else:
            syllable = np.diff(random.standard_normal(length), prepend=0)
        samples[place : place + length] = 0.15 * syllable * np.hanning(length)
        is_pause = random.random() < 0.15
        place += length + round(RATE * (0.5 if is_pause else random.uniform(0.03, 0.12)))
    return samples.astype(np.float32)


def silence(seconds: float) -> Floats:
    return np.zeros(round(seconds * RATE), np.float32)
