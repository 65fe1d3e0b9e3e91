"""Short-time spectra of a track, folded into a few numbers a frame while its samples go by.

Frame i is centred at i * `HOP` samples, chroma frame i at i * `CHROMA_HOP`. Two hours of music
are some 310,000 frames of 18 numbers and 78,000 chroma frames of 36: 33 MiB.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE = 22_050
HOP = 512
FRAMES_PER_S = RATE / HOP
CHROMA_HOP = 2048
TIMBRES = 12
# Bins of an octave: three a semitone, so that an orchestra's own tuning can be taken out later.
OCTAVE = 36
SILENCE_DB = -80.0

_WINDOW = 2048
_CHROMA_WINDOW = 8192
_BANDS = 40
_BAND_LIMITS_HZ = (40.0, 10_000.0)
_BASS_HZ = 150.0
_VOICE_HZ = (300.0, 4000.0)
_PITCH_HZ = (65.0, 4000.0)
# Peaks this far below a frame's highest are noise and side lobes.
_PEAK_RANGE = 10 ** (-50 / 20)
_LEAST_PEAK = 10 ** (-70 / 20)
_FLOOR = 10 ** (SILENCE_DB / 10)
_LOUDEST_SAMPLE = 4.0


@dataclass(frozen=True)
class Frames:
    """One row a frame.

    `onset` and `bass_onset`: how much louder the bands are than a frame before, in dB on average.
    `power`: mean square. `timbre`: (frames, 12), the cosine transform of the bands' levels.
    `centroid` in Hz; `flatness` and `voice`, the level between 300 and 4,000 Hz, as power ratios.
    `chroma`: (chroma frames, 36), strength of the spectral peaks from C upwards. `tuning` in
    semitones above equal temperament at 440 Hz. `samples` at `RATE`.
    """

    onset: Floats
    bass_onset: Floats
    power: Floats
    timbre: Floats
    centroid: Floats
    flatness: Floats
    voice: Floats
    chroma: Floats
    tuning: float
    samples: int

    @property
    def duration_s(self) -> float:
        return self.samples / RATE


class FrameMeter:
    """Watches mono samples at `RATE` go by."""

    def __init__(self) -> None:
        self._short = _Framer(_WINDOW, HOP)
        self._long = _Framer(_CHROMA_WINDOW, CHROMA_HOP)
        self._before: Floats | None = None
        self._rows: list[Floats] = []
        self._timbre: list[Floats] = []
        self._chroma: list[Floats] = []
        self._tuning = 0j
        self._samples = 0

    def add(self, samples: Floats) -> None:
        """Any number of them; 1.0 is full scale."""
        finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
        clean = np.clip(finite, -_LOUDEST_SAMPLE, _LOUDEST_SAMPLE).astype(np.float32, copy=False)
        self._samples += len(clean)
        self._measure(self._short.add(clean), self._long.add(clean))

    def frames(self) -> Frames:
        """What was measured; nothing can be added after it."""
        self._measure(self._short.finish(), self._long.finish())
        rows = np.concatenate(self._rows)
        return Frames(
            onset=rows[:, 0],
            bass_onset=rows[:, 1],
            power=rows[:, 2],
            timbre=np.concatenate(self._timbre),
            centroid=rows[:, 3],
            flatness=rows[:, 4],
            voice=rows[:, 5],
            chroma=np.concatenate(self._chroma),
            tuning=float(np.angle(self._tuning) / (2 * np.pi)),
            samples=self._samples,
        )

    def _measure(self, short: Floats, long: Floats) -> None:
        if len(short):
            self._measure_short(short)
        if len(long):
            chroma, tuning = _peaks(_amplitudes(long))
            self._chroma.append(chroma)
            self._tuning += tuning

    def _measure_short(self, windows: Floats) -> None:
        power = _amplitudes(windows) ** 2
        levels = 10 * np.log10(np.maximum(power @ _MEL, np.float32(_FLOOR)))
        before = levels[:1] if self._before is None else self._before
        rise = np.maximum(np.diff(levels, axis=0, prepend=before), 0)
        self._before = levels[-1:]
        total = power.sum(axis=1) + np.float32(1e-12)
        with_floor = power[:, _AUDIBLE] + np.float32(1e-12)
        flatness = np.exp(np.log(with_floor).mean(axis=1)) / with_floor.mean(axis=1)
        rows = [
            rise.mean(axis=1),
            rise[:, _BASS].mean(axis=1),
            # Half of a sine's squared amplitude, spread over the bins of the window.
            total / np.float32(2 * 1.5),
            power @ _HERTZ / total,
            flatness,
            power[:, _VOICE].sum(axis=1),
        ]
        self._rows.append(np.column_stack(rows).astype(np.float32, copy=False))
        self._timbre.append((levels - np.float32(SILENCE_DB)) @ _COSINES)


class _Framer:
    """Cuts what comes into overlapping windows, the first centred at the first sample."""

    def __init__(self, size: int, hop: int) -> None:
        self._size = size
        self._hop = hop
        self._kept = np.zeros(size // 2, np.float32)

    def add(self, samples: Floats) -> Floats:
        """(windows, size), as many as are complete."""
        kept = np.concatenate([self._kept, samples])
        if len(kept) < self._size:
            self._kept = kept
            return np.empty((0, self._size), np.float32)
        windows = sliding_window_view(kept, self._size)[:: self._hop]
        self._kept = kept[len(windows) * self._hop :]
        return windows

    def finish(self) -> Floats:
        return self.add(np.zeros(self._size // 2, np.float32))


def _amplitudes(windows: Floats) -> Floats:
    """Of the spectrum: a sine of full scale peaks at 1."""
    size = windows.shape[1]
    weights = _hann(size)
    spectrum = np.fft.rfft(windows * weights, axis=1)
    found: Floats = np.abs(spectrum) * np.float32(2 / weights.sum())
    return found


def _hann(size: int) -> Floats:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)


def _mel_filters() -> Floats:
    """(bins, bands): triangles that are equally wide on the mel scale (O'Shaughnessy's)."""
    low, high = (2595 * np.log10(1 + limit / 700) for limit in _BAND_LIMITS_HZ)
    edges = 700 * (10 ** (np.linspace(low, high, _BANDS + 2) / 2595) - 1)
    hertz = np.fft.rfftfreq(_WINDOW, 1 / RATE)[:, None]
    rising = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    weights: Floats = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return weights


def _within(limits_hz: tuple[float, float]) -> NDArray[np.bool_]:
    """The bins of a short window between two frequencies."""
    hertz = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    found: NDArray[np.bool_] = (hertz >= limits_hz[0]) & (hertz <= limits_hz[1])
    return found


def _band_centres() -> Floats:
    weights = _mel_filters()
    hertz = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    centres: Floats = (hertz @ weights / np.maximum(weights.sum(axis=0), 1e-9)).astype(np.float32)
    return centres


def _peaks(amplitudes: Floats) -> tuple[Floats, complex]:
    """(frames, `OCTAVE`) from spectral peaks at their interpolated frequency (as in Gómez' HPCP).

    Besides, the sum of the peaks as vectors whose angle is their place between two semitones.
    """
    low, high = (round(limit * _CHROMA_WINDOW / RATE) for limit in _PITCH_HZ)
    left, middle, right = (amplitudes[:, low + d : high + d] for d in (-1, 0, 1))
    least = np.maximum(middle.max(axis=1, keepdims=True) * _PEAK_RANGE, _LEAST_PEAK)
    frame, place = np.nonzero((middle > left) & (middle >= right) & (middle > least))
    here = middle[frame, place]
    a, b, c = (np.log(np.maximum(side[frame, place], 1e-12)) for side in (left, middle, right))
    bins = low + place + 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9)
    pitch = 69 + 12 * np.log2(bins * (RATE / _CHROMA_WINDOW) / 440)
    third = np.rint(pitch * (OCTAVE / 12)).astype(np.int64) % OCTAVE
    size = len(amplitudes) * OCTAVE
    chroma = np.bincount(frame * OCTAVE + third, here, minlength=size).reshape(-1, OCTAVE)
    return chroma.astype(np.float32), complex(np.sum(here * np.exp(2j * np.pi * pitch)))


_MEL = _mel_filters()
_HERTZ = np.fft.rfftfreq(_WINDOW, 1 / RATE).astype(np.float32)
_BASS = _band_centres() < _BASS_HZ
_AUDIBLE = _within(_BAND_LIMITS_HZ)
_VOICE = _within(_VOICE_HZ)
_COSINES = (
    np.cos(np.pi * np.outer(np.arange(_BANDS) + 0.5, np.arange(TIMBRES)) / _BANDS) * (2 / _BANDS)
).astype(np.float32)
