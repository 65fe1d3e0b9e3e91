"""Which statements are about models, and how they are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.bigquery_ml.dialect import ModelFunction, concerns_models, parse
from emulators.bigquery_ml.errors import Refused


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE MODEL d.m OPTIONS(model_type='KMEANS') AS SELECT 1",
        "create or replace model `d.m` options(model_type='KMEANS') as select 1",
        "-- again\nDROP MODEL IF EXISTS d.m",
        "SELECT * FROM ML.RECOMMEND(MODEL d.m)",
        "SELECT * FROM ml . weights ( MODEL d.m )",
        "INSERT INTO d.t SELECT * FROM ML.PREDICT(MODEL d.m, TABLE d.x)",
        "WITH a AS (SELECT base FROM VECTOR_SEARCH(TABLE d.t, 'e', TABLE d.q)) SELECT * FROM a",
        "SELECT ML.DISTANCE(a, b) FROM d.t",
        "SELECT 1; DROP MODEL d.m",
    ],
)
def test_what_is_about_models(sql: str) -> None:
    assert concerns_models(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT model FROM d.cars",
        "SELECT ml.recommend FROM d.t AS ml",
        "SELECT `ML`.x FROM d.t",
        "SELECT 'ML.FORECAST(MODEL d.m)'",
        'SELECT "EXPORT MODEL d.m"',
        "SELECT 1 -- ML.PREDICT(MODEL d.m",
        "SELECT 1 /* DROP MODEL d.m */",
        "SELECT PREDICT(1), RECOMMEND(2)",
        "SELECT vector_search FROM d.t",
        "CREATE TABLE d.model AS SELECT 1",
        "SELECT 'not ended",
        "",
    ],
)
def test_what_is_not(sql: str) -> None:
    assert not concerns_models(sql)


@given(st.text())
def test_no_text_within_a_string_is_about_models(text: str) -> None:
    escaped = "".join(f"\\U{ord(letter):08x}" if letter in "'\\\n\r" else letter for letter in text)
    assert not concerns_models(f"SELECT 'ML.FORECAST( {escaped}'")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM ML.FORECAST(MODEL d.m)", r"ML\.FORECAST is not known here"),
        ("SELECT * FROM ML.TRAINING_INFO(MODEL d.m)", r"ML\.TRAINING_INFO is not known here"),
        ("EXPORT MODEL d.m OPTIONS(uri='gs://x')", "EXPORT MODEL is not known here"),
        ("ALTER MODEL d.m SET OPTIONS(description='x')", "ALTER MODEL is not known here"),
    ],
)
def test_what_is_unknown_is_named(sql: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        concerns_models(sql)


@pytest.mark.parametrize("function", ["RECOMMEND", "WEIGHTS", "EVALUATE", "CENTROIDS", "PREDICT"])
@pytest.mark.parametrize(
    ("given_text", "has_data", "has_settings"),
    [
        ("", False, False),
        (", (SELECT 1 AS x)", True, False),
        (", TABLE `p.d.t`", True, False),
        (", STRUCT(1 AS trial_id)", False, True),
        (", (SELECT 1), STRUCT(0.5 AS threshold)", True, True),
    ],
)
def test_table_functions(
    function: str, given_text: str, has_data: bool, has_settings: bool
) -> None:
    tree = parse(f"SELECT * FROM ML.{function}(MODEL `p.d.m`{given_text}) AS r JOIN x ON TRUE")
    found = tree.find(ModelFunction)
    assert found is not None
    assert found.args["function"] == function
    assert [part.name for part in found.this.parts] == ["p", "d", "m"]
    assert (found.args.get("expression") is not None) == has_data
    assert (found.args.get("params_struct") is not None) == has_settings
    assert found.parent is not None
    assert found.parent.alias == "r"


def test_somebodys_own_function_of_the_same_name() -> None:
    tree = parse("SELECT ML.DISTANCE(a, b), EVALUATE(1, 2), d.RECOMMEND(3) FROM t")
    assert tree.find(ModelFunction) is None


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 1; DROP MODEL d.m", "script"),
        ("SELECT * FROM ML.WEIGHTS(MODEL d.m) WHERE", "Syntax error"),
        ("SELECT * FROM ML.WEIGHTS(MODEL)", "Syntax error"),
    ],
)
def test_what_cannot_be_read(sql: str, message: str) -> None:
    with pytest.raises(Refused, match=message) as refused:
        parse(sql)
    assert refused.value.body()["error"]["errors"][0]["reason"] == "invalidQuery"
    assert "\x1b" not in str(refused.value)
