"""Matrix factorisation on ratings of a few people who like the same things."""

import itertools
import random

import msgspec
import pytest

from emulators.bigquery_ml import factorisation, recommending
from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.models import Column, Model
from emulators.bigquery_ml.rows import encoded

OPTIONS = {
    "model_type": "MATRIX_FACTORIZATION", "feedback_type": "IMPLICIT", "num_factors": 2,
    "l2_reg": 0.1, "rating_col": "liking",
}  # fmt: skip
COLUMNS = [Column("u", "STRING"), Column("i", "INTEGER"), Column("r", "FLOAT")]
PAIRS = [
    (f"{side}{user}", 100 * at + item)
    for at, side in enumerate("ab")
    for user, item in itertools.product(range(8), range(6))
    if (user + item) % 3
]


def ratings(pairs: list[tuple[str, int]]) -> bytes:
    return encoded({"u": user, "i": item, "r": 1.0 + item % 2} for user, item in pairs)


@pytest.fixture(scope="module")
def model() -> Model:
    return factorisation.train(ratings(PAIRS), COLUMNS, OPTIONS)


def scores(model: Model, user: str) -> dict[int, float]:
    asked = encoded([{"u": user}])
    [line] = b"".join(recommending.all_pairs(model, asked, None)).splitlines()
    named = b"".join(recommending.items_of(model, None)).splitlines()
    items = [msgspec.json.decode(each) for each in named]
    row = msgspec.json.decode(line)
    assert row["u"] == user
    return {item["i"]: row["p"][item["o"]] for item in items}


def test_what_has_not_been_rated_is_predicted(model: Model) -> None:
    for user, others in (("a0", 100), ("b5", 0)):
        found = scores(model, user)
        own = {item: score for item, score in found.items() if not others <= item < others + 100}
        assert len(own) == 6
        assert min(own.values()) > max(score for item, score in found.items() if item not in own)


def test_the_order_of_rows_does_not_matter(model: Model) -> None:
    shuffled = random.Random(1).sample(PAIRS, len(PAIRS))
    again = factorisation.train(ratings(shuffled), COLUMNS, OPTIONS)
    assert again.about == model.about
    for key, array in model.arrays.items():
        assert again.arrays[key].tolist() == array.tolist()


def test_pairs_and_all_pairs_agree(model: Model) -> None:
    asked = encoded(
        [{"n": 7, "u": "a1", "i": 3}, {"n": 8, "u": "nobody", "i": 3}, {"n": 9, "u": None, "i": 3}]
    )
    lines = b"".join(recommending.pairs(model, asked)).splitlines()
    found = {
        row["n"]: row["predicted_liking_confidence"] for row in map(msgspec.json.decode, lines)
    }
    assert found == {7: pytest.approx(scores(model, "a1")[3], abs=1e-5), 8: None, 9: None}


def test_items_and_users_that_nobody_knows_are_left_out(model: Model) -> None:
    asked = encoded([{"u": "nobody"}, {"u": None}])
    assert b"".join(recommending.all_pairs(model, asked, None)) == b""
    assert recommending.items_of(model, encoded([{"i": 5}, {"i": 77}])) == [b'{"i":5,"o":0}\n']


def test_too_many_pairs_are_refused(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommending, "MOST_PAIRS", 100)
    with pytest.raises(Refused, match="name fewer users"):
        next(recommending.all_pairs(model, None, None))


@pytest.mark.parametrize("rows", [b"", encoded([{"u": "a", "i": 1, "r": 0.0}])])
def test_nothing_to_learn_from(rows: bytes) -> None:
    with pytest.raises(Refused, match="no rating"):
        factorisation.train(rows, COLUMNS, OPTIONS)


def test_evaluation_knows_good_from_bad(model: Model) -> None:
    def evaluated(rows: bytes | None) -> dict[str, float]:
        [line] = recommending.evaluate(model, rows)
        found: dict[str, float] = msgspec.json.decode(line)
        return found

    others = [(f"{'ba'['ab'.index(user[0])]}{user[1]}", item) for user, item in PAIRS]
    good, bad = evaluated(None), evaluated(ratings(others))
    assert evaluated(ratings(PAIRS)) == pytest.approx(good)
    assert good["mean_average_precision"] > bad["mean_average_precision"]
    assert (
        good["normalized_discounted_cumulative_gain"] > bad["normalized_discounted_cumulative_gain"]
    )
    assert good["mean_squared_error"] < bad["mean_squared_error"]
    assert 0 <= good["average_rank"] < bad["average_rank"] <= 1
    with pytest.raises(Refused, match="no user"):
        evaluated(ratings([("nobody", 1)]))
