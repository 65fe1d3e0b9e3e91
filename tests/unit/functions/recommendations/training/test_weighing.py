import numpy as np
import pytest

from functions.recommendations.training.weighing import (
    FIRSTS,
    Doubles,
    Interval,
    Question,
    fit,
    hard,
    interval,
    ndcg,
)


def questions(weights: list[float], count: int, *, seed: int = 7) -> list[Question]:
    """Choices of three among thirty, drawn as a multinomial logit has it."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        features = rng.normal(size=(30, len(weights)))
        scores = features @ np.array(weights) + rng.gumbel(size=30)
        wanted = np.zeros(30, bool)
        wanted[np.argsort(-scores)[:3]] = True
        made.append(Question(str(number), features, wanted))
    return made


def test_weights_are_found_again() -> None:
    found = fit(questions([1.0, -0.5, 0.0], 1_500))
    # Three without putting back are a little less telling than three draws.
    assert found == pytest.approx([1.0, -0.5, 0.0], abs=0.12)


def test_weights_do_not_depend_on_the_scale_of_features() -> None:
    made = questions([1.0, -0.5], 300)
    scale = np.array([100.0, 0.01])
    scaled = [Question(each.user, each.features * scale, each.wanted) for each in made]
    assert fit(scaled) * scale == pytest.approx(fit(made), rel=1e-3)


def test_a_feature_that_never_differs_has_no_weight() -> None:
    made = [
        Question(each.user, np.column_stack([each.features, np.ones(30)]), each.wanted)
        for each in questions([1.0], 100)
    ]
    assert fit(made)[1] == pytest.approx(0.0, abs=1e-6)


def test_nothing_is_learned_of_no_choices() -> None:
    [one] = questions([1.0, 2.0], 1)
    everything = Question("u", one.features, np.ones(30, bool))
    nothing = Question("u", one.features, np.zeros(30, bool))
    assert fit([everything, nothing]).tolist() == [0.0, 0.0]
    assert fit([]).tolist() == []


def test_learned_from_is_what_a_signal_puts_first() -> None:
    count = 4 * FIRSTS
    by_one, by_other = np.arange(count), -np.arange(count)
    # What the last feature puts first is in the middle for the others.
    elsewhere = -np.abs(np.arange(count) - count // 2)
    features = np.column_stack([by_one, by_other, elsewhere]).astype(float)
    wanted = np.isin(np.arange(count), [0, count // 2, count - 1])
    found = hard(Question("u", features, wanted, missed=2), 2)
    assert len(found.features) == 2 * FIRSTS
    assert sorted(found.features[found.wanted][:, 0]) == [0, count - 1]
    assert found.missed == 3
    few = Question("u", features[:10], wanted[:10])
    assert hard(few, 2).features.tolist() == few.features.tolist()


def question(scores: list[float], wanted: list[int], missed: int = 0) -> Question:
    features: Doubles = np.array(scores)[:, None]
    return Question("u", features, np.isin(np.arange(len(scores)), wanted), missed)


def test_ndcg_by_hand() -> None:
    one = np.array([1.0])
    first, second = 1 / np.log2(2), 1 / np.log2(3)
    assert ndcg([question([3, 2, 1], [0])], one) == [1.0]
    assert ndcg([question([3, 2, 1], [1])], one) == pytest.approx([second])
    assert ndcg([question([3, 2, 1], [0, 2], missed=0)], one) == pytest.approx(
        [(first + 0.5) / (first + second)]
    )
    # What was wanted and not offered was missed.
    assert ndcg([question([3, 2, 1], [0], missed=1)], one) == pytest.approx(
        [first / (first + second)]
    )
    assert ndcg([question([3, 2, 1], [], missed=2)], one) == [0.0]
    far = question([float(-n) for n in range(20)], [15])
    assert ndcg([far], one) == [0.0]


def test_intervals_hold_the_mean_and_are_the_same_again() -> None:
    values = np.random.default_rng(7).normal(0.5, 0.1, 400)
    found = interval(values)
    assert found.low < found.mean < found.high
    assert found.high - found.low == pytest.approx(4 * 0.1 / 20, rel=0.2)
    assert interval(values) == found
    assert interval(np.array([])) == Interval(0.0, 0.0, 0.0)
    assert str(Interval(0.5, 0.25, 0.75)) == "0.5000 [0.2500, 0.7500]"
