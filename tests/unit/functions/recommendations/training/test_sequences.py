import numpy as np

from functions.recommendations.training.sequences import Plays, ordered

MINUTE = 60.0


def plays(*of: tuple[int, int, float]) -> Plays:
    """Of users, tracks and minutes; each is heard for three minutes."""
    user, track, minute = (np.array(each) for each in zip(*of, strict=True))
    liked = np.ones(len(user), bool)
    at = minute.astype(float) * MINUTE
    return ordered(user.astype(np.int64), track.astype(np.int64), at, at + 3 * MINUTE, liked)


def test_plays_are_put_in_order() -> None:
    found = plays((1, 5, 0), (0, 2, 9), (0, 1, 3))
    assert found.user.tolist() == [0, 0, 1]
    assert found.track.tolist() == [1, 2, 5]


def test_a_pause_of_half_an_hour_begins_a_session() -> None:
    # From the end of a play to the beginning of the next: 30 minutes are none, 31 are one.
    found = plays((0, 1, 0), (0, 2, 33), (0, 3, 67), (1, 4, 68))
    assert found.sessions().tolist() == [0, 0, 1, 2]


def test_no_plays_are_of_no_session() -> None:
    nothing = plays((0, 1, 0)).where(np.array([False]))
    assert nothing.sessions().tolist() == []
