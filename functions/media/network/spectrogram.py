"""The log-mel spectrogram that musicnn was trained on, as librosa 0.7 makes it."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from functions.media.network.checkpoint import Floats

RATE = 16_000
HOP = 256
BANDS = 96

_WINDOW = 512
# Slaney's mel scale: linear up to 1,000 Hz, logarithmic above.
_HERTZ_PER_MEL = 200 / 3
_KNEE_HZ = 1000.0
_KNEE_MEL = _KNEE_HZ / _HERTZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27


def samples_of(frames: int) -> int:
    """How many samples these frames look at."""
    return (frames - 1) * HOP + _WINDOW


def log_mel(samples: Floats) -> Floats:
    """(frames, `BANDS`) of mono samples at `RATE`: log10(1 + 10,000 * power in each band)."""
    windows = sliding_window_view(samples, _WINDOW)[::HOP]
    spectrum = np.fft.rfft(windows * _HANN, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    found: Floats = np.log10(10_000 * (power @ _MEL) + 1).astype(np.float32, copy=False)
    return found


def _filters() -> Floats:
    """(bins, `BANDS`): triangles of equal area, evenly spaced on Slaney's scale up to 8 kHz."""
    highest = _KNEE_MEL + np.log(RATE / 2 / _KNEE_HZ) / _LOG_STEP
    mels = np.linspace(0, highest, BANDS + 2)
    edges = np.where(
        mels < _KNEE_MEL,
        mels * _HERTZ_PER_MEL,
        _KNEE_HZ * np.exp(_LOG_STEP * (mels - _KNEE_MEL)),
    )
    hertz = np.fft.rfftfreq(_WINDOW, 1 / RATE)[:, None]
    rising = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))
    weights: Floats = triangles.astype(np.float32)
    return weights


_MEL = _filters()
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)
