import numpy as np
import pytest

from functions.recommendations.models.deep import SESSIONS
from functions.recommendations.training.histories import Histories
from functions.recommendations.training.sequences import NOTHING, Plays, ordered

MINUTE = 60.0


def plays(*of: tuple[int, int, float], skipped: frozenset[int] = frozenset()) -> Plays:
    """Of users, tracks and minutes; each is heard for three minutes."""
    user, track, minute = (np.array(each) for each in zip(*of, strict=True))
    liked = np.array([int(number) not in skipped for number in track])
    at = minute.astype(float) * MINUTE
    return ordered(user.astype(np.int64), track.astype(np.int64), at, at + 3 * MINUTE, liked)


def users(*of: int) -> np.ndarray:
    return np.array(of, np.int64)


def test_the_newest_comes_first_and_sessions_are_numbered_backwards() -> None:
    known = plays((0, 1, 0), (0, 2, 4), (0, 3, 200), (2, 8, 0), (2, 9, 400))
    track, session = Histories(known, length=4).last(users(0, 2))
    assert track.tolist() == [[3, 2, 1, NOTHING], [9, 8, NOTHING, NOTHING]]
    assert session.tolist() == [[1, 2, 2, 0], [1, 2, 0, 0]]


def test_what_was_skipped_is_not_seen_but_its_session_counts() -> None:
    known = plays((0, 1, 0), (0, 2, 4), (0, 3, 200), skipped=frozenset({2, 3}))
    track, session = Histories(known, length=2).last(users(0))
    assert track.tolist() == [[1, NOTHING]]
    assert session.tolist() == [[2, 0]]


@pytest.mark.parametrize("user", [0, 1, 9])
def test_who_has_played_nothing_has_no_history(user: int) -> None:
    known = plays((2, 3, 0), (2, 4, 100))
    track, session = Histories(known, length=2).last(users(user))
    assert track.tolist() == session.tolist() == [[NOTHING, NOTHING]]


def test_nobody_has_played_anything() -> None:
    nothing = plays((0, 1, 0)).where(np.array([False]))
    track, session = Histories(nothing, length=3).last(users(0, 1))
    assert track.shape == session.shape == (2, 3)
    assert not track.any()
    assert not session.any()


def test_so_many_sessions_at_most() -> None:
    known = plays(*((0, number + 1, 100.0 * number) for number in range(SESSIONS + 5)))
    track, session = Histories(known, length=100).last(users(0))
    assert (track > 0).sum() == SESSIONS
    assert session.max() == SESSIONS
    assert track[0, 0] == SESSIONS + 5


def test_a_session_that_goes_on_has_the_number_0() -> None:
    known = plays((0, 1, 0), (0, 2, 200), (0, 3, 204), (0, 4, 208), (1, 5, 0), (1, 6, 90))
    track, session = Histories(known, length=3).before(np.array([3, 1, 5]))
    assert track.tolist() == [[3, 2, 1], [1, NOTHING, NOTHING], [5, NOTHING, NOTHING]]
    # The second is asked about as its session begins: what lies before is over.
    assert session.tolist() == [[0, 0, 1], [1, 0, 0], [1, 0, 0]]


def test_what_is_too_long_has_its_turns() -> None:
    known = plays(*((user, number + 1, 4.0 * number) for user in (0, 1) for number in range(8)))
    histories, rng = Histories(known, length=3), np.random.default_rng(7)
    seen = set()
    for _ in range(60):
        track, session = histories.at_some_time(users(1), rng)
        assert (track > 0).all(), "it is as long as can be"
        assert (session == 1).all()
        seen |= set(track.ravel().tolist())
    assert seen == set(range(1, 9))


def test_what_is_short_is_seen_as_it_is() -> None:
    known = plays((0, 1, 0), (0, 2, 4), (1, 3, 0), skipped=frozenset({3}))
    histories, rng = Histories(known, length=3), np.random.default_rng(7)
    for _ in range(20):
        track, _ = histories.at_some_time(users(0, 1), rng)
        assert track.tolist() == [[2, 1, NOTHING], [NOTHING] * 3]
