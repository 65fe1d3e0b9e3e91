"""What the statements name; what they answer is tested where they run."""

import pytest
import sqlglot
from sqlglot import exp

from emulators.bigquery_ml.dialect import BigQueryMl
from functions.recommendations.features import statements as features
from functions.recommendations.models import interests, signals, statements
from tests.unit.functions.recommendations.fakes import DATASET

# What does not follow from who listened to what.
THE_SAME_FOR_ALL = {"tracks", "sounds", "neighbours", "likings", "plays_unique"}


def named(sql: str) -> tuple[str, set[str]]:
    """What a statement makes, and the tables and models that it reads."""
    tree = BigQueryMl().parse(sql)[0]
    assert tree is not None
    made = tree.this.name
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    tables = {each.name for each in tree.find_all(exp.Table) if each.db and each.name}
    return made, tables - own - {made}


def night(suffix: str = "", slot: int = 0) -> list[str]:
    return [
        statements.create(DATASET, slot, suffix=suffix),
        statements.candidates(DATASET, slot, suffix=suffix),
        statements.content(DATASET, suffix=suffix),
        *signals.relations(DATASET, suffix=suffix),
        *signals.signals(DATASET, slot, suffix=suffix),
    ]


def test_all_of_the_past_is_of_the_past() -> None:
    until = "TIMESTAMP '2026-11-01'"
    past = features.past(DATASET, suffix="_past", until=until)
    for sql in [*past, *night("_past")]:
        made, reads = named(sql)
        assert made.endswith("_past")
        assert {each for each in reads if not each.endswith("_past")} <= THE_SAME_FOR_ALL
    for sql in [*past, signals.relations(DATASET, suffix="_past", until=until)[1]]:
        assert until in sql
        assert "CURRENT_TIMESTAMP" not in sql


def test_each_table_is_made_before_it_is_read() -> None:
    there = {"tracks", "sounds", "neighbours", "feedback", "listeners", "tastes"}
    for sql in night():
        made, reads = named(sql)
        assert reads <= there, made
        there.add(made)


def test_the_model_learns_of_tracks_and_artists() -> None:
    made, reads = named(statements.create(DATASET, 1, suffix="_past"))
    assert made == "mf_1_past"
    assert reads == {"feedback_past", "tracks"}


def test_without_a_model_none_is_asked() -> None:
    for sql in signals.signals(DATASET, -1):
        assert "mf_" not in sql
        assert "candidates_" not in sql
        assert "confidences" not in sql
    assert len(signals.signals(DATASET, -1)) == 2


def test_what_grows_with_the_square_is_bounded() -> None:
    together, _, _, steps, mine = signals.relations(DATASET)
    assert f"place <= {signals.MOST_LIKED}" in together
    assert f"place <= {interests.MOST_ARTISTS}" in steps
    assert f"place <= {interests.MOST_INTERESTS}" in mine


@pytest.mark.parametrize("sql", [*night(), *night("_past")])
def test_they_are_googlesql(sql: str) -> None:
    if "ML." not in sql and "MODEL" not in sql:
        assert sqlglot.parse_one(sql, read="bigquery") is not None
    assert "{" not in sql
