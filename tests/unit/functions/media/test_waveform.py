import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.media.pcm import PcmFormat
from functions.media.waveform import POINTS, PeakMeter, fold


def peaks(data: bytes, encoding: str = "s16le", channels: int = 1, cut: int = 0) -> bytes:
    meter = PeakMeter(PcmFormat(encoding, 44_100, channels))
    for part in (data[:cut], data[cut:]):
        meter.add(part)
    return meter.points()


def test_a_ramp() -> None:
    ramp = np.linspace(0, 1, 16 * POINTS * 10)
    points = np.frombuffer(peaks((ramp * 32767).astype("<i2").tobytes()), np.uint8)
    assert len(points) == POINTS
    assert np.all(np.abs(points - np.linspace(0, 255, POINTS)) <= 1)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("s16le", np.array([0, -32768], "<i2").tobytes()),
        ("s24le", b"\0\0\0\0\0\x80"),
        ("s32le", np.array([0, -(2**31)], "<i4").tobytes()),
        ("f32le", np.array([0, -1.5], "<f4").tobytes()),
    ],
)
def test_full_scale_is_255_in_every_format(encoding: str, data: bytes) -> None:
    assert max(peaks(data * 1000, encoding)) == 255


def test_not_a_number_is_silence() -> None:
    assert peaks(np.full(1000, np.nan, "<f4").tobytes(), "f32le") == bytes(POINTS)


def test_the_louder_channel_counts() -> None:
    frames = np.array([[100, -16384]] * 5000, "<i2").tobytes()
    assert set(peaks(frames, channels=2)) == {128}


def test_nothing_is_flat() -> None:
    assert PeakMeter(PcmFormat("s16le", 44_100, 2)).points() == bytes(POINTS)


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=400), st.data())
def test_blocks_of_any_size_give_the_same_peaks(values: list[int], data: st.DataObject) -> None:
    pcm = np.array(values, "<i2").tobytes()
    cut = data.draw(st.integers(0, len(values))) * 2
    points = peaks(pcm, cut=cut)
    assert points == peaks(pcm)
    assert max(points) == min(255, round(max(map(abs, values)) / 32768 * 255))


@given(st.lists(st.integers(0, 255), min_size=1, max_size=3000))
def test_fold_keeps_the_largest(values: list[int]) -> None:
    folded = fold(np.array(values, np.uint8), POINTS)
    assert len(folded) == POINTS
    assert folded.max() == max(values)
