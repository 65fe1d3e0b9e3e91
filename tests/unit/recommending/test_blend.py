"""The weights that are learned, and the score that they make."""

import itertools
import math
import random

import msgspec
import pytest

from tests.bench.recommending import blend
from tests.bench.recommending.blend import Choice, Signals, Weights, features, fit


def made(weights: list[float], *, choices: int = 600, offered: int = 12) -> list[Choice]:
    """Choices by listeners who weigh as is said."""
    rng = random.Random(5)
    found = []
    for _ in range(choices):
        rows = [[rng.gauss(0, 1) for _ in weights] for _ in range(offered)]
        scores = [math.exp(sum(w * v for w, v in zip(weights, row, strict=True))) for row in rows]
        found.append(Choice(rows, rng.choices(range(offered), scores)))
    return found


def test_the_weights_of_those_who_chose_are_found() -> None:
    truth = [1.0, -0.5, 0.0]
    assert fit(made(truth), 3).values == pytest.approx(truth, abs=0.15)


def test_choices_at_random_have_no_weight() -> None:
    assert fit(made([0.0, 0.0]), 2).values == pytest.approx([0.0, 0.0], abs=0.12)


def test_a_feature_that_is_the_same_for_all_has_no_weight() -> None:
    choices = [Choice([[*row, 3.0] for row in each.offered], each.chosen) for each in made([1.0])]
    assert fit(choices, 2).values[1] == pytest.approx(0.0, abs=1e-6)


def test_the_unit_of_a_feature_does_not_matter() -> None:
    choices = made([1.0, 0.5])
    wide = [Choice([[a * 1e3, b] for a, b in each.offered], each.chosen) for each in choices]
    one, other = fit(choices, 2).values, fit(wide, 2).values
    assert other == pytest.approx([one[0] / 1e3, one[1]])


def test_choices_that_one_feature_explains_wholly_end_in_finite_weights() -> None:
    values = fit([Choice([[1.0], [0.0]], [0])] * 500, 1).values
    assert 0 < values[0] < 100


def test_several_may_be_chosen_of_the_same() -> None:
    found = fit([Choice([[1.0], [1.0], [0.0], [0.0]], [0, 1])] * 50, 1)
    assert found.values[0] > 1


def test_nothing_chosen_weighs_nothing() -> None:
    assert fit([]).values == (0.0,) * len(blend.NAMES)


def test_the_score_is_a_weighted_sum() -> None:
    assert Weights((2.0, -1.0)).score([3.0, 4.0]) == 2.0


def test_weights_and_features_must_be_of_one_size() -> None:
    with pytest.raises(ValueError, match="argument 2 is longer"):
        Weights((1.0,)).score([1.0, 2.0])


def test_more_of_any_signal_is_a_greater_feature() -> None:
    low = Signals(0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
    for name in blend.NAMES:
        high = msgspec.structs.replace(low, **{name: 0.2})
        pairs = list(itertools.starmap(lambda a, b: b - a, zip(features(low), features(high),
                                                               strict=True)))  # fmt: skip
        assert sum(each > 0 for each in pairs) == 1
        assert min(pairs) == 0


def test_nothing_known_and_a_confidence_below_nothing_are_the_same() -> None:
    nothing = Signals(0, 0, 0, 0, 0, 0)
    assert features(nothing) == features(msgspec.structs.replace(nothing, factors=-0.1))
    assert all(map(math.isfinite, features(nothing)))


def test_weights_can_be_kept() -> None:
    weights = fit(made([1.0, 0.5], choices=20), 2)
    assert msgspec.json.decode(msgspec.json.encode(weights), type=Weights) == weights
