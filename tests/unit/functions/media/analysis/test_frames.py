import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.media.analysis import frames
from functions.media.analysis.frames import HOP, RATE, FrameMeter
from tests.unit.functions.media.analysis import made


def test_a_frame_at_every_hop_from_the_first_sample() -> None:
    measured = made.frames(made.noise(1.0))
    assert len(measured.power) == len(measured.timbre) == 1 + RATE // HOP
    assert measured.samples == RATE
    assert measured.duration_s == 1.0


def test_power_is_the_mean_square() -> None:
    measured = made.frames(made.noise(2.0, level=0.1))
    assert np.mean(measured.power[4:-4]) == pytest.approx(0.01, rel=0.1)


def test_a_tones_centroid_is_its_frequency() -> None:
    time = np.arange(RATE) / RATE
    measured = made.frames(0.5 * np.sin(2 * np.pi * 1000 * time))
    assert np.median(measured.centroid) == pytest.approx(1000, abs=5)
    assert np.median(measured.flatness) < 0.01


def test_noise_is_flat() -> None:
    assert np.median(made.frames(made.noise(1.0)).flatness) > 0.4


def test_only_what_begins_is_an_onset() -> None:
    tone = np.concatenate([made.silence(1.0), made.chord(made.C_MAJOR, 1.0)])
    onset = made.frames(tone).onset
    begins = round(RATE / HOP)
    assert abs(int(np.argmax(onset)) - begins) <= 3
    assert onset[begins + 6 : -6].max() < 0.1


@pytest.mark.parametrize("tuning", [-0.3, 0.0, 0.3])
def test_tuning_is_found(tuning: float) -> None:
    measured = made.frames(made.chord(made.C_MAJOR, 3.0, tuning=tuning))
    # The third partial lies 0.02 of a semitone off.
    assert measured.tuning == pytest.approx(tuning, abs=0.05)


@given(st.integers(1, 9000), st.integers(100, 9000))
@settings(deadline=None)
def test_blocks_of_any_size_give_the_same_frames(length: int, block: int) -> None:
    samples = made.noise(0.5)[:length]
    whole, cut = made.frames(samples), made.frames(samples, block=block)
    assert np.allclose(whole.onset, cut.onset, atol=1e-3)
    assert np.allclose(whole.chroma, cut.chroma, atol=1e-3)


def test_what_is_no_number_is_heard_as_something() -> None:
    meter = FrameMeter()
    meter.add(np.array([np.nan, np.inf, -np.inf, 1e30], np.float32))
    measured = meter.frames()
    assert np.isfinite(measured.power).all()
    assert np.isfinite(measured.timbre).all()


def test_memory_for_two_hours() -> None:
    hour = 3600 * RATE
    a_frame = 4 * (6 + frames.TIMBRES)
    a_chroma_frame = 4 * frames.OCTAVE
    needed = 2 * hour / HOP * a_frame + 2 * hour / frames.CHROMA_HOP * a_chroma_frame
    assert needed < 34 * 1024**2
