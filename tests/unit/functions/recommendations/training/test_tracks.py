import numpy as np
import pytest

from functions.recommendations.training.tracks import Tracks

RNG = np.random.default_rng(7)


def test_a_track_is_known_by_its_sound_and_its_artists() -> None:
    sound = np.zeros((7, 3), np.float32)
    sound[1:5] = RNG.normal(3, 2, (4, 3))
    found = Tracks(sound, np.array([0, 1, 1, 2, 2, 1, 3])).features()
    assert found.shape == (7, 6)
    assert found[1:5, :3].mean(axis=0) == pytest.approx(0, abs=1e-5)
    assert found[1, 3:].tolist() == found[2, 3:].tolist() != found[3, 3:].tolist()
    # Without a sound it has its artist's, and an artist without one has none.
    assert not found[5, :3].any()
    assert found[5, 3:].tolist() == found[1, 3:].tolist()
    assert not found[6].any()
    assert not found[0].any()


def test_the_scale_of_sounds_does_not_matter() -> None:
    sound = RNG.normal(size=(50, 4)).astype(np.float32)
    sound[0] = 0
    artist = RNG.integers(1, 9, 50)
    once, twice = (Tracks(sound * factor, artist).features() for factor in (1, 200))
    assert np.allclose(once, twice, atol=1e-4)


def test_no_sounds_at_all() -> None:
    found = Tracks(np.zeros((5, 4), np.float32), np.array([0, 1, 1, 2, 2])).features()
    assert found.shape == (5, 8)
    assert not found.any()
