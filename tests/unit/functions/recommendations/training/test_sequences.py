import numpy as np

from functions.recommendations.models.deep import ENDED, SKIPPED
from functions.recommendations.training.sequences import (
    NOTHING,
    Plays,
    batches,
    histories,
    looking_back,
    ordered,
    windows,
)

MINUTE = 60.0


def plays(*of: tuple[int, int, float], skipped: frozenset[int] = frozenset()) -> Plays:
    """Of users, tracks and minutes; each is heard for three minutes."""
    user, track, minute = (np.array(each) for each in zip(*of, strict=True))
    liked = np.array([int(number) not in skipped for number in track])
    at = minute.astype(float) * MINUTE
    return ordered(user.astype(np.int64), track.astype(np.int64), at, at + 3 * MINUTE, liked)


def of_one(count: int) -> Plays:
    return plays(*((0, number + 1, 4.0 * number) for number in range(count)))


def test_plays_are_put_in_order() -> None:
    found = plays((1, 5, 0), (0, 2, 9), (0, 1, 3))
    assert found.user.tolist() == [0, 0, 1]
    assert found.track.tolist() == [1, 2, 5]
    assert found.firsts().tolist() == [0, 2]


def test_a_pause_of_half_an_hour_ends_a_session() -> None:
    # From the end of a play to the beginning of the next: 30 minutes are none, 31 are one.
    found = plays((0, 1, 0), (0, 2, 33), (0, 3, 67), (1, 4, 68), skipped=frozenset({2, 4}))
    assert found.marks().tolist() == [0, ENDED | SKIPPED, ENDED, ENDED | SKIPPED]


def test_each_play_is_predicted_from_what_came_before() -> None:
    made = windows(of_one(3), np.array([True, False, True]), length=4)
    assert made.track.tolist() == [[NOTHING, NOTHING, 1, 2]]
    assert made.target.tolist() == [[NOTHING, 1, 2, 3]]
    assert made.learned.tolist() == [[False, True, False, True]]
    assert made.mark.tolist() == [[ENDED, ENDED, 0, 0]]


def test_long_histories_are_cut_and_nothing_is_lost() -> None:
    learned = np.ones(10, bool)
    for offset in range(4):
        made = windows(of_one(10), learned, length=4, offset=offset)
        targets = made.target[made.target != NOTHING]
        assert sorted(targets.tolist()) == list(range(1, 11))
        # What comes before a piece is its first play's own predecessor.
        before = made.track[made.target != NOTHING]
        assert (targets - before == 1).all()
        assert made.learned.sum() == 10
        firsts = (made.target != NOTHING).sum(axis=1)
        assert firsts[0] == (offset or 4)


def test_windows_hold_one_user_each() -> None:
    made = windows(plays((0, 1, 0), (1, 2, 0), (1, 3, 4)), np.ones(3, bool), length=3)
    assert made.target.tolist() == [[0, 0, 1], [0, 2, 3]]
    assert made.track.tolist() == [[0, 0, 0], [0, 0, 2]]


def test_batches_hold_every_window_once_and_little_padding() -> None:
    many = plays(*((user, user + 1, 4.0 * n) for user in range(30) for n in range(user + 1)))
    made = windows(many, np.ones(len(many), bool), length=32)
    found = list(batches(made, 64, np.random.default_rng(7)))
    assert sum(len(each) for each in found) == len(made)
    assert sum(int((each.target != NOTHING).sum()) for each in found) == len(many)
    assert all(each.target.size <= 64 + 8 * len(each) for each in found)
    again = list(batches(made, 64, np.random.default_rng(7)))
    assert all((a.target == b.target).all() for a, b in zip(found, again, strict=True))


def test_histories_end_with_the_newest_play() -> None:
    track, mark = histories(plays((0, 1, 0), (0, 2, 4), (0, 3, 8), (2, 9, 0)), 3, length=2)
    assert track.tolist() == [[2, 3], [NOTHING, NOTHING], [NOTHING, 9]]
    assert mark.tolist() == [[0, ENDED], [ENDED, ENDED], [ENDED, ENDED]]


def test_looking_back_from_within_a_session() -> None:
    known = plays((0, 1, 0), (0, 2, 4), (0, 3, 8), (1, 4, 0), (1, 5, 4))
    track, mark = looking_back(known, np.array([0, 3]), np.array([2, 4]), length=3)
    assert track.tolist() == [[NOTHING, 1, 2], [NOTHING, NOTHING, 4]]
    assert mark.tolist() == [[ENDED, 0, 0], [ENDED, ENDED, 0]]


def test_nobody_has_played_anything() -> None:
    nothing = of_one(1).where(np.array([False]))
    track, mark = histories(nothing, 2, length=3)
    assert not track.any()
    assert (mark == ENDED).all()
