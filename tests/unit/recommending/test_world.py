"""The made-up world and its log: what is said of them is so."""

import dataclasses

import numpy as np
import pytest

from tests.bench.recommending.listening import Log, listen
from tests.bench.recommending.metrics import best
from tests.bench.recommending.world import Shape, World, make

SHAPE = Shape(users=300, tracks=600, plays=60_000, genres=8, seed=3)


@pytest.fixture(scope="module")
def world() -> World:
    return make(SHAPE)


@pytest.fixture(scope="module")
def log(world: World) -> Log:
    return listen(world)


def test_the_same_seed_makes_the_same_log(log: Log) -> None:
    again = listen(make(SHAPE))
    assert all(np.array_equal(a, b) for a, b in zip(fields(log), fields(again), strict=True))
    other = listen(make(dataclasses.replace(SHAPE, seed=4)))
    assert len(other) != len(log) or not np.array_equal(other.track, log.track)


def fields(log: Log) -> list[np.ndarray[tuple[int], np.dtype[np.generic]]]:
    return list(log.__dict__.values())


def test_there_are_about_as_many_plays_as_asked_for(log: Log) -> None:
    assert 0.9 * SHAPE.plays < len(log) < 1.1 * SHAPE.plays


def test_chances_are_chances(world: World) -> None:
    chances = world.chances(world.mood_place[:20, 0])
    assert chances.min() >= 0
    assert chances.sum(axis=1) == pytest.approx(np.ones(20), abs=1e-4)


def test_tracks_are_drawn_by_the_chances_that_the_oracle_knows(world: World) -> None:
    """A log of many plays in one mood has each track as often as its chance says."""
    one = dataclasses.replace(
        world,
        shape=dataclasses.replace(SHAPE, users=1, plays=100_000),
        mood_place=world.mood_place[:1],
        mood_before=np.array([[1, 0]], np.float32),
        mood_after=np.array([[1, 0]], np.float32),
        joined=np.zeros(1, np.float32),
        released=np.zeros(SHAPE.tracks, np.float32),
    )
    made = listen(one)
    chances = one.chances(one.mood_place[:, 0])[0].astype(float)
    counts = np.bincount(made.track, minlength=SHAPE.tracks)
    expected = chances * len(made)
    often = expected > 20
    spread = (counts - expected)[often] / np.sqrt(expected[often])
    assert often.sum() > 20
    assert abs(spread).max() < 5
    completed = np.bincount(made.track[made.completed], minlength=SHAPE.tracks)
    wanted = one.oracle(np.zeros(1, np.int64))[0].astype(float) * len(made)
    often = wanted > 20
    assert abs((completed - wanted)[often] / np.sqrt(wanted[often])).max() < 5


def test_popularity_has_a_long_tail(log: Log) -> None:
    counts = np.sort(np.bincount(log.track, minlength=SHAPE.tracks))[::-1]
    top = counts[: SHAPE.tracks // 10].sum() / len(log)
    assert 0.25 < top < 0.9


def test_nothing_is_played_before_it_is_out(world: World, log: Log) -> None:
    assert (log.day >= world.released[log.track]).all()
    assert (world.released == SHAPE.split).sum() > 0


def test_nobody_plays_before_they_join_and_everybody_plays(world: World, log: Log) -> None:
    assert (log.day >= np.floor(world.joined[log.user])).all()
    assert len(np.unique(log.user)) == SHAPE.users


def test_a_session_is_one_listener_in_one_mood_in_order(log: Log) -> None:
    same = log.session[1:] == log.session[:-1]
    assert (log.user[1:] == log.user[:-1])[same].all()
    assert (log.mood[1:] == log.mood[:-1])[same].all()
    assert (np.diff(log.day) >= 0)[same].all()


def test_moods_drift_to_where_the_oracle_says_they_are(world: World, log: Log) -> None:
    late = log.day >= SHAPE.split
    share = np.mean(log.mood[late] == 0)
    says = world.mood_after[log.user[late], 0].mean()
    assert share == pytest.approx(says, abs=0.05)
    assert abs(world.mood_after - world.mood_before).max() > 0.2


def test_the_first_places_of_the_shelf_are_taken_most(log: Log) -> None:
    shown = log.position[log.position >= 0]
    counts = np.bincount(shown, minlength=SHAPE.shelf)
    assert len(shown) / len(log) == pytest.approx(SHAPE.shelf_share, rel=0.1)
    assert counts[0] > counts[4] > counts[30]


def test_what_is_near_is_heard_to_its_end(world: World, log: Log) -> None:
    own = log.position < 0
    assert log.completed[own].mean() > log.completed[~own].mean() + 0.2


def test_the_oracle_finds_more_than_popularity(world: World, log: Log) -> None:
    late = (log.day >= SHAPE.split) & log.completed
    users = np.unique(log.user[late])
    firsts = best(world.oracle(users), 10)
    popular = np.argsort(-np.bincount(log.track, minlength=SHAPE.tracks))[:10]
    found = known = 0
    for row, user in enumerate(users):
        wanted = log.track[late & (log.user == user)]
        found += np.isin(firsts[row], wanted).sum()
        known += np.isin(popular, wanted).sum()
    assert found > 2 * known


def test_without_structure_all_want_the_same() -> None:
    world = make(SHAPE.without_structure())
    found = world.oracle(np.arange(5))
    assert found == pytest.approx(np.tile(found[0], (5, 1)), abs=1e-6)
