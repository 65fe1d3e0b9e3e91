import numpy as np
import pytest

from functions.media.network import spectrogram
from functions.media.network.checkpoint import Floats
from functions.media.network.patches import FRAMES, MOST, RATE, STEP_S, PatchPicker, resampled
from functions.media.network.spectrogram import BANDS


def tone(hertz: float, seconds: float, rate: int = RATE) -> Floats:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(
        np.float32
    )


def picked(samples: Floats, block: int = 65_536) -> list[Floats]:
    picker = PatchPicker()
    for start in range(0, len(samples), block):
        picker.add(samples[start : start + block])
    return picker.patches()


@pytest.mark.parametrize("hertz", [55.0, 997.0, 7000.0])
def test_resampling_keeps_what_the_network_can_hear(hertz: float) -> None:
    samples = resampled(tone(hertz, 3.2))
    expected = tone(hertz, 3.2, spectrogram.RATE)
    inner = slice(2000, -2000)
    assert len(samples) == len(expected)
    assert samples[inner] == pytest.approx(expected[inner], abs=2e-3)


def test_resampling_folds_nothing_back() -> None:
    assert np.abs(resampled(tone(9000, 3.2))[2000:-2000]).max() < 1e-3


def test_a_patch_lasts_three_seconds_and_so_does_its_step() -> None:
    found = picked(tone(440, 30))
    assert len(found) == 10 - 1
    assert all(patch.shape == (FRAMES, BANDS) for patch in found)


def test_patches_follow_the_track() -> None:
    steps = np.concatenate([tone(hertz, 2 * STEP_S) for hertz in (300, 1200, 5000)])
    loudest = [int(patch[40:140].mean(axis=0).argmax()) for patch in picked(steps)]
    assert loudest == sorted(loudest)
    assert len(set(loudest)) == 3


@pytest.mark.parametrize("block", [1000, 66_150, 1_000_000])
def test_how_samples_come_does_not_matter(block: int) -> None:
    samples = np.random.default_rng(3).normal(0, 0.1, 12 * RATE).astype(np.float32)
    one, other = picked(samples, block), picked(samples, 65_536)
    assert len(one) == len(other) > 0
    for patch, same in zip(one, other, strict=True):
        assert np.array_equal(patch, same)


def test_a_long_track_keeps_no_more_patches_than_fit_and_spreads_them() -> None:
    """Of four hours, whose loudness tells the time."""
    picker = PatchPicker()
    noise = np.random.default_rng(0).normal(0, 0.1, 60 * RATE).astype(np.float32)
    minutes = 20
    for minute in range(minutes):
        picker.add(noise * ((minute + 1) / minutes))
    patches = picker.patches()
    assert MOST / 2 <= len(patches) <= MOST
    loudness = np.array([patch.mean() for patch in patches])
    assert (np.diff(loudness) > -0.05).all()
    assert loudness[-1] > loudness[0] + 1


def test_a_short_track_is_one_patch() -> None:
    assert len(picked(tone(440, 0.5))) == 1


def test_silence_is_not_listened_to() -> None:
    assert picked(np.zeros(10 * RATE, np.float32)) == []
    assert picked(np.zeros(0, np.float32)) == []
    half = np.concatenate([np.zeros(12 * RATE, np.float32), tone(440, 12)])
    assert 3 <= len(picked(half)) <= 5


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e38])
def test_whatever_comes_patches_are_finite(number: float) -> None:
    samples = tone(440, 7)
    samples[::7] = number
    assert all(np.isfinite(patch).all() for patch in picked(samples))
