import numpy as np
import pytest

from functions.media.network.spectrogram import BANDS, HOP, RATE, log_mel, samples_of
from tests.unit.functions.media.network.signals import golden


def test_it_is_the_spectrogram_of_the_original() -> None:
    """Of musicnn 0.1.0 with librosa 0.11: frames 0, 50 and 186, bands 0, 10, 40 and 95."""
    found = log_mel(np.pad(golden(), HOP))[:187]
    assert found.shape == (187, BANDS)
    expected = [
        [3.9028, 3.6589, 0.5786, 0.1885],
        [0.0005, 0.0023, 0.0003, 0.0],
        [0.0, 0.0008, 0.0003, 0.0],
    ]
    assert found[[0, 50, 186]][:, [0, 10, 40, 95]] == pytest.approx(np.array(expected), abs=1e-3)


def test_a_tone_is_loudest_in_its_band() -> None:
    """Slaney's 45.24 mels up to 8 kHz in 97 steps of 0.4664; 440 Hz are 6.6 mels, 4 kHz 35.16."""
    time = np.arange(RATE) / RATE
    for hertz, band in ((440, 13), (4000, 74)):
        tone = np.sin(2 * np.pi * hertz * time).astype(np.float32)
        assert log_mel(tone).mean(axis=0).argmax() == pytest.approx(band, abs=1), hertz


def test_silence_is_zero() -> None:
    assert not log_mel(np.zeros(RATE, np.float32)).any()


@pytest.mark.parametrize("frames", [1, 2, 187])
def test_so_many_frames_look_at_so_many_samples(frames: int) -> None:
    assert len(log_mel(np.zeros(samples_of(frames), np.float32))) == frames
    if frames > 1:
        assert len(log_mel(np.zeros(samples_of(frames) - 1, np.float32))) == frames - 1
