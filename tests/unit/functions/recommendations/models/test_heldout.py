import math
from typing import Any

import pytest

from functions.recommendations.models.heldout import (
    LEAST_LISTENERS,
    LISTENERS,
    POPULAR,
    RANKED,
    worth,
)


def row(wanted: int, ranked: float, popular: float) -> dict[str, Any]:
    return {"wanted": wanted, "ranked": ranked, "popular": popular}


def test_the_best_order_is_worth_one_and_none_that_hits_nothing() -> None:
    gains = [1 / math.log2(place + 1) for place in range(1, 11)]
    rows = [row(3, sum(gains[:3]), 0.0), row(25, sum(gains), 0.0)] * LEAST_LISTENERS
    assert worth(rows) == {
        RANKED: pytest.approx(1.0),
        POPULAR: 0.0,
        LISTENERS: 2.0 * LEAST_LISTENERS,
    }


def test_every_listener_counts_the_same() -> None:
    rows = [row(1, 1.0, 0.5), row(1, 0.0, 0.0)] * LEAST_LISTENERS
    found = worth(rows)
    assert found[RANKED] == pytest.approx(0.5)
    assert found[POPULAR] == pytest.approx(0.25)


def test_a_few_listeners_say_nothing() -> None:
    assert worth([row(1, 1.0, 0.0)] * (LEAST_LISTENERS - 1)) == {}
