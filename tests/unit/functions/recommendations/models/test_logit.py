import math
import random

import pytest

from functions.recommendations.models.logit import Choice, fit


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
    assert fit(made(truth), 3) == pytest.approx(truth, abs=0.15)


def test_choices_at_random_have_no_weight() -> None:
    assert fit(made([0.0, 0.0]), 2) == pytest.approx([0.0, 0.0], abs=0.12)


def test_a_feature_that_is_the_same_for_all_has_no_weight() -> None:
    choices = [Choice([[*row, 3.0] for row in each.offered], each.chosen) for each in made([1.0])]
    assert fit(choices, 2)[1] == pytest.approx(0.0, abs=1e-6)


def test_the_unit_of_a_feature_does_not_matter() -> None:
    choices = made([1.0, 0.5])
    wide = [Choice([[a * 1e3, b] for a, b in each.offered], each.chosen) for each in choices]
    one, other = fit(choices, 2), fit(wide, 2)
    assert other == pytest.approx([one[0] / 1e3, one[1]])


def test_choices_that_one_feature_explains_wholly_end_in_finite_weights() -> None:
    [value] = fit([Choice([[1.0], [0.0]], [0])] * 500, 1)
    assert 0 < value < 100


def test_several_may_be_chosen_of_the_same() -> None:
    [found] = fit([Choice([[1.0], [1.0], [0.0], [0.0]], [0, 1])] * 50, 1)
    assert found > 1


def test_nothing_chosen_weighs_nothing() -> None:
    assert fit([], 3) == (0.0, 0.0, 0.0)
