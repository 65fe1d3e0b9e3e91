import numpy as np
import pytest

from functions.recommendations.training.rates import rates
from functions.recommendations.training.sequences import Plays, ordered
from functions.recommendations.training.tracks import Tracks

DAY = 86_400.0
# Tracks 1, 2 and 5 are of the first artist, 3 of the second; nobody plays 4, of the third, and 5.
TRACKS = Tracks(np.zeros((6, 2), np.float32), np.array([0, 1, 1, 2, 3, 1]))


def plays(*of: tuple[int, float], skipped: int = 0) -> Plays:
    """Tracks, and days on which one person plays them."""
    track, day = (np.array(each) for each in zip(*of, strict=True))
    nobody = np.zeros(len(track), np.int64)
    return ordered(nobody, track, day * DAY, day * DAY + 100, track != skipped)


def test_what_is_new_is_as_popular_as_what_is_played_as_often_a_day() -> None:
    old = [(1, float(day)) for day in range(100)]
    new = [(2, 90.0 + day) for day in range(10)]
    found = rates(plays(*old, *new, (3, 0.0)), TRACKS)
    assert found.bias[2] == pytest.approx(found.bias[1], abs=0.15)
    assert found.there[1] == pytest.approx(1, abs=0.01)
    assert found.there[2] == pytest.approx(0.1, abs=0.02)


def test_what_nobody_has_played_is_as_its_artist_usually_is() -> None:
    found = rates(plays(*((1, float(day)) for day in range(50)), (3, 0.0)), TRACKS)
    assert found.bias[5] == 0
    assert found.there[5] == 0
    assert found.plays[5] == 0
    assert found.bias_of_artist[1] > found.bias_of_artist[3] > found.bias_of_artist[2]


def test_what_was_skipped_is_no_play() -> None:
    found = rates(plays((1, 0.0), (3, 1.0), skipped=3), TRACKS)
    assert found.plays.tolist() == [0, 1, 0, 0, 0, 0]


def test_everything_was_skipped() -> None:
    found = rates(plays((1, 0.0), skipped=1), TRACKS)
    assert np.isfinite(found.bias).all()
    assert np.isfinite(found.bias_of_artist).all()
