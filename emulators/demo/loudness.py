"""Loudness as EBU R128 means it (ITU-R BS.1770-4), and bringing a mix to it."""

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

TARGET_LUFS = -14.0
# A little under -1 dBTP: peaks between samples are higher than the samples.
_CEILING = 10 ** (-1.6 / 20)
_KNEE = 0.6


def integrated(sound: Sound, rate: int) -> float:
    """LUFS of a stereo sound of shape (frames, 2); -inf for silence."""
    weighted = _k_weighted(sound, rate)
    hop = rate // 10
    power = np.sum(weighted.astype(np.float64) ** 2, axis=1)
    tenths = power[: len(power) // hop * hop].reshape(-1, hop).mean(axis=1)
    blocks = np.convolve(tenths, np.full(4, 0.25), "valid")
    audible = blocks[blocks > _power(-70)]
    if not len(audible):
        return float("-inf")
    gate = audible.mean() / 10
    return _lufs(float(audible[audible > gate].mean()))


def master(sound: Sound, rate: int) -> Sound:
    """The mix at `TARGET_LUFS`, its peaks bent rather than cut."""
    for _ in range(2):
        gain = 10 ** ((TARGET_LUFS - integrated(sound, rate)) / 20)
        sound = _bent((sound * gain).astype(np.float32))
    return sound


def _bent(sound: Sound) -> Sound:
    """Straight up to the knee, then a curve that never passes the ceiling."""
    room = _CEILING - _KNEE
    size = np.abs(sound)
    curved = _KNEE + room * np.tanh((size - _KNEE) / room)
    return (np.sign(sound) * np.where(size > _KNEE, curved, size)).astype(np.float32)


def _k_weighted(sound: Sound, rate: int) -> Sound:
    """Filtered as the head and the ear do: a high shelf, then a high-pass."""
    # Whole seconds: a length of small factors, which the transform is quick with.
    frames = rate * -(-len(sound) // rate)
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(frames, 1 / rate) / rate)
    response = (_shelf(z, rate) * _high_pass(z, rate)).astype(np.complex64)
    spectrum = np.fft.rfft(sound, frames, axis=0) * response[:, np.newaxis]
    return np.fft.irfft(spectrum, frames, axis=0)[: len(sound)].astype(np.float32)


def _shelf(z: NDArray[np.complex128], rate: int) -> NDArray[np.complex128]:
    k = np.tan(np.pi * 1681.974450955533 / rate)
    q = 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    top = (high + band * k / q + k * k) + 2 * (k * k - high) * z
    top = top + (high - band * k / q + k * k) * z**2
    return np.asarray(top / _denominator(z, k, q))


def _high_pass(z: NDArray[np.complex128], rate: int) -> NDArray[np.complex128]:
    k = np.tan(np.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    normal = 1 + k / q + k * k
    return np.asarray((1 - z) ** 2 * normal / _denominator(z, k, q))


def _denominator(z: NDArray[np.complex128], k: float, q: float) -> NDArray[np.complex128]:
    return np.asarray((1 + k / q + k * k) + 2 * (k * k - 1) * z + (1 - k / q + k * k) * z**2)


def _lufs(power: float) -> float:
    return -0.691 + 10 * float(np.log10(power))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
