"""Whole nights on BigQuery's emulator, models and all: what is sent is what runs."""

import datetime
import functools
import math
import random
import time
from typing import Any, cast

import pytest

from emulators.bigquery import BigQuery
from functions.recommendations.deep import in_service
from functions.recommendations.erasure import RecommendationsErasure
from functions.recommendations.features.dimensions import Dimensions
from functions.recommendations.features.sound import SIZE
from functions.recommendations.features.statements import PERSONAL
from functions.recommendations.making import MixMaker
from functions.recommendations.model import UserMixes, Why
from functions.recommendations.models import heldout
from functions.recommendations.nightly import Nightly, Report
from functions.recommendations.opinions import user_mixes
from functions.recommendations.sharing import Sharer
from functions.recommendations.state import Lease, Step
from functions.recommendations.store import mixes_path, popular_path, radio_path, related_path
from functions.recommendations.tables import NightTables
from functions.recommendations.warehouse import BigQueryWarehouse, Progress, StatementFailed
from shared.events import CatalogChanged, Change, PersonErased
from shared.mixes import Kind
from tests.integration.functions.recommendations.conftest import DATASET, PROJECT
from tests.unit.functions.recommendations.fakes import (
    FakeCatalogue,
    MemoryDocuments,
    RecordingPublisher,
    artist_id,
    track_id,
)

BLOCKS, USERS, ITEMS = 3, 8, 20
TRACKS = BLOCKS * ITEMS


class Sounds:
    """Tracks of a block sound alike."""

    async def embedding(self, prefix: str) -> list[float]:
        number = int(prefix.rpartition("/")[2])
        chance = random.Random(number)
        vector = [chance.gauss(0, 0.05) for _ in range(SIZE)]
        vector[number // ITEMS] += 1
        return vector


class World:
    """Three kinds of music with listeners of their own, who have played most of theirs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.documents = MemoryDocuments()
        self.publisher = RecordingPublisher()
        self.warehouse = BigQueryWarehouse(DATASET)
        self.now = datetime.datetime.now(datetime.UTC)

    def clock(self) -> datetime.datetime:
        return self.now

    async def fill(self) -> None:
        dimensions = Dimensions(
            catalogue=FakeCatalogue(TRACKS), embeddings=Sounds(), warehouse=self.warehouse
        )
        changes = [Change("track", track_id(number)) for number in range(TRACKS)]
        for event in ("first", "again"):
            await dimensions.catalog_changed(CatalogChanged(event, "", 0, changes))
        chance = random.Random(7)
        for block in range(BLOCKS):
            for number in range(USERS):
                played = chance.sample(range(ITEMS), 12)
                await self.play(f"user-{block}-{number}", [block * ITEMS + n for n in played])

    async def play(self, user: str, numbers: list[int], **given: Any) -> None:
        at = int((time.time() - 86_400) * 1_000_000)
        rows = [
            {
                "play_id": f"{user}-{number}",
                "user_id": user,
                "track_id": track_id(number),
                "album_id": "",
                "started_at": at,
                "received_at": at,
                "ms_played": 200_000,
                "start_position_ms": 0,
                "end_position_ms": 200_000,
                "duration_ms": 200_000,
                "reason_start": "",
                "reason_end": "finished",
                "context_uri": "",
                "device_id": "",
                "device_type": "",
                "app": "",
                "seeks": 0,
                "shuffle": False,
                "offline": False,
                "country": "SE",
                "plan": "free",
                "counted": True,
                **given,
            }
            for number in numbers
        ]
        await BigQuery(self.url, PROJECT).insert(f"{DATASET}.plays", rows)

    async def night(self, *, again: bool = True) -> Report:
        tables = NightTables(self.warehouse, DATASET)
        nightly = Nightly(
            lease=Lease(self.documents, self.clock),
            warehouse=self.warehouse,
            dataset=DATASET,
            maker=MixMaker(tables=tables, documents=self.documents, clock=self.clock),
            sharer=Sharer(warehouse=self.warehouse, dataset=DATASET, documents=self.documents),
            deep_in_service=functools.partial(in_service, self.documents),
            clock=self.clock,
        )
        return await nightly.run(again=again)

    async def mixes(self, user: str) -> UserMixes:
        path = mixes_path(user)
        return user_mixes((await self.documents.read([path])).get(path))

    async def numbers(self, user: str, kind: Kind) -> list[int]:
        """The tracks of a mix, by their numbers."""
        known = {track_id(number): number for number in range(TRACKS)}
        made = await self.mixes(user)
        return [known[track.id] for mix in made.mixes if mix.kind is kind for track in mix.tracks]

    async def familiar(self, user: str) -> set[str]:
        made = await self.mixes(user)
        tracks = (track for mix in made.mixes for track in mix.tracks)
        return {track.id for track in tracks if track.why is Why.familiar}

    async def heard(self, user: str) -> set[int]:
        known = {track_id(number): number for number in range(TRACKS)}
        rows = await self.warehouse.rows(
            f"SELECT track_id FROM `{DATASET}.plays_unique` WHERE user_id = @user", user=user
        )
        return {known[row["track_id"]] for row in rows}


@pytest.fixture
async def world(models_before: str) -> World:
    made = World(models_before)
    if not await made.warehouse.rows(f"SELECT 1 AS one FROM `{DATASET}.plays` LIMIT 1"):
        await made.fill()
    return made


async def test_a_night_from_plays_to_mixes(world: World) -> None:
    report = await world.night()
    assert report.step is Step.done, report
    assert report.kept == ""
    assert report.model == "mf_0"
    assert report.made == BLOCKS * USERS

    for block in range(BLOCKS):
        for number in range(USERS):
            user = f"user-{block}-{number}"
            heard = await world.heard(user)
            discover = await world.numbers(user, Kind.discover_weekly)
            assert not heard & set(discover)
            own = set(range(block * ITEMS, (block + 1) * ITEMS)) - heard
            assert len(own & set(discover)) >= len(own) - 2
            daily = await world.numbers(user, Kind.daily_mix)
            assert len(heard & set(daily)) >= 6
            assert own & set(daily)
    first = await world.warehouse.rows(
        f"SELECT user_id, track_id FROM `{DATASET}.candidates_0` WHERE place <= 6"
    )
    blocks = {track_id(number): str(number // ITEMS) for number in range(TRACKS)}
    right = sum(row["user_id"].split("-")[1] == blocks[row["track_id"]] for row in first)
    assert right >= 0.7 * len(first) > 0
    assert world.documents.kept[popular_path("SE")]["tracks"]
    radio = world.documents.kept[radio_path("track", track_id(0))]
    near = {track["id"] for track in radio["near"][: ITEMS - 1]}
    assert len({track_id(n) for n in range(ITEMS)} & near) >= ITEMS - 4
    assert radio["about"] == "Artist 0"
    # Each kind of music has four artists, and listeners of its own.
    beside = world.documents.kept[related_path(artist_id(5))]["artists"]
    assert set(beside) == {artist_id(n) for n in (4, 6, 7)}


async def test_new_plays_change_the_next_nights_mixes(world: World) -> None:
    user = "user-0-0"
    await world.night()
    played = {track_id(number) for number in range(ITEMS * 2, ITEMS * 2 + 10)}
    assert not await world.familiar(user) & played
    await world.play(user, list(range(ITEMS * 2, ITEMS * 2 + 10)))
    assert (await world.night()).kept == ""
    assert len(await world.familiar(user) & played) >= 5


async def test_a_deleted_persons_plays_are_gone_by_the_next_run(world: World) -> None:
    gone = "user-1-0"
    for _ in range(2):
        await world.night()
    assert (await world.mixes(gone)).mixes
    library = {"event_id": "1", "user_id": gone, "track_id": track_id(1), "kind": "saved"}
    at = int(time.time() * 1_000_000)
    await BigQuery(world.url, PROJECT).insert(
        f"{DATASET}.library_events", [{**library, "at": at}, {**library, "at": at}]
    )
    assert await world.warehouse.rows(
        f"SELECT user_id FROM `{DATASET}.ranked` WHERE user_id = @user", user=gone
    )
    erasure = RecommendationsErasure(
        documents=world.documents,
        warehouse=world.warehouse,
        dataset=DATASET,
        publisher=cast(Any, world.publisher),
        topic="here",
    )
    for _ in range(2):
        await erasure.person_erased(PersonErased("e", gone, ""))
    for when in ("at once", "after the next run"):
        for table in {"feedback", *PERSONAL} - {"deep_scores"}:
            rows = await world.warehouse.rows(
                f"SELECT user_id FROM `{DATASET}.{table}` WHERE user_id = @user", user=gone
            )
            assert rows == [], (table, when)
        await world.night()
    recommended = await world.warehouse.rows(
        f"SELECT user_id FROM ML.RECOMMEND(MODEL `{DATASET}.mf_0`, "
        f"(SELECT '{gone}' AS user_id)) WHERE user_id = '{gone}' LIMIT 1"
    )
    assert recommended == [], "the model has learned from them"
    made = await world.mixes(gone)
    assert made.erased
    assert not made.mixes
    assert len(world.publisher.published) == 2


async def test_a_statement_is_found_again_under_its_id(world: World) -> None:
    await world.night()
    statement = (
        f"CREATE OR REPLACE TABLE `{DATASET}.once` AS SELECT RAND() AS number "
        f"FROM ML.RECOMMEND(MODEL `{DATASET}.mf_0`, (SELECT 'user-0-0' AS user_id)) LIMIT 1"
    )
    first = f"once-{random.randint(0, 10**9)}"
    assert await world.warehouse.run(statement, job_id=first, wait_s=30) is Progress.done
    [before] = await world.warehouse.rows(f"SELECT number FROM `{DATASET}.once`")
    assert await world.warehouse.run(statement, job_id=first, wait_s=30) is Progress.done
    [after] = await world.warehouse.rows(f"SELECT number FROM `{DATASET}.once`")
    assert before == after


async def test_what_is_refused_says_so(world: World) -> None:
    with pytest.raises(StatementFailed) as missing:
        await world.warehouse.rows(f"SELECT * FROM `{DATASET}.nothing`")
    assert missing.value.is_missing
    with pytest.raises(StatementFailed) as undeletable:
        await world.warehouse.rows(f"DELETE FROM `{DATASET}.nothing` WHERE a = @user", user="a")
    assert undeletable.value.is_missing
    with pytest.raises(StatementFailed) as wrong:
        await world.warehouse.run("SELECT nonsense", job_id=f"x{time.time_ns()}", wait_s=30)
    assert not wrong.value.is_missing


async def test_the_ranking_is_measured_by_what_was_then_played_first(world: World) -> None:
    """Each of one kind then plays what their ranking puts first, and one what is popular."""
    await world.night()
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=12)
    known = {track_id(number): number for number in range(TRACKS)}
    first = {}
    for row in await world.warehouse.rows(
        f"SELECT user_id, track_id, place FROM `{DATASET}.ranked` WHERE place <= 12"
    ):
        first[row["user_id"], row["place"]] = known[row["track_id"]]
    at = int((since.timestamp() + 3600) * 1_000_000)
    users = [f"user-2-{number}" for number in range(3)]
    # The first place, the third, and one beyond the ten that count; what was skipped is not wanted.
    for user, place in zip(users, (1, 3, 12), strict=True):
        await world.play(user, [first[user, place]], started_at=at, received_at=at)
    skipped = {"counted": False, "reason_end": "skipped", "started_at": at, "received_at": at}
    await world.play("user-2-3", [first["user-2-3", 1]], **skipped)
    rows = await world.warehouse.rows(heldout.hits(DATASET), since=since, night="2026-11-25")
    assert sorted(row["ranked"] for row in rows) == [0.0, pytest.approx(0.5), pytest.approx(1.0)]
    assert {row["wanted"] for row in rows} == {1}
    heard = await world.heard(users[0])
    popular = await world.warehouse.rows(
        f"SELECT track_id FROM `{DATASET}.plays_unique` WHERE counted AND started_at < @since "
        "GROUP BY track_id ORDER BY COUNT(DISTINCT user_id) DESC, track_id",
        since=since,
    )
    order = [known[row["track_id"]] for row in popular]
    unheard = [n for n in order if n == first[users[0], 1] or n not in heard]
    place = unheard.index(first[users[0], 1]) + 1
    gain = 1 / math.log2(place + 1) if place <= heldout.PLACES else 0.0
    assert [row["popular"] for row in rows if row["ranked"] == 1.0] == [pytest.approx(gain)]
