import numpy as np
import pytest

from functions.media.analysis import structure
from functions.media.analysis.frames import RATE, Floats
from functions.media.analysis.tonality import pitch_classes
from tests.unit.functions.media.analysis import made


def section_starts(samples: Floats) -> list[float]:
    measured = made.frames(samples)
    pitches = pitch_classes(measured.chroma, measured.tuning)
    return list(structure.seconds(structure.sections(measured, pitches).starts))


def fades(samples: Floats) -> tuple[float, float]:
    return structure.fades(made.frames(samples))


def test_every_click_is_a_segment() -> None:
    cuts = structure.segments(made.frames(made.clicks(120, 10)))
    # The first click, at 0.1 s, belongs to what began at 0.
    assert len(cuts.starts) in {20, 21}
    assert cuts.starts[0] == 0


def test_a_steady_sound_is_one_segment() -> None:
    cuts = structure.segments(made.frames(made.chord(made.C_MAJOR, 5)))
    assert list(cuts.starts) == [0]


def test_sections_begin_where_the_music_changes() -> None:
    parts = [made.chord(made.C_MAJOR, 30), made.noise(30, 0.1), made.chord(made.A_MINOR, 30)]
    starts = section_starts(np.concatenate(parts))
    assert starts == pytest.approx([0, 30, 60], abs=1)


def test_what_stays_the_same_is_one_section() -> None:
    assert section_starts(made.chord(made.C_MAJOR, 60)) == [0]
    assert section_starts(made.chord(made.C_MAJOR, 2)) == [0]


def test_a_fade_out() -> None:
    samples = made.chord(made.C_MAJOR, 30)
    samples[-10 * RATE :] *= np.linspace(1, 0, 10 * RATE)
    fade_in, fade_out = fades(samples)
    assert fade_in == 0
    # At 0.7 of its level, three seconds into the fade.
    assert fade_out == pytest.approx(23, abs=0.5)


def test_a_fade_in() -> None:
    samples = made.chord(made.C_MAJOR, 30)
    samples[: 10 * RATE] *= np.linspace(0, 1, 10 * RATE)
    assert fades(samples) == pytest.approx((7, 30), abs=0.5)


@pytest.mark.parametrize(
    "samples", [made.chord(made.C_MAJOR, 10), made.silence(10), made.clicks(120, 10)]
)
def test_no_fades(samples: Floats) -> None:
    assert fades(samples) == (0, 10)


def test_a_quiet_ending_is_no_fade() -> None:
    loud = made.chord(made.C_MAJOR, 20)
    assert fades(np.concatenate([loud, 0.1 * made.chord(made.C_MAJOR, 5)])) == (0, 25)


def test_decibels() -> None:
    assert list(structure.decibels(np.array([1.0, 0.1, 0.0]))) == [0, -10, structure.QUIETEST_DB]


def test_means_of_parts() -> None:
    rows = np.array([[1.0], [3.0], [5.0]], np.float32)
    assert structure.means(rows, np.array([0, 2])).tolist() == [[2.0], [5.0]]
    assert structure.means(rows, np.array([0, 0, 2, 2])).tolist() == [[1.0], [2.0], [5.0], [5.0]]
