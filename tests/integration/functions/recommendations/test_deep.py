"""The deep model's statements on BigQuery's emulator, with a model that says what it was asked."""

import datetime
import hashlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emulators.bigquery import BigQuery
from emulators.bigquery_ml.server import BigQueryMl
from emulators.processes import free_port
from emulators.serving import serving
from functions.recommendations.models import blend, deep
from functions.recommendations.training.histories import Histories
from functions.recommendations.training.sequences import ordered
from functions.recommendations.warehouse import BigQueryWarehouse, Progress, StatementFailed
from tests.integration.emulators.onnx_files import candidates_by_sums
from tests.integration.functions.recommendations.conftest import DATASET, PROJECT

BUCKET = "deep-models"
TRACKS = 30
MINUTE_S = 60
NOW = int(datetime.datetime.now(datetime.UTC).timestamp())


@pytest.fixture
async def warehouse(
    address: str, models: Path, storage_emulator: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[BigQueryWarehouse]:
    port = free_port()
    async with serving(BigQueryMl(address, storage_emulator, models).app(), port):
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        yield BigQueryWarehouse(DATASET)


async def run(warehouse: BigQueryWarehouse, *statements: str) -> None:
    for statement in statements:
        name = f"deep-{random.randint(0, 10**12)}"
        assert await warehouse.run(statement, job_id=name, wait_s=60) is Progress.done


def track(number: int) -> str:
    return f"track-{number:04}"


def play(user: str, number: int, at_s: float, *, ms: int = 180_000, counted: bool = True) -> Any:
    return {
        "play_id": f"{user}-{at_s}",
        "user_id": user,
        "track_id": track(number),
        "album_id": "",
        "started_at": int(at_s * 1_000_000),
        "received_at": int(at_s * 1_000_000),
        "ms_played": ms,
        "start_position_ms": 0,
        "end_position_ms": ms,
        "duration_ms": 200_000,
        "reason_start": "",
        "reason_end": "finished" if counted else "skipped",
        "context_uri": "",
        "device_id": "",
        "device_type": "",
        "app": "",
        "seeks": 0,
        "shuffle": False,
        "offline": False,
        "country": "SE",
        "plan": "free",
        "counted": counted,
    }


async def made_tables(warehouse: BigQueryWarehouse, users: list[str]) -> None:
    """`tracks` and, for each of these, ten candidates in `signals`."""
    tracks = ", ".join(
        f"STRUCT('{track(n)}' AS track_id, ['a{n % 5}'] AS artist_ids, "
        f"[{float(n)}, 1.0] AS embedding)"
        for n in range(1, TRACKS + 1)
    )
    offered = ", ".join(
        f"STRUCT('{user}' AS user_id, '{track(n)}' AS track_id)"
        for user in users
        for n in [*range(11, 20), 99]
    )
    await run(
        warehouse,
        f"CREATE OR REPLACE TABLE `{DATASET}.tracks` AS SELECT * FROM UNNEST([{tracks}])",
        f"CREATE OR REPLACE TABLE `{DATASET}.signals` AS SELECT * FROM UNNEST([{offered}])",
    )


def upload(storage_url: str, name: str, content: bytes) -> None:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    client = storage.Client(project=PROJECT, credentials=credentials)
    bucket = client.bucket(BUCKET)
    if not bucket.exists():
        bucket = client.create_bucket(BUCKET)
    bucket.blob(name).upload_from_string(content)


async def test_the_model_is_asked_about_what_was_played_last_as_the_training_asks_it(
    warehouse: BigQueryWarehouse, address: str, storage_emulator: str
) -> None:
    chance = random.Random(7)
    plays = []
    pauses = {"long": [3, 4, 5, 5, 4, 3, 5, 4, 3, 900]}
    for user, many in (("few", 3), ("long", 300), ("many", 300), ("skips", 20), ("some", 40)):
        at = NOW - 100 * 86_400
        for _ in range(many):
            at += chance.choice(pauses.get(user, [3, 4, 5, 40, 900])) * MINUTE_S
            counted = user != "skips" or chance.random() < 0.5
            plays.append(play(user, chance.randint(1, TRACKS), at, counted=counted))
    # Of a track that is not in the catalogue any more.
    plays.append(play("few", 77, NOW - 86_400))
    await BigQuery(address, PROJECT).insert(f"{DATASET}.plays", plays)
    users = ["few", "long", "many", "nobody", "skips", "some"]
    await made_tables(warehouse, users)
    content = candidates_by_sums(deep.HISTORY, deep.CANDIDATES)
    upload(storage_emulator, "models/deep/v1/model.onnx", content)
    await run(
        warehouse,
        deep.index(DATASET, "_0"),
        deep.create(DATASET, 0, f"gs://{BUCKET}/models/deep/v1/*"),
        deep.scores(DATASET, 0),
    )
    read = await warehouse.rows(deep.plays(DATASET, "_0"))
    numbers = {user: number for number, user in enumerate(users)}
    known = ordered(
        np.array([numbers[row["user_id"]] for row in read]),
        np.array([row["number"] for row in read]),
        np.array([row["at_ms"] / 1000 for row in read]),
        np.array([row["until_ms"] / 1000 for row in read]),
        np.array([row["liked"] for row in read]),
    )
    assert len(known) == len(plays) - 1
    history, sessions = Histories(known).last(np.arange(len(users)))
    played = {user: int((history[number] > 0).sum()) for number, user in enumerate(users)}
    assert played["nobody"] == 0
    assert played["few"] == 3
    assert 0 < played["skips"] < 20
    assert played["long"] == deep.HISTORY, "not all of them"
    assert played["many"] < deep.HISTORY, "those of the last sessions"
    assert sessions.max() == deep.SESSIONS
    assert sessions.max(axis=1).tolist()[0] in (1, 2, 3)
    places = np.arange(1, deep.HISTORY + 1)
    sums = (history * places).sum(axis=1) / 1e5 + (sessions * places).sum(axis=1) / 1e4
    offered = np.arange(11, 20)
    expected = offered * sums[:, None]
    expected -= expected.mean(axis=1, keepdims=True)
    assert expected[:, 0].std() > 0.1, "it matters who is asked about"
    found = await warehouse.rows(f"SELECT user_id, track_id, score FROM `{DATASET}.deep_scores`")
    assert len(found) == len(users) * 9, "what is not in the catalogue has no score"
    for row in found:
        candidate = int(row["track_id"].removeprefix("track-"))
        wanted = expected[numbers[row["user_id"]], candidate - 11]
        assert row["score"] == pytest.approx(wanted, abs=1e-3), row


async def test_nobody_who_is_erased_is_learned_from(
    warehouse: BigQueryWarehouse, address: str
) -> None:
    plays = [play(user, 1, NOW - 1_000 + n) for user in ("stays", "leaves") for n in range(5)]
    await BigQuery(address, PROJECT).insert(f"{DATASET}.plays", plays)
    await made_tables(warehouse, ["stays"])
    await run(warehouse, deep.index(DATASET, "_1"))
    [before] = await warehouse.rows(deep.count(DATASET))
    await warehouse.rows(
        f"INSERT INTO `{DATASET}.erased` (user_id, erased_at) "
        "SELECT @user, CURRENT_TIMESTAMP() FROM (SELECT 1)",
        user="leaves",
    )
    rows = await warehouse.rows(deep.plays(DATASET, "_1"))
    assert "leaves" not in {row["user_id"] for row in rows}
    assert "stays" in {row["user_id"] for row in rows}
    [after] = await warehouse.rows(deep.count(DATASET))
    assert after["plays"] == before["plays"] - 5


async def test_of_some_listeners_all_plays_are_read(
    warehouse: BigQueryWarehouse, address: str
) -> None:
    listeners = [f"listener-{number}" for number in range(40)]
    plays = [play(user, 1, NOW - 5_000 + n) for user in listeners for n in range(3)]
    await BigQuery(address, PROJECT).insert(f"{DATASET}.plays", plays)
    await made_tables(warehouse, listeners[:1])
    await run(warehouse, deep.index(DATASET, "_1"))
    rows = await warehouse.rows(deep.plays(DATASET, "_1", 0.25))
    found = [row["user_id"] for row in rows if row["user_id"] in listeners]
    expected = [u for u in listeners if hashlib.md5(u.encode()).hexdigest() < "40000000"]
    assert sorted(found) == sorted(expected * 3)
    assert 0 < len(expected) < 25


async def test_tracks_are_numbered_from_one(warehouse: BigQueryWarehouse) -> None:
    await made_tables(warehouse, ["somebody"])
    await run(warehouse, deep.index(DATASET, "_1"))
    rows = await warehouse.rows(deep.tracks(DATASET, "_1"))
    assert [row["number"] for row in rows] == list(range(1, TRACKS + 1))
    assert [row["track_id"] for row in rows] == [track(n) for n in range(1, TRACKS + 1)]
    assert rows[2]["artist_id"] == "a3"
    assert rows[2]["embedding"] == [3.0, 1.0]


async def test_weights_are_those_that_were_learned_last(warehouse: BigQueryWarehouse) -> None:
    first = dict.fromkeys((*blend.NAMES, blend.DEEP), 0.5)
    await run(warehouse, deep.weights(DATASET, 0, first))
    await run(warehouse, deep.weights(DATASET, 0, {**first, blend.DEEP: -1e-7}))
    await run(warehouse, deep.weights(DATASET, 1, dict.fromkeys(first, 0.1)))
    rows = await warehouse.rows(blend.newest_weights(DATASET), model="deep_0")
    assert blend.weights_of(rows, deep=True) == {**first, blend.DEEP: -1e-7}
    assert blend.weights_of(rows) == dict.fromkeys(blend.NAMES, 0.5)
    none = await warehouse.rows(blend.newest_weights(DATASET), model="")
    assert blend.weights_of(none) == blend.DEFAULTS


async def test_a_file_that_is_no_model_changes_nothing(
    warehouse: BigQueryWarehouse, storage_emulator: str
) -> None:
    content = candidates_by_sums(deep.HISTORY, deep.CANDIDATES)
    upload(storage_emulator, "models/deep/good/model.onnx", content)
    upload(storage_emulator, "models/deep/bad/model.onnx", b"no model")
    await run(warehouse, deep.create(DATASET, 1, f"gs://{BUCKET}/models/deep/good/*"))
    with pytest.raises(StatementFailed):
        await run(warehouse, deep.create(DATASET, 1, f"gs://{BUCKET}/models/deep/bad/*"))
    await made_tables(warehouse, ["somebody"])
    await run(warehouse, deep.index(DATASET, "_1"), deep.scores(DATASET, 1))
    rows = await warehouse.rows(f"SELECT score FROM `{DATASET}.deep_scores`")
    assert len(rows) == 9
