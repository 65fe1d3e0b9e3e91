"""The metrics, against values worked out by hand and against properties that any must have."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.recommending import metrics
from tests.bench.recommending.world import Ints


def numbers(*values: int) -> Ints:
    return np.array(values, np.int64)


def test_the_best_come_first_and_of_equals_the_first() -> None:
    scores = np.array([[1, 3, 3, -np.inf, 2]], np.float32)
    assert metrics.best(scores, 4).tolist() == [[1, 2, 4, 0]]


def test_all_are_ranked_where_there_are_fewer_than_asked_for() -> None:
    assert metrics.best(np.array([[1, 2]], np.float32), 10).tolist() == [[1, 0]]


def test_ndcg_is_discounted_by_place() -> None:
    wanted = [numbers(5, 6, 7)]
    hit = metrics.hits(np.array([[5, 1, 6, 2]]), wanted)
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert metrics.ndcg(hit, wanted, 4) == pytest.approx([(1 + 1 / 2) / ideal])


def test_ndcg_is_one_of_fewer_places_than_wants() -> None:
    wanted = [np.arange(30)]
    assert metrics.ndcg(metrics.hits(np.arange(10)[None], wanted), wanted) == pytest.approx([1])


def test_recall_is_of_what_can_be_found() -> None:
    wanted = [np.arange(30), numbers(1, 99)]
    ranked = np.array([np.arange(10), np.arange(10)])
    assert metrics.recall(metrics.hits(ranked, wanted), wanted, 10).tolist() == [1.0, 0.5]


def test_coverage_and_novelty() -> None:
    ranked = np.array([[0, 1], [0, 2]])
    assert metrics.coverage(ranked, 6) == 0.5
    # Of 7 users, 7 know item 0 and nobody the others: one in 8 at most.
    assert metrics.novelty(ranked, numbers(7, 0, 0), 7) == pytest.approx(1.5)


@given(
    st.permutations(range(12)), st.sets(st.integers(0, 11), min_size=1), st.integers(0, 10)
)  # fmt: skip
def test_a_hit_that_moves_up_never_costs(order: list[int], wanted: set[int], place: int) -> None:
    swapped = list(order)
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    if order[place] in wanted or order[place + 1] not in wanted:
        return
    want = [np.array(sorted(wanted))]
    before, after = (
        metrics.ndcg(metrics.hits(np.array([each]), want), want)[0] for each in (order, swapped)
    )
    assert after > before or place >= 10 or (place == 9 and after >= before)
    assert 0 <= before <= 1 + 1e-12


def test_an_interval_holds_the_mean_and_narrows_with_more_users() -> None:
    rng = np.random.default_rng(1)
    few, many = metrics.mean(rng.random(50)), metrics.mean(rng.random(5_000))
    assert few.low < few.value < few.high
    assert many.high - many.low < (few.high - few.low) / 5


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(30):
        found = metrics.mean(rng.exponential(1.0, 200))
        covered += found.low <= 1.0 <= found.high
    assert 24 <= covered <= 30


def test_pairs_that_differ_by_the_same_have_no_doubt_about_it() -> None:
    values = np.random.default_rng(3).random(100)
    found = metrics.ahead(values + 0.25, values)
    assert [found.low, found.high] == pytest.approx([0.25, 0.25])


def test_the_way_is_none_at_the_floor_and_whole_at_the_ceiling() -> None:
    floor, ceiling = np.array([0.1, 0.0, 0.2]), np.array([0.5, 0.6, 0.4])
    assert metrics.way(floor, floor, ceiling).value == 0
    assert metrics.way(ceiling, floor, ceiling).value == 1
    assert metrics.way((floor + ceiling) / 2, floor, ceiling).value == pytest.approx(0.5)


def test_an_interval_is_written_in_brackets() -> None:
    assert f"{metrics.Interval(0.5, 0.25, 0.75):.2f}" == "0.50 [0.25, 0.75]"
