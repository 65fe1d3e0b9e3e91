"""How the rounds are unrolled; what the statements answer is tested where they run."""

import pytest
import sqlglot
from sqlglot import exp

from functions.recommendations.models import interests
from tests.unit.functions.recommendations.fakes import DATASET


def ctes(sql: str) -> dict[str, set[str]]:
    """Each by its name, with the others that it reads."""
    tree = sqlglot.parse_one(sql, read="bigquery")
    found = {each.alias: each for each in tree.find_all(exp.CTE)}
    return {
        name: {table.name for table in cte.this.find_all(exp.Table)} & found.keys()
        for name, cte in found.items()
    }


@pytest.mark.parametrize("rounds", [1, 5])
def test_each_round_reads_the_one_before_and_that_once(
    rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interests, "ROUNDS", rounds)
    reads = ctes(interests.interests(DATASET))
    for this in range(1, rounds + 1):
        assert reads[f"expected_{this}"] == {f"round_{this - 1}"}
        assert reads[f"round_{this}"] == {f"expected_{this}"}
    assert reads["shared"] == {f"round_{rounds}"}
    # What is read twice is made twice: no round may be.
    of_rounds = [name for each in reads.values() for name in each if name.startswith("round_")]
    assert len(of_rounds) == len(set(of_rounds)) == rounds + 1


def test_the_past_has_interests_of_its_own() -> None:
    for sql in (
        interests.steps(DATASET, suffix="_past"),
        interests.interests(DATASET, suffix="_past"),
    ):
        assert "tastes_past`" in sql
        assert "worths_past`" in sql
        assert "tastes`" not in sql


def test_only_listeners_have_interests() -> None:
    assert "listeners`" in interests.interests(DATASET)
    assert "listeners`" not in interests.steps(DATASET)
