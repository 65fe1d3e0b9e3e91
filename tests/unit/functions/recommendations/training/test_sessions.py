import numpy as np
import pytest

from functions.recommendations.models.deep import (
    ENDED,
    HALVED_AFTER,
    LEAST_CHANCE,
    SESSIONS,
    SKIPPED,
)
from functions.recommendations.training.sequences import NOTHING, Plays, histories, ordered
from functions.recommendations.training.sessions import Sessions, last_sessions

MINUTE = 60.0


def plays(*of: tuple[int, int, float], skipped: frozenset[int] = frozenset()) -> Plays:
    """Of users, tracks and minutes; each is heard for three minutes."""
    user, track, minute = (np.array(each) for each in zip(*of, strict=True))
    liked = np.array([int(number) not in skipped for number in track])
    at = minute.astype(float) * MINUTE
    return ordered(user.astype(np.int64), track.astype(np.int64), at, at + 3 * MINUTE, liked)


def users(*of: int) -> np.ndarray:
    return np.array(of, np.int64)


def test_each_session_is_asked_about_as_if_it_went_on() -> None:
    known = plays(
        (0, 1, 0), (0, 2, 4), (0, 3, 200), (1, 8, 0), (1, 9, 4), skipped=frozenset({2, 3})
    )
    found = last_sessions(known, users(0, 1), length=3)
    assert found.listener.tolist() == [0, 0, 1]
    assert found.track.tolist() == [[1, 2, 3], [NOTHING, 1, 2], [NOTHING, 8, 9]]
    assert found.mark.tolist() == [
        [0, ENDED | SKIPPED, SKIPPED],
        [ENDED, 0, SKIPPED],
        [ENDED, 0, 0],
    ]


def test_only_those_who_are_asked_for_are_there_and_in_that_order() -> None:
    known = plays((0, 1, 0), (2, 3, 0), (5, 6, 0))
    found = last_sessions(known, users(2, 5), length=2)
    assert found.track.tolist() == [[NOTHING, 3], [NOTHING, 6]]


@pytest.mark.parametrize("user", [0, 1, 9])
def test_who_has_played_nothing_is_about_to_begin(user: int) -> None:
    known = plays((2, 3, 0), (2, 4, 100))
    found = last_sessions(known, users(user), length=2)
    track, mark = histories(known, 10, length=2)
    assert found.track.tolist() == track[[user]].tolist()
    assert found.mark.tolist() == mark[[user]].tolist() == [[ENDED, ENDED]]
    assert found.weight.tolist() == [1.0]


def test_nobody_has_played_anything() -> None:
    nothing = plays((0, 1, 0)).where(np.array([False]))
    found = last_sessions(nothing, users(0, 1), length=2)
    assert found.listener.tolist() == [0, 1]
    assert not found.track.any()
    assert (found.mark == ENDED).all()


def test_so_many_at_most_and_the_older_count_less() -> None:
    known = plays(*((0, number + 1, 100.0 * number) for number in range(SESSIONS + 5)))
    found = last_sessions(known, users(0), length=2)
    assert len(found) == SESSIONS
    assert found.track[:, -1].tolist() == list(range(SESSIONS + 5, 5, -1))
    assert found.weight.sum() == pytest.approx(1)
    assert found.weight[int(HALVED_AFTER)] == pytest.approx(found.weight[0] / 2)


def test_either_mood_is_likelier_than_what_lies_between() -> None:
    one, other, between = np.array([0.8, 0.001, 0.1]), np.array([0.001, 0.8, 0.1]), 2
    asked = np.zeros((2, 1), np.int64)
    both = Sessions(users(0, 0), asked, asked, np.array([0.5, 0.5]))
    said = np.log(np.array([one, other])).astype(np.float32)
    assert said.mean(axis=0).argmax() == between
    [mixed] = both.mixed(said)
    assert np.exp(mixed) == pytest.approx((one + other) / 2, rel=1e-4)


def test_listeners_are_not_mixed_and_no_chance_is_nothing() -> None:
    asked = np.zeros((3, 1), np.int64)
    of = Sessions(users(0, 0, 1), asked, asked, np.array([0.75, 0.25, 1.0]))
    found = of.mixed(np.array([[0.0], [-np.inf], [-500.0]], np.float32))
    assert found[0, 0] == pytest.approx(np.log(0.75))
    assert found[1, 0] == pytest.approx(np.log(LEAST_CHANCE))
