import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.media.analysis.frames import Floats
from functions.media.analysis.tonality import NO_KEY, Key, key_of, off_pitch, pitch_classes
from tests.unit.functions.media.analysis import made


def of(samples: Floats) -> Key:
    measured = made.frames(samples)
    return key_of(pitch_classes(measured.chroma, measured.tuning))


def test_a_minor_is_not_c_major() -> None:
    minor, major = of(made.chord(made.A_MINOR, 4)), of(made.chord(made.C_MAJOR, 4))
    assert (minor.key, minor.mode) == (9, 0)
    assert (major.key, major.mode) == (0, 1)
    assert min(minor.mode_confidence, major.mode_confidence) > 0.5


@pytest.mark.parametrize("semitones", range(12))
def test_every_key(semitones: int) -> None:
    notes = [note + semitones for note in made.A_MINOR]
    assert of(made.chord(notes, 2)).key == (9 + semitones) % 12


@pytest.mark.parametrize("tuning", [-0.3, 0.3])
def test_an_orchestra_that_is_tuned_otherwise(tuning: float) -> None:
    assert of(made.chord(made.C_MAJOR, 4, tuning=tuning)).key == 0


def test_a_cadence() -> None:
    chords = [(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)]
    found = of(np.concatenate([made.chord(notes, 1) for notes in chords]))
    assert (found.key, found.mode) == (0, 1)


@pytest.mark.parametrize("samples", [made.silence(2), made.noise(10)], ids=["silence", "noise"])
def test_what_has_no_key(samples: Floats) -> None:
    assert of(samples) == NO_KEY


def test_glides_lie_between_the_semitones() -> None:
    steady = made.frames(made.chord(made.C_MAJOR, 2))
    gliding = made.frames(made.speech(10))
    assert off_pitch(steady.chroma, steady.tuning) < 0.05
    assert off_pitch(gliding.chroma, gliding.tuning) > 0.4
    assert off_pitch(np.zeros((3, 36), np.float32), 0.0) == 0.0


@given(st.lists(st.lists(st.floats(0, 1e6, width=32), min_size=12, max_size=12), max_size=5))
@settings(deadline=None)
def test_any_pitches_make_a_key_or_none(rows: list[list[float]]) -> None:
    found = key_of(np.array(rows, np.float32).reshape(-1, 12))
    assert found.key in range(-1, 12)
    assert 0 <= found.key_confidence <= 1
    assert 0 <= found.mode_confidence <= 1
