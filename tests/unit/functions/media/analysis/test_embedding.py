import numpy as np
import pytest
from numpy.typing import NDArray

from functions.media.analysis.embedding import SIZE
from functions.media.analysis.frames import Floats
from tests.unit.functions.media.analysis import made


def of(samples: Floats) -> NDArray[np.float64]:
    return np.array(made.heard(samples).vector)


def test_the_same_sound_is_the_same_vector() -> None:
    vector = of(made.clicks(120, 10))
    assert vector.shape == (SIZE,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)
    assert np.array_equal(vector, of(made.clicks(120, 10)))


def test_what_sounds_alike_lies_close() -> None:
    chord, other_chord = of(made.chord(made.C_MAJOR, 10)), of(made.chord((62, 66, 69), 10))
    beat, noise = of(made.clicks(120, 10)), of(made.noise(10))
    alike = chord @ other_chord
    assert alike > 0.9
    assert alike > max(chord @ beat, chord @ noise, beat @ noise)


def test_silence_is_like_nothing() -> None:
    assert not of(made.silence(5)).any()
