import itertools
import math
from typing import Any

import msgspec
import pytest
import sqlglot

from functions.recommendations.models import blend
from functions.recommendations.models.blend import DEFAULTS, NAMES, Signals, features
from tests.unit.functions.recommendations.fakes import DATASET

NOTHING = Signals(0, 0, 0, 0, 0, 0)


def rows(**weights: float | None) -> list[dict[str, Any]]:
    return [{"name": name, "weight": weight} for name, weight in weights.items()]


def test_more_of_any_signal_is_a_greater_feature() -> None:
    low = Signals(0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
    for name in NAMES:
        high = msgspec.structs.replace(low, **{name: 0.2})
        pairs = list(
            itertools.starmap(lambda a, b: b - a, zip(features(low), features(high), strict=True))
        )
        assert sum(each > 0 for each in pairs) == 1
        assert min(pairs) == 0


def test_nothing_known_and_a_confidence_below_nothing_are_the_same() -> None:
    assert features(NOTHING) == features(msgspec.structs.replace(NOTHING, factors=-0.1))
    assert all(map(math.isfinite, features(NOTHING)))


def test_the_score_is_a_weighted_sum() -> None:
    weights = dict.fromkeys(NAMES, 0.0) | {"together": 2.0, "share": -1.0}
    of = [1.0, 3.0, 1.0, 1.0, 4.0, 1.0]
    assert blend.score(weights, of) == 2.0
    assert blend.score({**weights, blend.DEEP: 0.5}, of, deep=8.0) == 6.0


def test_there_is_a_weight_and_a_floor_for_every_signal() -> None:
    assert set(DEFAULTS) == set(NAMES)
    assert all(floor > 0 for floor in msgspec.structs.astuple(blend.FLOORS))


def test_weights_that_were_learned_hold() -> None:
    learned = dict.fromkeys(NAMES, 0.5)
    assert blend.weights_of(rows(**learned)) == learned
    # One for a deep model means nothing where there is none.
    assert blend.weights_of(rows(**learned, deep=1.0)) == learned
    assert blend.weights_of(rows(**learned, deep=1.0), deep=True) == {**learned, "deep": 1.0}


@pytest.mark.parametrize(
    "found",
    [
        {},
        dict.fromkeys(NAMES[1:], 0.5),
        {**dict.fromkeys(NAMES, 0.5), "share": math.nan},
        {**dict.fromkeys(NAMES, 0.5), "share": None},
    ],
    ids=["none", "one missing", "no number", "null"],
)
def test_the_defaults_hold_where_any_is_missing(found: dict[str, float | None]) -> None:
    assert blend.weights_of(rows(**found)) == DEFAULTS


def test_without_its_own_weight_a_deep_model_changes_nothing() -> None:
    assert blend.weights_of(rows(**dict.fromkeys(NAMES, 0.5)), deep=True) == DEFAULTS
    assert "0.0 * COALESCE(d.score" in blend.ranked(DATASET, DEFAULTS, deep_scores="deep_scores")


def test_a_deep_model_is_joined_where_there_is_one() -> None:
    assert "deep" not in blend.ranked(DATASET, DEFAULTS)
    beside = blend.ranked(DATASET, {**DEFAULTS, "deep": 0.25}, deep_scores="deep_scores_2")
    assert "0.25 * COALESCE(d.score" in beside
    assert f"LEFT JOIN `{DATASET}.deep_scores_2`" in beside


@pytest.mark.parametrize("weight", [-0.13, 1e-7, 2.0, 1e22])
def test_any_number_is_a_literal(weight: float) -> None:
    sql = blend.ranked(DATASET, dict.fromkeys(NAMES, weight), suffix="_past")
    parsed = sqlglot.parse_one(sql, read="bigquery")
    literals = {
        abs(float(each.this)) for each in parsed.find_all(sqlglot.exp.Literal) if not each.is_string
    }
    assert abs(weight) in literals
    tables = {table.name for table in parsed.find_all(sqlglot.exp.Table)}
    assert tables == {"ranked_past", "signals_past"}
