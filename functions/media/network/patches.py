"""Evenly spaced patches of a track as musicnn listens to them, picked while its samples go by."""

import numpy as np

from functions.media.network import spectrogram
from functions.media.network.checkpoint import Floats

# What comes in, as the analysis gets it.
RATE = 22_050
FRAMES = 187
STEP_S = 3
# Of a longer track every second, every fourth… patch is kept: 4.6 MB at the most.
MOST = 64

# 441 samples at `RATE` last as long as 320 at the network's: a fiftieth of a second.
_BLOCK = 441
_RESAMPLED_BLOCK = 320
_STEP = STEP_S * RATE
# A patch is resampled with some blocks to either side, where it is faded in and out.
_LEAD = 4 * _BLOCK
_LENGTH = 160 * _BLOCK
_START = 4 * _RESAMPLED_BLOCK
_SAMPLES = spectrogram.samples_of(FRAMES)
# Below -80 dB of full scale there is nothing to listen to.
_SILENCE = 1e-4


class PatchPicker:
    """Watches mono samples at `RATE` go by; `patches` of them are (`FRAMES`, bands) each."""

    def __init__(self) -> None:
        self._waiting = np.zeros(_LEAD, np.float32)
        self._number = 0
        self._stride = 1
        self._kept: list[tuple[int, Floats]] = []

    def add(self, samples: Floats) -> None:
        """Any number of them; 1.0 is full scale."""
        self._waiting = np.concatenate([self._waiting, _clean(samples)])
        while len(self._waiting) >= _LENGTH:
            self._take(self._waiting[:_LENGTH])
            self._waiting = self._waiting[_STEP:]

    def patches(self) -> list[Floats]:
        """In order, without those that are silent; at most `MOST`. Nothing can be added after it.

        What is left over at the end counts only in a track that is shorter than a patch.
        """
        if self._number == 0:
            rest = self._waiting[:_LENGTH]
            self._take(np.pad(rest, (0, _LENGTH - len(rest))))
        return [patch for _, patch in self._kept]

    def _take(self, samples: Floats) -> None:
        number, self._number = self._number, self._number + 1
        if number % self._stride or float(np.abs(samples).max()) < _SILENCE:
            return
        self._kept.append((number, spectrogram.log_mel(resampled(samples)[_START:][:_SAMPLES])))
        if len(self._kept) > MOST:
            self._stride *= 2
            self._kept = [each for each in self._kept if each[0] % self._stride == 0]


def resampled(samples: Floats) -> Floats:
    """Whole blocks at `RATE`, at the network's rate: what is above 8 kHz is cut from the spectrum.

    Their ends are faded in and out, so that the last sample joins the first.
    """
    blocks = len(samples) // _BLOCK
    fade = (0.5 - 0.5 * np.cos(np.pi * np.arange(_LEAD) / _LEAD)).astype(np.float32)
    faded = samples.copy()
    faded[:_LEAD] *= fade
    faded[-_LEAD:] *= fade[::-1]
    length = blocks * _RESAMPLED_BLOCK
    spectrum = np.fft.rfft(faded)[: length // 2 + 1]
    spectrum[-1] = 0
    found: Floats = (np.fft.irfft(spectrum, length) * (length / len(samples))).astype(np.float32)
    return found


def _clean(samples: Floats) -> Floats:
    finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(finite, -4.0, 4.0).astype(np.float32, copy=False)
