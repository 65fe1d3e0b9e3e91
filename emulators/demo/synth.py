"""A small synthesiser: instruments, a room, and a mix of a score's notes.

Sounds are float32; of shape (frames,) where an instrument is mono, (frames, 2) where it is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emulators.demo.loudness import Sound, master
from emulators.demo.score import Note, Part, Score, notes

RATE = 44_100
TAIL_S = 3.5
_FADE_IN_S = 0.03
_FADE_OUT_S = 3.0
_NOISE_SEED = 2_718

# From the frequency in hertz and the length in seconds to a sound of about unit size.
Instrument = Callable[[float, float], Sound]


@dataclass(frozen=True)
class Voice:
    """How a part sounds in the mix: `pan` from -1 (left) to 1, `room` its share of reverb."""

    instrument: Instrument
    level: float
    pan: float = 0.0
    room: float = 0.2


def render(score: Score, voices: Mapping[Part, Voice], *, room_s: float = 1.8) -> Sound:
    """The finished stereo mix of a score; parts without a voice are silent."""
    frames = round((score.beats * score.seconds_a_beat + TAIL_S) * RATE)
    dry = np.zeros((frames, 2), np.float32)
    wet = np.zeros((frames, 2), np.float32)
    for note in notes(score):
        if voice := voices.get(note.part):
            _place(note, voice, score.seconds_a_beat, dry, wet)
    return master(_faded(dry + _reverberated(wet, room_s)), RATE)


def electric_piano(hertz: float, seconds: float) -> Sound:
    """Frequency modulation: a tine that rings out under a soft body."""
    t = _time(seconds + 0.3)
    wobble = 1.4 * np.exp(-2.8 * t) * np.sin(_TAU * hertz * t)
    tine = 0.12 * np.exp(-14 * t) * np.sin(_TAU * 7 * hertz * t)
    body = np.sin(_TAU * hertz * t + wobble)
    return _shaped((body + tine) * np.exp(-0.9 * t), 0.004, 0.3)


def harp(hertz: float, seconds: float) -> Sound:
    """A plucked string: high partials die first and are a little sharp."""
    t = _time(seconds + 0.6)
    sound = np.zeros_like(t)
    for partial in range(1, 8):
        sharp = hertz * partial * (1 + 0.0004 * partial**2) ** 0.5
        if sharp < RATE / 2.5:
            sound += np.exp(-(1.2 + 0.9 * partial) * t) * np.sin(_TAU * sharp * t) / partial**1.2
    return _shaped(sound, 0.003, 0.4)


def bell(hertz: float, seconds: float) -> Sound:
    """A celesta: few partials, none of them harsh."""
    t = _time(seconds + 0.8)
    sound = np.exp(-1.6 * t) * np.sin(_TAU * hertz * t)
    sound += 0.35 * np.exp(-2.6 * t) * np.sin(_TAU * 2.001 * hertz * t)
    sound += 0.14 * np.exp(-6.0 * t) * np.sin(_TAU * 4.02 * hertz * t)
    return _shaped(sound, 0.004, 0.6)


def flute(hertz: float, seconds: float) -> Sound:
    """A breathy tone whose vibrato comes late."""
    t = _time(seconds + 0.15)
    depth = 0.0035 * np.clip((t - 0.25) * 3, 0, 1)
    phase = _TAU * hertz * (t + depth * np.sin(_TAU * 5.1 * t) / (_TAU * 5.1))
    sound = np.sin(phase) + 0.28 * np.sin(2 * phase) + 0.09 * np.sin(3 * phase)
    sound += 0.015 * _noise(len(t))
    return _shaped(sound * (1 - 0.25 * np.exp(-5 * t)), 0.07, 0.15)


def pad(hertz: float, seconds: float) -> Sound:
    """A slow swell of detuned voices, different on each side."""
    t = _time(seconds + 0.9)
    sides = []
    for cents in (-5.0, 5.0):
        side = np.zeros_like(t)
        for partial in range(1, 6):
            for detune in (cents, -0.6 * cents):
                frequency = hertz * partial * 2 ** (detune / 1200)
                side += np.sin(_TAU * frequency * t + partial) / partial**1.8
        sides.append(_shaped(side * 0.5, 0.5, 0.9))
    stereo: Sound = np.column_stack(sides)
    return stereo


def bass(hertz: float, seconds: float) -> Sound:
    """Round, with enough overtones for small speakers."""
    t = _time(seconds + 0.08)
    sound = np.sin(_TAU * hertz * t) + 0.4 * np.sin(2 * _TAU * hertz * t)
    sound += 0.18 * np.exp(-3 * t) * np.sin(3 * _TAU * hertz * t)
    return _shaped(np.tanh(1.2 * sound * np.exp(-0.7 * t)), 0.012, 0.08)


def kick(_hertz: float, _seconds: float) -> Sound:
    t = _time(0.35)
    phase = _TAU * (48 * t - 80 / 30 * np.exp(-30 * t))
    return _shaped(np.sin(phase) * np.exp(-9 * t), 0.002, 0.1)


def brush(_hertz: float, _seconds: float) -> Sound:
    """A snare stroked with a brush."""
    t = _time(0.3)
    stroke = np.diff(_noise(len(t) + 1)) * np.exp(-16 * t)
    return _shaped(0.5 * stroke + 0.25 * np.sin(_TAU * 190 * t) * np.exp(-25 * t), 0.006, 0.1)


def hat(_hertz: float, _seconds: float) -> Sound:
    t = _time(0.09)
    return _shaped(0.5 * np.diff(_noise(len(t) + 2), 2) * np.exp(-60 * t), 0.001, 0.02)


_TAU = np.float32(2 * np.pi)


def _place(note: Note, voice: Voice, seconds_a_beat: float, dry: Sound, wet: Sound) -> None:
    hertz = 440 * 2 ** ((note.pitch - 69) / 12)
    sound = _played(voice.instrument, hertz, note.length * seconds_a_beat)
    start = round(note.start * seconds_a_beat * RATE)
    sound = sound[: len(dry) - start]
    if sound.ndim == 1:
        # Equal power: as loud on the side as in the middle.
        angle = (voice.pan + 1) * np.pi / 4
        sides = np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(2**0.5)
        sound = sound[:, np.newaxis] * sides
    sound = sound * np.float32(voice.level * note.velocity)
    dry[start : start + len(sound)] += sound
    wet[start : start + len(sound)] += sound * np.float32(voice.room)


@lru_cache(maxsize=512)
def _played(instrument: Instrument, hertz: float, seconds: float) -> Sound:
    return instrument(hertz, seconds)


def _reverberated(sound: Sound, decay_s: float) -> Sound:
    """Convolved with a room: noise that dies away by 60 dB, its treble sooner."""
    t = _time(decay_s)
    random = np.random.default_rng(_NOISE_SEED)
    room = np.zeros((len(t), 2), np.float32)
    for side in range(2):
        bright = random.standard_normal(len(t)).astype(np.float32)
        dark = np.convolve(bright, np.full(12, 1 / 12**0.5, np.float32), "same")
        room[:, side] = bright * np.exp(-6.9 * 3 * t / decay_s) + dark * np.exp(-6.9 * t / decay_s)
    room *= np.clip(t * 60, 0, 1)[:, np.newaxis] / np.sqrt(np.sum(room**2, axis=0))
    frames = RATE * -(-(len(sound) + len(room)) // RATE)
    spectrum = np.fft.rfft(sound, frames, axis=0) * np.fft.rfft(room, frames, axis=0)
    return np.fft.irfft(spectrum, frames, axis=0)[: len(sound)].astype(np.float32)


def _faded(sound: Sound) -> Sound:
    sound[: round(_FADE_IN_S * RATE)] *= _ramp(_FADE_IN_S)[:, np.newaxis]
    sound[-round(_FADE_OUT_S * RATE) :] *= _ramp(_FADE_OUT_S)[::-1, np.newaxis]
    return sound


def _shaped(sound: NDArray[np.floating], attack_s: float, release_s: float) -> Sound:
    shaped = sound.astype(np.float32)
    rise, fall = _ramp(attack_s)[: len(shaped)], _ramp(release_s)[-len(shaped) :]
    shaped[: len(rise)] *= rise
    shaped[-len(fall) :] *= fall[::-1]
    return shaped


def _ramp(seconds: float) -> Sound:
    """From 0 to 1 along half a cosine."""
    t = np.linspace(0, np.pi, round(seconds * RATE))
    ramp: Sound = (0.5 - 0.5 * np.cos(t)).astype(np.float32)
    return ramp


def _time(seconds: float) -> Sound:
    return (np.arange(round(seconds * RATE)) / RATE).astype(np.float32)


def _noise(frames: int) -> Sound:
    return np.random.default_rng(_NOISE_SEED).standard_normal(frames).astype(np.float32)
