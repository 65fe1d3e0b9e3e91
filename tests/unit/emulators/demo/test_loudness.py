import numpy as np
import pytest

from emulators.demo import loudness
from emulators.demo.loudness import Sound

RATE = 44_100


def _sine(amplitude: float, seconds: float = 2.0) -> Sound:
    t = np.arange(round(seconds * RATE)) / RATE
    side = amplitude * np.sin(2 * np.pi * 997 * t)
    return np.stack([side, np.zeros_like(side)], axis=1).astype(np.float32)


def test_the_standards_own_example() -> None:
    """BS.1770: a full-scale sine of 997 Hz in one channel is -3.01 LKFS."""
    assert loudness.integrated(_sine(1.0), RATE) == pytest.approx(-3.01, abs=0.05)


def test_quiet_passages_are_gated() -> None:
    both = np.concatenate([_sine(0.5), _sine(0.0005)])
    assert loudness.integrated(both, RATE) == pytest.approx(-9.03, abs=0.6)


def test_silence_is_silent() -> None:
    assert loudness.integrated(_sine(0.0), RATE) == float("-inf")


def test_mastering_reaches_the_target_without_clipping() -> None:
    noise = np.random.default_rng(1).normal(0, 0.02, (RATE * 2, 2)).astype(np.float32)
    mastered = loudness.master(noise, RATE)
    assert loudness.integrated(mastered, RATE) == pytest.approx(-14, abs=0.3)
    assert np.abs(mastered).max() < 10 ** (-1.5 / 20)
