"""The training job as it is run: from plays in BigQuery to a model that BigQuery answers with.

People play what has just come out in one of their two styles. A track's sound says its style, but
little beside what says nothing: which of it matters has to be learned.
"""

import asyncio
import datetime
import json
import os
import random
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from emulators import environments
from emulators.bigquery import BigQuery
from emulators.bigquery_ml.server import BigQueryMl
from emulators.processes import free_port
from emulators.serving import serving
from emulators.tools import MissingTool
from functions.recommendations.deep import STATE, DeepState, in_service
from functions.recommendations.features import statements as features
from functions.recommendations.features.sound import SIZE
from functions.recommendations.models import blend, deep, signals
from functions.recommendations.models import statements as models
from functions.recommendations.state import State
from functions.recommendations.store import STATE as NIGHT
from functions.recommendations.warehouse import BigQueryWarehouse, Progress
from shared.documents import to_document
from shared.firestore import FirestoreDocuments
from tests.integration.functions.recommendations.conftest import DATASET, PROJECT
from tests.integration.functions.recommendations.test_deep import BUCKET, play, upload

ROOT = Path(__file__).parents[4]
REQUIREMENTS = ROOT / "functions" / "recommendations" / "requirements-training.txt"
STYLES, A_DAY, LISTENERS, DAYS = 8, 12, 240, 40
TIMEOUT_S = 400
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def python() -> str:
    """Python with what the job's image has; made where it can be."""
    try:
        return environments.python_for(REQUIREMENTS, print)
    except MissingTool as reason:
        pytest.skip(f"the training's packages cannot be had here: {str(reason)[:200]}")


class World:
    def __init__(self, python: str, front: str, storage: str, firestore: str) -> None:
        self.python = python
        self.warehouse = BigQueryWarehouse(DATASET)
        self.documents = FirestoreDocuments(PROJECT, "(default)")
        self._environment = {
            "BIGQUERY_EMULATOR_HOST": front,
            "STORAGE_EMULATOR_HOST": storage,
            "FIRESTORE_EMULATOR_HOST": firestore,
            "NO_GCE_CHECK": "true",
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "LOG_LEVEL": "INFO",
            "FIRESTORE_DATABASE": "(default)",
            "WAREHOUSE": DATASET,
            "MODELS_BUCKET": BUCKET,
            "PYTHONPATH": str(ROOT),
            "OMP_WAIT_POLICY": "passive",
        }

    async def train(self) -> list[dict[str, Any]]:
        """Runs the job, and returns what it logged."""
        # BigQuery's models are answered for by this process.
        return await asyncio.to_thread(self._train)

    def _train(self) -> list[dict[str, Any]]:
        done = subprocess.run(
            [self.python, "-m", "functions.recommendations.training"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **self._environment},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        lines = (done.stdout + done.stderr).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    async def run(self, *statements: str) -> None:
        for statement in statements:
            name = f"training-{random.randint(0, 10**12)}"
            done = await self.warehouse.run(statement, job_id=name, wait_s=120)
            assert done is Progress.done


@pytest.fixture
async def front(
    address: str, models: Path, storage_emulator: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    port = free_port()
    async with serving(BigQueryMl(address, storage_emulator, models).app(), port):
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def world(python: str, front: str, storage_emulator: str, firestore_emulator: str) -> World:
    upload(storage_emulator, "there", b"")
    return World(python, front, storage_emulator, firestore_emulator)


def style(number: int) -> int:
    return number % STYLES


def listening() -> list[Any]:
    """On some days everybody plays tracks of one of their two styles, out for a week at most."""
    chance = random.Random(7)
    plays = []
    for listener in range(LISTENERS):
        mine = chance.sample(range(STYLES), 2)
        for day in [*sorted(chance.sample(range(1, DAYS), 14)), DAYS]:
            now = chance.choice(mine)
            new = range(max(0, day - 7) * A_DAY, day * A_DAY)
            at = NOW - datetime.timedelta(days=DAYS + 1 - day, minutes=listener)
            for number in chance.sample(
                [each for each in new if style(each) == now], 3 if day > 2 else 1
            ):
                plays.append(play(f"listener-{listener:03}", number, at.timestamp()))
                at += datetime.timedelta(minutes=4)
    return plays


def facts() -> list[Any]:
    chance = random.Random(8)
    rows = []
    for number in range(DAYS * A_DAY):
        noise = [chance.gauss(0, 2.0) for _ in range(STYLES)]
        vector = [float(each == style(number)) for each in range(STYLES)] + noise
        vector += [0.0] * (SIZE - len(vector))
        rows.append(
            {
                "track_id": f"track-{number:04}",
                "seen_at": (NOW - datetime.timedelta(days=DAYS + 1)).isoformat(),
                "listed": True,
                "album_id": "",
                "cover_id": "",
                "release_date": "2020",
                "explicit": False,
                "popularity": 0,
                "artist_ids": [f"artist-{number}"],
                "artist_names": ["A"],
                "genres": [],
                "markets": [],
                "embedding": vector,
            }
        )
    return rows


async def test_a_training_from_plays_to_what_the_night_is_told(world: World, address: str) -> None:
    emulator = BigQuery(address, PROJECT)
    await emulator.insert(f"{DATASET}.track_facts", facts())
    await emulator.insert(f"{DATASET}.plays", listening())
    # As a night leaves it.
    await world.run(*features.facts(DATASET), models.neighbours(DATASET), models.create(DATASET, 0))
    await world.documents.replace(NIGHT, to_document(State(slot=0)))
    await world.documents.replace(STATE, to_document(DeepState()))

    logged = await world.train()
    [event] = [each for each in logged if "deep_" in str(each.get("metric", ""))]
    assert event["metric"] == "recommendations/deep_promoted", event
    state = await in_service(world.documents)
    assert state.slot == 0
    assert state.version == event["version"]
    left = await world.warehouse.rows(
        f"SELECT table_name FROM `{DATASET}.INFORMATION_SCHEMA.TABLES` "
        f"WHERE ENDS_WITH(table_name, '{deep.HELD_OUT}')"
    )
    assert left == [], "what was looked at of the past is gone"
    card = json.loads(_file(f"models/deep/{state.version}/card.json"))
    assert card["figures"]["ahead"]["low"] > 0
    assert card["data"]["listeners"] == LISTENERS
    assert card["figures"]["listeners"] >= 100
    assert b"# Deep model" in _file(f"models/deep/{state.version}/card.md")

    rows = await world.warehouse.rows(blend.newest_weights(DATASET), model="deep_0")
    weights = blend.weights_of(rows, deep=True)
    assert weights[blend.DEEP] > 0
    await world.run(
        models.candidates(DATASET, 0),
        models.content(DATASET),
        *signals.relations(DATASET),
        *signals.signals(DATASET, 0),
        deep.scores(DATASET, state.slot),
    )
    liked: dict[str, set[int]] = {}
    for each in listening():
        number = int(each["track_id"].removeprefix("track-"))
        liked.setdefault(each["user_id"], set()).add(style(number))
    first: dict[str, int] = {}
    for row in await world.warehouse.rows(
        f"SELECT user_id, track_id FROM `{DATASET}.deep_scores` ORDER BY user_id, score DESC"
    ):
        first.setdefault(row["user_id"], int(row["track_id"].removeprefix("track-")))
    right = sum(style(first[user]) in liked[user] for user in first)
    assert right > 0.6 * len(first), f"{right} of {len(first)}: by chance it is one in four"


def _file(name: str) -> bytes:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    client = storage.Client(project=PROJECT, credentials=credentials)
    content: bytes = client.bucket(BUCKET).blob(name).download_as_bytes()
    return content
