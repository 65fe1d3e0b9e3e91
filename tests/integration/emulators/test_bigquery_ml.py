"""Models in BigQuery's emulator, by SQL through Google's own client."""

import asyncio
import contextlib
import itertools
import math
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import BadRequest, Conflict, GoogleAPICallError, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud.bigquery import Client, QueryJobConfig, ScalarQueryParameter

from emulators import bigquery, bqemulator, storage
from emulators.bigquery_ml.server import BigQueryMl
from emulators.gather import Program
from emulators.processes import free_port
from emulators.serving import serving
from tests.integration.emulators.onnx_files import weighted_sum
from tests.running import running

PROJECT = "demo-models"
BLOCKS, USERS, ITEMS = 3, 20, 12
MF = """
CREATE OR REPLACE MODEL `d.mf` OPTIONS(
  model_type='MATRIX_FACTORIZATION', feedback_type='IMPLICIT', user_col='user_id',
  item_col='track_id', rating_col='rating', num_factors=4, wals_alpha=40, l2_reg=0.1,
  max_iterations=15
) AS SELECT user_id, track_id, rating FROM `d.feedback`
"""


@contextlib.contextmanager
def in_background(front: BigQueryMl, port: int) -> Iterator[None]:
    """The front in a loop of its own, for clients that block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = serving(front.app(), port)
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(30)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="module")
def storage_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    command = storage.command(
        port,
        tmp_path_factory.mktemp("storage"),
        Program(),
        pubsub_address="",
        public_address=f"127.0.0.1:{port}",
    )
    with running(command) as address:
        yield f"http://{address}"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("models")
    return folder


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, storage_url: str, models: Path) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("bigquery")
    environment = bqemulator.find(print)
    command = bigquery.command(free_port(), free_port(), folder, environment, PROJECT)
    port = free_port()
    with running(command) as address:
        front = BigQueryMl(f"http://{address}", storage_url, models)
        with in_background(front, port):
            yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def client(url: str) -> Client:
    client = Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": url},
    )
    client.create_dataset("d")
    chance = random.Random(1)
    rows = [
        f"('u{block}_{user}', 't{block}_{item}', {chance.randint(1, 3)}.0)"
        for block, user, item in itertools.product(range(BLOCKS), range(USERS), range(ITEMS))
        if chance.random() < 0.6
    ]
    run(client, "CREATE TABLE d.feedback (user_id STRING, track_id STRING, rating FLOAT64)")
    run(client, f"INSERT INTO d.feedback VALUES {', '.join(rows)}")
    vectors = [
        f"('t{number}', {[round(chance.gauss(0, 1), 4) for _ in range(5)]})" for number in range(60)
    ]
    run(client, "CREATE TABLE d.tracks (track_id STRING, embedding ARRAY<FLOAT64>)")
    run(client, f"INSERT INTO d.tracks VALUES {', '.join(vectors)}, ('silent', [])")
    run(client, MF)
    return client


def run(client: Client, sql: str, **config: Any) -> list[dict[str, Any]]:
    job = client.query(sql, job_config=QueryJobConfig(**config))
    return [dict(row.items()) for row in job.result(timeout=120)]


def recommended(client: Client, model: str = "mf") -> dict[str, list[str]]:
    """The five first tracks of each user."""
    rows = run(
        client,
        f"""
        WITH who AS (SELECT DISTINCT user_id FROM `d.feedback`),
        ranked AS (
          SELECT r.user_id, r.track_id, ROW_NUMBER() OVER (
            PARTITION BY r.user_id ORDER BY r.predicted_rating_confidence DESC, r.track_id
          ) AS place
          FROM ML.RECOMMEND(MODEL `d.{model}`, (SELECT user_id FROM who)) AS r
          LEFT JOIN `d.feedback` AS known
            ON known.user_id = r.user_id AND known.track_id = r.track_id
        )
        SELECT user_id, ARRAY_AGG(track_id ORDER BY place) AS tracks
        FROM ranked WHERE place <= 5 GROUP BY user_id
        """,
    )
    return {row["user_id"]: row["tracks"] for row in rows}


def block_of(name: str) -> str:
    return name[1:].partition("_")[0]


def test_users_are_recommended_what_is_of_their_block(client: Client) -> None:
    found = recommended(client)
    assert len(found) == BLOCKS * USERS
    for user, tracks in found.items():
        assert {block_of(track) for track in tracks} == {block_of(user)}


def test_every_pair_is_predicted(client: Client) -> None:
    rows = run(client, "SELECT * FROM ML.RECOMMEND(MODEL `d.mf`)")
    assert len(rows) == BLOCKS * USERS * BLOCKS * ITEMS
    assert set(rows[0]) == {"predicted_rating_confidence", "user_id", "track_id"}


def test_pairs_that_are_asked_for_come_with_what_stands_beside_them(client: Client) -> None:
    rows = run(
        client,
        "SELECT * FROM ML.RECOMMEND(MODEL `d.mf`, (SELECT 'u0_0' AS user_id, track_id, [1, 2] AS "
        "more FROM UNNEST(['t0_1', 't1_1', 'unknown']) AS track_id)) ORDER BY track_id",
    )
    all_of = {
        row["track_id"]: row["predicted_rating_confidence"]
        for row in run(client, "SELECT * FROM ML.RECOMMEND(MODEL `d.mf`, (SELECT 'u0_0' user_id))")
    }
    predicted = [row["predicted_rating_confidence"] for row in rows]
    assert predicted[:2] == pytest.approx([all_of["t0_1"], all_of["t1_1"]], abs=1e-5)
    assert predicted[2] is None
    assert [row["more"] for row in rows] == [[1, 2]] * 3


def test_weights_multiply_to_the_predictions(client: Client) -> None:
    rows = run(client, "SELECT * FROM ML.WEIGHTS(MODEL d.mf)")
    assert len(rows) == BLOCKS * (USERS + ITEMS)
    factors = {
        (row["processed_input"], row["feature"]): [
            each["weight"]
            for each in sorted(row["factor_weights"], key=lambda each: each["factor"])
        ]
        for row in rows
    }
    [row] = run(
        client,
        "SELECT * FROM ML.RECOMMEND(MODEL d.mf, (SELECT 'u1_1' AS user_id, 't1_2' AS track_id))",
    )
    product = math.sumprod if hasattr(math, "sumprod") else None
    pair = (factors["user_id", "u1_1"], factors["track_id", "t1_2"])
    expected = product(*pair) if product else sum(a * b for a, b in zip(*pair, strict=True))
    assert row["predicted_rating_confidence"] == pytest.approx(expected, abs=1e-5)


def test_evaluation(client: Client) -> None:
    [of_training] = run(client, "SELECT * FROM ML.EVALUATE(MODEL `d.mf`)")
    shuffled = (
        "SELECT CONCAT('u', MOD(CAST(SUBSTR(user_id, 2, 1) AS INT64) + 1, 3), "
        "SUBSTR(user_id, 3)) AS user_id, track_id, rating FROM d.feedback"
    )
    [of_others] = run(client, f"SELECT * FROM ML.EVALUATE(MODEL `d.mf`, ({shuffled}))")
    assert set(of_training) == {
        "mean_average_precision",
        "mean_squared_error",
        "normalized_discounted_cumulative_gain",
        "average_rank",
    }
    assert of_training["mean_average_precision"] > 0.8
    assert of_others["mean_average_precision"] < 0.5
    assert of_training["average_rank"] < 0.2
    assert of_others["average_rank"] > 0.4


def test_training_again_makes_the_same_model(client: Client) -> None:
    sql = "SELECT * FROM ML.WEIGHTS(MODEL d.mf) ORDER BY processed_input, feature"
    before = run(client, sql)
    run(client, MF)
    assert run(client, sql) == before


@pytest.mark.parametrize(
    "broken",
    [
        "SELECT user_id, track_id, rating FROM d.feedback WHERE FALSE",
        "SELECT user_id, track_id FROM d.feedback",
        "SELECT user_id, track_id, rating FROM d.missing",
        "SELECT [user_id] AS user_id, track_id, rating FROM d.feedback",
    ],
)
def test_a_training_that_fails_leaves_the_old_model(client: Client, broken: str) -> None:
    before = recommended(client)
    head = MF.partition(" AS SELECT")[0]
    with pytest.raises(GoogleAPICallError) as failed:
        run(client, f"{head} AS {broken}")
    assert failed.value.errors
    assert recommended(client) == before


def test_models_are_made_dropped_and_missed(client: Client) -> None:
    again = MF.replace("CREATE OR REPLACE MODEL `d.mf`", "CREATE MODEL `d.other`")
    job = client.query(again)
    job.result(timeout=120)
    assert job.statement_type == "CREATE_MODEL"
    with pytest.raises(Conflict, match=r"Already Exists: Model demo-models:d\.other"):
        run(client, again)
    run(client, again.replace("CREATE MODEL", "CREATE MODEL IF NOT EXISTS"))
    run(client, "DROP MODEL `d.other`")
    with pytest.raises(NotFound, match=r"Not found: Model demo-models:d\.other"):
        run(client, "SELECT * FROM ML.WEIGHTS(MODEL `d.other`)")
    with pytest.raises(NotFound):
        run(client, "DROP MODEL `d.other`")
    run(client, "DROP MODEL IF EXISTS `d.other`")
    with pytest.raises(NotFound, match="Dataset"):
        run(client, again.replace("d.other", "nowhere.other"))


def test_the_other_way_to_ask(client: Client) -> None:
    client.query_and_wait(MF.replace("d.mf", "d.quick"))
    rows = client.query_and_wait(
        "SELECT user_id, MAX(predicted_rating_confidence) AS most "
        "FROM ML.RECOMMEND(MODEL d.quick, (SELECT @user AS user_id)) GROUP BY user_id",
        job_config=QueryJobConfig(
            query_parameters=[ScalarQueryParameter("user", "STRING", "u2_3")]
        ),
    )
    assert [row["user_id"] for row in rows] == ["u2_3"]
    with pytest.raises(NotFound):
        client.query_and_wait("SELECT * FROM ML.WEIGHTS(MODEL d.nothing)")
    with pytest.raises(BadRequest):
        client.query_and_wait("SELECT nothing FROM ML.WEIGHTS(MODEL d.quick)")


def test_answers_become_tables(client: Client) -> None:
    run(client, "CREATE TABLE d.made AS SELECT * FROM ML.RECOMMEND(MODEL d.mf)")
    insert = client.query("INSERT INTO d.made SELECT * FROM ML.RECOMMEND(MODEL d.mf)")
    insert.result(timeout=120)
    pairs = BLOCKS * USERS * BLOCKS * ITEMS
    assert insert.num_dml_affected_rows == pairs
    assert run(client, "SELECT COUNT(*) AS n FROM d.made") == [{"n": 2 * pairs}]


def test_names_without_a_dataset_are_of_the_default_one(client: Client) -> None:
    sql = (
        "SELECT COUNT(*) AS n FROM ML.RECOMMEND(MODEL mf, (SELECT DISTINCT user_id FROM feedback))"
    )
    [row] = run(client, sql, default_dataset=f"{PROJECT}.d")
    assert row == {"n": BLOCKS * USERS * BLOCKS * ITEMS}


def test_nothing_stays_behind(client: Client) -> None:
    run(client, "SELECT * FROM ML.RECOMMEND(MODEL `d.mf`, (SELECT 'u0_0' AS user_id))")
    with pytest.raises(BadRequest):
        run(client, "SELECT nothing FROM ML.RECOMMEND(MODEL `d.mf`)")
    assert list(client.list_tables("_bigquery_ml")) == []


def test_vector_search_finds_what_is_nearest(client: Client) -> None:
    tracks = {
        row["track_id"]: row["embedding"]
        for row in run(client, "SELECT * FROM d.tracks WHERE track_id != 'silent'")
    }
    rows = run(
        client,
        """
        SELECT query.track_id AS asked, base.track_id AS found, distance
        FROM VECTOR_SEARCH(
          TABLE `d.tracks`, 'embedding',
          (SELECT track_id, embedding FROM `d.tracks` WHERE track_id IN ('t1', 't2', 'silent')),
          top_k => 7, distance_type => 'COSINE'
        )
        """,
    )

    def distance(a: list[float], b: list[float]) -> float:
        product = sum(x * y for x, y in zip(a, b, strict=True))
        return 1 - product / math.hypot(*a) / math.hypot(*b)

    assert {row["asked"] for row in rows} == {"t1", "t2"}
    for asked in ("t1", "t2"):
        found = {row["found"]: row["distance"] for row in rows if row["asked"] == asked}
        expected = sorted(
            ((distance(tracks[asked], vector), name) for name, vector in tracks.items())
        )[:7]
        assert found == pytest.approx({name: far for far, name in expected}, abs=1e-9)


def test_vector_search_by_a_parameter_within_a_join(client: Client) -> None:
    rows = run(
        client,
        """
        WITH seed AS (SELECT embedding AS e, 'x' AS track_id FROM d.tracks WHERE track_id = @seed)
        SELECT found.base.track_id AS track_id, found.query.track_id AS seed
        FROM VECTOR_SEARCH((SELECT * FROM d.tracks), 'embedding', TABLE seed, top_k => 1) AS found
        JOIN d.tracks AS t ON t.track_id = found.base.track_id
        """,
        query_parameters=[ScalarQueryParameter("seed", "STRING", "t9")],
    )
    assert rows == [{"track_id": "t9", "seed": "x"}]


def test_distances(client: Client) -> None:
    [row] = run(
        client,
        "SELECT ML.DISTANCE([1.0, 0.0], [0.0, 1.0]) AS e, ML.DISTANCE(a, b, 'COSINE') AS c, "
        "ML.DISTANCE(a, b, 'MANHATTAN') AS m FROM (SELECT [1.0, 0.0] AS a, [0.0, 1.0] AS b)",
    )
    assert row == pytest.approx({"e": math.sqrt(2), "c": 1.0, "m": 2.0})


@pytest.mark.parametrize("kind", ["EUCLIDEAN", "COSINE"])
def test_clusters(client: Client, kind: str) -> None:
    points = [
        (f"{name}{n}", [x + n / 100, y - n / 100])
        for name, x, y in (("a", 9.0, 0.1), ("b", 0.1, 9.0), ("c", -9.0, -9.0))
        for n in range(8)
    ]
    values = ", ".join(
        f"STRUCT('{name}' AS name, {x} AS x, {[x, y]} AS place)" for name, (x, y) in points
    )
    run(client, f"CREATE OR REPLACE TABLE d.points AS SELECT * FROM UNNEST([{values}])")
    run(
        client,
        f"CREATE OR REPLACE MODEL d.km OPTIONS(model_type='KMEANS', num_clusters=3, "
        f"distance_type='{kind}') AS SELECT place, x FROM d.points",
    )
    rows = run(client, "SELECT * FROM ML.PREDICT(MODEL d.km, TABLE d.points)")
    clusters = {(row["name"][0], row["CENTROID_ID"]) for row in rows}
    assert len(rows) == len(points)
    assert len(clusters) == len({number for _, number in clusters}) == 3
    for row in rows:
        nearest = row["NEAREST_CENTROIDS_DISTANCE"]
        assert nearest[0]["CENTROID_ID"] == row["CENTROID_ID"]
        far = [each["DISTANCE"] for each in nearest]
        assert far == sorted(far)
    centroids = run(client, "SELECT * FROM ML.CENTROIDS(MODEL d.km)")
    assert {row["feature"] for row in centroids} == {"place[0]", "place[1]", "x"}
    [evaluation] = run(client, "SELECT * FROM ML.EVALUATE(MODEL d.km)")
    assert 0 < evaluation["davies_bouldin_index"] < 0.5


def put(storage_url: str, name: str, content: bytes) -> None:
    httpx.post(f"{storage_url}/storage/v1/b", json={"name": "models"})
    upload = f"{storage_url}/upload/storage/v1/b/models/o"
    answer = httpx.post(upload, params={"uploadType": "media", "name": name}, content=content)
    answer.raise_for_status()


def test_imported_models_predict(client: Client, storage_url: str) -> None:
    put(storage_url, "ranker/1/model.onnx", weighted_sum([1.0, 10.0]))
    options = "OPTIONS(model_type='ONNX', model_path='gs://models/ranker/1/*')"
    run(client, f"CREATE OR REPLACE MODEL d.ranker {options}")
    rows = run(
        client,
        "SELECT name, score, twice FROM ML.PREDICT(MODEL d.ranker, (SELECT CONCAT('n', n) AS name, "
        "[CAST(n AS FLOAT64), 0.5] AS features FROM UNNEST(GENERATE_ARRAY(1, 5000)) AS n)) "
        "WHERE name IN ('n1', 'n4999') ORDER BY score",
    )
    assert rows == [
        {"name": "n1", "score": 6.0, "twice": [2.0, 1.0]},
        {"name": "n4999", "score": 5004.0, "twice": [9998.0, 1.0]},
    ]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE MODEL d.x OPTIONS(model_type='ONNX', model_path='gs://models/none/*')", "not 0"),
        ("CREATE MODEL d.x OPTIONS(model_type='ONNX', model_path='gs://models/bad/*')", "ONNX"),
        ("CREATE MODEL d.x OPTIONS(model_type='ONNX', model_path='/etc/passwd')", "model_path"),
        ("CREATE MODEL d.x OPTIONS(model_type='DNN_CLASSIFIER') AS SELECT 1", "DNN_CLASSIFIER"),
        ("SELECT * FROM ML.FORECAST(MODEL d.mf)", "ML.FORECAST is not known here"),
        ("SELECT * FROM ML.CENTROIDS(MODEL d.mf)", "ML.CENTROIDS"),
        ("EXPORT MODEL d.mf OPTIONS(uri='gs://models/x')", "EXPORT MODEL is not known here"),
        ("SELECT * FROM ML.RECOMMEND(MODEL d.mf, (SELECT 1 AS user_id))", "INTEGER"),
        ("SELECT * FROM ML.RECOMMEND(MODEL d.mf, (SELECT 'a' AS b))", "user_id"),
        ("SELECT * FROM VECTOR_SEARCH(TABLE d.tracks, 'track_id', TABLE d.tracks)", "ARRAY"),
        ("SELECT * FROM VECTOR_SEARCH(TABLE d.tracks, 'e', TABLE d.tracks)", "Column e"),
        ("SELECT * FROM ML.WEIGHTS(MODEL d.mf) WHERE", "Syntax error"),
    ],
)
def test_refusals(client: Client, storage_url: str, sql: str, message: str) -> None:
    put(storage_url, "bad/model.onnx", b"no model")
    for ask in (lambda: run(client, sql), lambda: client.query_and_wait(sql)):
        with pytest.raises(BadRequest, match=message.replace(".", r"\.")) as refused:
            ask()
        assert refused.value.errors[0]["reason"] == "invalidQuery"


def test_a_long_training_is_waited_for(client: Client, url: str) -> None:
    answer = httpx.post(
        f"{url}/bigquery/v2/projects/{PROJECT}/queries",
        json={"query": MF, "useLegacySql": False, "timeoutMs": 0, "requestId": "once"},
    ).json()
    assert answer["jobComplete"] is False
    id = answer["jobReference"]["jobId"]
    again = httpx.post(
        f"{url}/bigquery/v2/projects/{PROJECT}/queries",
        json={"query": MF, "useLegacySql": False, "timeoutMs": 0, "requestId": "once"},
    ).json()
    assert again["jobReference"]["jobId"] == id
    job = client.get_job(id)
    job.result(timeout=120)
    assert job.state == "DONE"


def test_models_outlive_a_restart(client: Client, models: Path, url: str, storage_url: str) -> None:
    before = recommended(client)
    port = free_port()
    # A front behind the front: only its folder is the same.
    with in_background(BigQueryMl(url, storage_url, models), port):
        other = Client(
            project=PROJECT,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": f"http://127.0.0.1:{port}"},
        )
        assert recommended(other) == before
