"""What statements ask for, and the queries that their table functions are given."""

import pytest
import sqlglot

from emulators.bigquery_ml.dialect import parse
from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.models import ModelName
from emulators.bigquery_ml.statements import (
    CreateModel,
    Defaults,
    DropModel,
    about_a_model,
    calls,
    names_around,
    replace_distances,
    sql_of,
    with_what_is_in_scope,
)

DEFAULTS = Defaults("p", "dflt", "other")


def read(sql: str) -> CreateModel | DropModel | None:
    return about_a_model(parse(sql), DEFAULTS)


def test_create_model() -> None:
    asked = read(
        "CREATE OR REPLACE MODEL `d.m` OPTIONS(MODEL_TYPE='KMEANS', n=3, x=-0.5, y=1e-3, "
        "early=TRUE, names=['a', 'b']) AS SELECT a FROM d.t WHERE b > 1"
    )
    assert isinstance(asked, CreateModel)
    assert asked.name == ModelName("p", "d", "m")
    assert (asked.replace, asked.if_not_exists) == (True, False)
    assert asked.options == {
        "model_type": "KMEANS", "n": 3, "x": -0.5, "y": 0.001, "early": True, "names": ["a", "b"],
    }  # fmt: skip
    assert asked.query is not None
    assert sql_of(asked.query) == "SELECT a FROM d.t WHERE b > 1"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("m", ModelName("other", "dflt", "m")),
        ("d.m", ModelName("p", "d", "m")),
        ("`d.m-1`", ModelName("p", "d", "m-1")),
        ("`my-project.d.m`", ModelName("my-project", "d", "m")),
        ("my-project.d.m", ModelName("my-project", "d", "m")),
    ],
)
def test_names(written: str, name: ModelName) -> None:
    assert read(f"DROP MODEL {written}") == DropModel(name, if_exists=False)
    assert read(f"DROP MODEL IF EXISTS {written}") == DropModel(name, if_exists=True)


@pytest.mark.parametrize(
    "sql",
    [
        "DROP MODEL `d.a/b`",
        "DROP MODEL `..`.`x/y`",
        "DROP MODEL `d`.`../../m`",
        "CREATE MODEL d.m OPTIONS(model_type=@kind) AS SELECT 1",
        "CREATE MODEL d.m TRANSFORM(a) OPTIONS(model_type='KMEANS') AS SELECT 1",
        "CREATE MODEL d.m INPUT(x FLOAT64) OUTPUT(y FLOAT64) OPTIONS(model_type='ONNX')",
    ],
)
def test_refusals(sql: str) -> None:
    with pytest.raises(Refused):
        read(sql)


def test_a_name_needs_a_dataset() -> None:
    with pytest.raises(Refused, match="must be qualified with a dataset"):
        about_a_model(parse("DROP MODEL m"), Defaults("p"))


def test_other_statements_are_about_no_model() -> None:
    assert read("CREATE TABLE d.t AS SELECT 1") is None
    assert read("DROP TABLE d.t") is None


def inputs(sql: str) -> list[str]:
    return [
        sql_of(with_what_is_in_scope(given, call))
        for call in calls(parse(sql))
        if (given := call.this.args.get("expression") or call.this.args.get("query_table"))
    ]


@pytest.mark.parametrize(
    ("sql", "given"),
    [
        ("SELECT * FROM ML.RECOMMEND(MODEL d.m, (SELECT u FROM d.t))", "SELECT u FROM d.t"),
        ("SELECT * FROM ML.RECOMMEND(MODEL d.m, TABLE d.t)", "SELECT * FROM d.t"),
        (
            "WITH a AS (SELECT 1 AS u) SELECT * FROM ML.RECOMMEND(MODEL d.m, (SELECT u FROM a))",
            "WITH a AS (SELECT 1 AS u) SELECT u FROM a",
        ),
        (
            "CREATE TABLE d.t AS WITH a AS (SELECT 1 AS u) "
            "SELECT * FROM x JOIN ML.RECOMMEND(MODEL d.m, TABLE a) AS r ON TRUE",
            "WITH a AS (SELECT 1 AS u) SELECT * FROM a",
        ),
        (
            "WITH a AS (SELECT 1 AS u), b AS (SELECT * FROM ML.PREDICT(MODEL d.m, "
            "(WITH c AS (SELECT u FROM a) SELECT u FROM c))), z AS (SELECT 2) SELECT * FROM b",
            "WITH a AS (SELECT 1 AS u), c AS (SELECT u FROM a) SELECT u FROM c",
        ),
        (
            "WITH a AS (SELECT 1 AS u) SELECT * FROM (WITH a AS (SELECT 2 AS u) SELECT * "
            "FROM VECTOR_SEARCH(TABLE d.t, 'e', (SELECT * FROM a)))",
            "WITH a AS (SELECT 1 AS u), a AS (SELECT 2 AS u) SELECT * FROM a",
        ),
    ],
)
def test_a_table_function_is_given_what_its_query_names(sql: str, given: str) -> None:
    assert inputs(sql) == [given]


def test_calls_within_with_come_first() -> None:
    sql = (
        "WITH a AS (SELECT * FROM ML.WEIGHTS(MODEL d.first)) "
        "SELECT * FROM ML.PREDICT(MODEL d.second, TABLE a)"
    )
    assert [call.this.this.name for call in calls(parse(sql))] == ["first", "second"]


SEARCH = "VECTOR_SEARCH(TABLE d.t, 'e', (SELECT id, e FROM d.t))"


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (f"SELECT base.id, distance FROM {SEARCH}", {"base", "id", "distance"}),
        (f"SELECT s.Base.ID FROM {SEARCH} AS s", {"s", "base", "id"}),
        (f"SELECT COUNT(*) AS n FROM {SEARCH}", {"n"}),
        (f"SELECT * FROM {SEARCH}", None),
        (f"SELECT s.* FROM {SEARCH} AS s", None),
        (f"SELECT TO_JSON_STRING(base) FROM {SEARCH}", None),
        (f"SELECT s.query FROM {SEARCH} AS s", None),
        (f"WITH a AS (SELECT * FROM {SEARCH}) SELECT base.id FROM a", None),
    ],
)
def test_what_is_wanted_of_a_search(sql: str, found: set[str] | None) -> None:
    [call] = calls(parse(sql))
    assert names_around(call) == found


def test_table_functions_stand_in_from() -> None:
    with pytest.raises(Refused, match="FROM"):
        calls(parse("SELECT ML.PREDICT(MODEL d.m, (SELECT 1)) FROM d.t"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ML.DISTANCE(a.x, b.x)", "EUCLIDEAN_DISTANCE(a.x, b.x)"),
        ("1 - ml.distance(a.x, b.x, 'COSINE')", "1 - COSINE_DISTANCE(a.x, b.x)"),
        ("CAST(ML.DISTANCE(x, x, 'euclidean') AS STRING)",
         "CAST(EUCLIDEAN_DISTANCE(x, x) AS STRING)"),
    ],
)  # fmt: skip
def test_distances(written: str, expected: str) -> None:
    sql = sql_of(replace_distances(parse(f"SELECT {written} AS d FROM a, b")))
    wanted = sqlglot.parse_one(f"SELECT {expected} AS d FROM a, b", dialect="bigquery")
    assert sql == wanted.sql(dialect="bigquery")


@pytest.mark.parametrize("arguments", ["a", "a, b, 'HAMMING'", "a, b, 'COSINE', c", "a, b, kind"])
def test_distances_that_are_none(arguments: str) -> None:
    with pytest.raises(Refused, match=r"ML\.DISTANCE"):
        replace_distances(parse(f"SELECT ML.DISTANCE({arguments})"))
