import datetime
import functools
import logging
from typing import Any

import msgspec
import pytest

from functions.recommendations.deep import STATE as DEEP_STATE
from functions.recommendations.deep import in_service
from functions.recommendations.making import MixMaker
from functions.recommendations.model import Opinion
from functions.recommendations.models import blend, heldout
from functions.recommendations.models.blend import DEEP, NAMES
from functions.recommendations.models.deep import INPUTS
from functions.recommendations.models.promotion import NDCG
from functions.recommendations.nightly import Nightly, Report
from functions.recommendations.opinions import remember, user_mixes
from functions.recommendations.sharing import Sharer
from functions.recommendations.state import HELD_FOR_S, Lease, Step
from functions.recommendations.store import (
    STATE,
    mixes_path,
    popular_path,
    radio_path,
    related_path,
)
from functions.recommendations.tables import NightTables
from functions.recommendations.warehouse import Row
from shared.errors import Unavailable
from shared.mixes import Kind
from shared.uris import Uri
from tests.unit.functions.recommendations.fakes import (
    DATASET,
    Clock,
    FakeWarehouse,
    MemoryDocuments,
    artist_id,
    track_id,
)

FIRST, LAST = 10, 80


def track_row(number: int) -> Row:
    return {
        "track_id": track_id(number),
        "artist_ids": [artist_id(number % 40)],
        "artist_names": [f"Artist {number % 40}"],
        "album_id": "",
        "cover_id": f"cover{number}",
        "release_date": "2026-11-20",
        "explicit": False,
        "markets": [],
        "genres": ["jazz"],
        "embedding": [],
    }


class World:
    """Three listeners that have played ten tracks each; nights that go well."""

    def __init__(self) -> None:
        self.documents, self.warehouse, self.clock = MemoryDocuments(), FakeWarehouse(), Clock()
        self.users = ["ada", "bob", "eve"]
        listed = [
            {"user_id": user, "track_id": track_id(n), "loudest": "alike" if n % 2 else "factors"}
            for user in self.users
            for n in range(FIRST, LAST)
        ]
        tastes = [
            {"user_id": user, "track_id": track_id(n), "rating": 10.0 - n, "recent": 3}
            for user in self.users
            for n in range(FIRST)
        ]
        self.warehouse.answers = {
            "ML.EVALUATE": [{NDCG: 0.5, "mean_average_precision": 0.3}],
            "AS served": [
                {"listeners": 3, "served": 3, "tracks": 60, "broken": 0, "catalogue": 80}
            ],
            "AS ranked": [],
            "AS people": [
                {"country": country, **track_row(n)} for country in ("", "SE") for n in range(20)
            ],
            "n.neighbour_id, n.distance": [
                {
                    "seed": track_id(n),
                    "neighbour_id": track_id(n + 1),
                    "distance": 0.1,
                    "artist_ids": [artist_id(n % 40)],
                    "artist_names": [f"Artist {n % 40}"],
                    "near_artists": [artist_id(n + 1)],
                    "explicit": n == 0,
                    "markets": ["SE"],
                    "cover_id": f"cover{n + 1}",
                }
                for n in range(5)
            ],
            "p.artist_id, p.other_id": [
                {"artist_id": artist_id(0), "other_id": artist_id(n)} for n in (2, 1)
            ],
            "SELECT t.track_id, t.artist_ids": [track_row(n) for n in range(LAST)],
            "rating, recent FROM": tastes,
            "user_id, track_id, loudest FROM": listed,
            "GROUP BY track_id": [{"track_id": track_id(n)} for n in range(20)],
            "release_date >= @since": [{"track_id": track_id(70)}],
        }
        self.lease = Lease(self.documents, self.clock)

    def nightly(self, **given: Any) -> Nightly:
        return Nightly(
            lease=Lease(self.documents, self.clock),
            warehouse=_Listeners(self.warehouse, self.users),
            dataset=DATASET,
            maker=MixMaker(
                tables=NightTables(_Listeners(self.warehouse, self.users), DATASET),
                documents=self.documents,
                clock=self.clock,
            ),
            sharer=Sharer(warehouse=self.warehouse, dataset=DATASET, documents=self.documents),
            deep_in_service=functools.partial(in_service, self.documents),
            clock=self.clock,
            **given,
        )

    async def night(self, **given: Any) -> Report:
        return await self.nightly().run(**given)

    def mixes(self, user: str) -> Any:
        return self.documents.kept.get(mixes_path(user), {}).get("mixes")

    @property
    def state(self) -> dict[str, Any]:
        return self.documents.kept[STATE]


class _Listeners:
    """The warehouse, which pages through its listeners."""

    def __init__(self, warehouse: FakeWarehouse, users: list[str]) -> None:
        self._warehouse = warehouse
        self._users = users
        self.run = warehouse.run
        self.append = warehouse.append

    async def rows(self, query: str, **parameters: Any) -> list[Row]:
        if ".listeners` WHERE user_id > @after" in query:
            after = parameters["after"]
            return [{"user_id": user, "country": "SE"} for user in self._users if user > after]
        return await self._warehouse.rows(query, **parameters)


async def test_a_night_makes_mixes_for_everybody() -> None:
    world = World()
    report = await world.night()
    assert report == Report(night="2026-11-25", step=Step.done, made=3, model="mf_0")
    for user in world.users:
        made = user_mixes((await world.documents.read([mixes_path(user)]))[mixes_path(user)])
        assert made.model == "mf_0"
        kinds = {mix.kind for mix in made.mixes}
        assert {Kind.discover_weekly, Kind.daily_mix, Kind.on_repeat, Kind.release_radar} == kinds
    assert len(world.documents.kept[popular_path("SE")]["tracks"]) == 20
    near = {
        "id": track_id(1),
        "artists": [artist_id(1)],
        "explicit": True,
        "markets": ["SE"],
        "cover_id": "cover1",
    }
    for type, id in (("track", track_id(0)), ("artist", artist_id(0))):
        kept = world.documents.kept[radio_path(type, id)]
        assert kept == {"near": [near], "about": "Artist 0"}
    beside = world.documents.kept[related_path(artist_id(0))]
    assert beside == {"artists": [artist_id(2), artist_id(1)]}


async def test_it_runs_once_a_night_and_again_when_asked() -> None:
    world = World()
    await world.night()
    ran = len(world.warehouse.ran)
    assert (await world.night()).busy
    assert len(world.warehouse.ran) == ran
    assert (await world.night(again=True)).made == 3
    world.clock.advance(days=1)
    assert (await world.night()).night == "2026-11-26"
    names = [job for job, _ in world.warehouse.ran]
    assert len(names) == len(set(names)) == 3 * ran


async def test_the_model_in_service_is_never_the_one_that_is_trained() -> None:
    world = World()
    for slot in (0, 1, 0):
        assert (await world.night()).model == f"mf_{slot}"
        assert (
            f"mf_{slot}`"
            in [sql for _, sql in world.warehouse.ran if "CREATE OR REPLACE MODEL" in sql][-1]
        )
        world.clock.advance(days=1)


async def test_a_slow_statement_is_gone_on_with() -> None:
    world = World()
    world.warehouse.slow = {"CREATE OR REPLACE MODEL": 2}
    assert (await world.night()).step is Step.train
    assert (await world.night()).step is Step.train
    assert (await world.night()).step is Step.done
    trained = [job for job, sql in world.warehouse.ran if "CREATE OR REPLACE MODEL" in sql]
    assert len(trained) == 3
    assert len(set(trained)) == 1


async def test_it_stops_when_its_time_is_up_and_goes_on_where_it_was() -> None:
    world = World()
    for _ in range(30):
        # No time at all: nothing is done, and nothing is lost.
        assert (await world.nightly(budget_s=0).run()).made == 0
    assert (await world.night()).made == 3


async def test_two_runs_do_not_fight() -> None:
    world = World()
    held = await world.lease.take()
    assert held is not None
    assert (await world.night()).busy
    assert world.warehouse.ran == []
    world.clock.advance(seconds=HELD_FOR_S + 1)
    assert (await world.night()).made == 3


async def test_who_lost_the_lease_stops() -> None:
    world = World()

    async def take_over() -> None:
        stored = (await world.documents.read([STATE]))[STATE]
        await world.documents.write(STATE, {"holder": "other"}, stored.version)

    nightly = world.nightly()

    async def after_taking() -> None:
        world.documents.in_between = take_over

    world.documents.in_between = after_taking
    assert (await nightly.run()).busy
    assert world.state["holder"] == "other"


@pytest.mark.parametrize(
    "goes_wrong",
    [
        {"fails": {"CREATE OR REPLACE MODEL": 9}},
        {"fails": {".candidates_1` AS": 9}},
        {"fails": {"ML.EVALUATE": 1}},
        {"answers": {"ML.EVALUATE": [{NDCG: 0.2}]}},
        {"answers": {"ML.EVALUATE": []}},
    ],
    ids=["training fails", "no candidates", "no evaluation", "worse", "nothing to judge by"],
)
async def test_without_a_better_model_yesterdays_mixes_stay(
    goes_wrong: dict[str, dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    await world.night()
    before = {user: world.mixes(user) for user in world.users}
    world.users.append("new")
    for name, values in goes_wrong.items():
        getattr(world.warehouse, name).update(values)
    world.clock.advance(days=7)
    with caplog.at_level(logging.ERROR):
        report = await world.night()
    assert report.kept
    assert report.model == "mf_0"
    assert {user: world.mixes(user) for user in before} == before
    assert world.mixes("new")
    [record] = [each for each in caplog.records if each.message == "no new model tonight"]
    assert record.levelno == logging.ERROR


async def test_without_any_model_ever_sound_and_popularity_make_mixes() -> None:
    world = World()
    world.warehouse.fails = {"CREATE OR REPLACE MODEL": 99}
    report = await world.night()
    assert report.made == 3
    assert report.model == ""
    first = world.mixes("ada")
    world.clock.advance(days=1)
    assert (await world.night()).made == 3
    assert world.mixes("ada") != first


async def test_a_statement_that_fails_is_tried_again_under_another_name() -> None:
    world = World()
    world.warehouse.fails = {".tastes` AS": 2}
    assert (await world.night()).made == 3
    tried = [job for job, sql in world.warehouse.ran if ".tastes` AS\nSELECT user_id" in sql]
    assert len(tried) == len(set(tried)) == 3


async def test_facts_that_cannot_be_made_end_the_night_with_nothing_changed() -> None:
    world = World()
    await world.night()
    before = world.mixes("ada")
    world.clock.advance(days=1)
    world.warehouse.fails = {".tracks` AS": 99}
    report = await world.night()
    assert report.step is Step.done
    assert "facts failed" in report.kept
    assert world.mixes("ada") == before


async def test_an_outage_lets_go_of_the_lease() -> None:
    world = World()
    nightly = world.nightly()

    async def away(*_: Any, **__: Any) -> Any:
        raise Unavailable("away")

    nightly._warehouse.run = away  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        await nightly.run()
    assert (await world.night()).made == 3


async def test_what_was_said_meanwhile_is_kept_and_honoured() -> None:
    world = World()
    world.users[:] = ["ada"]
    hidden = Uri("artist", artist_id(30))

    async def hide() -> None:
        await remember(world.documents, "ada", hidden, Opinion.hide)

    maker = MixMaker(
        tables=NightTables(_Listeners(world.warehouse, world.users), DATASET),
        documents=world.documents,
        clock=world.clock,
    )
    world.documents.in_between = hide
    await maker.make(after="", slot=0, only_new=False)
    kept = world.documents.kept[mixes_path("ada")]
    assert kept["said"] == [{"of": f"artist:{artist_id(30)}", "opinion": "hide"}]
    shown = {
        artist for mix in kept["mixes"] for track in mix["tracks"] for artist in track["artists"]
    }
    assert shown
    assert artist_id(30) not in shown


async def test_nothing_is_written_for_who_was_erased() -> None:
    world = World()
    await world.documents.replace(mixes_path("bob"), {"erased": True})
    await world.night()
    assert world.documents.kept[mixes_path("bob")] == {"erased": True}
    assert world.mixes("ada")


async def test_mixes_are_written_in_one_piece() -> None:
    """One write a person a night: the old mixes or the new ones, whole."""
    world = World()
    writes: list[str] = []
    write = world.documents.write

    async def counted(path: str, fields: Any, before: Any) -> Any:
        writes.append(path)
        return await write(path, fields, before)

    world.documents.write = counted  # type: ignore[method-assign]
    await world.night()
    assert sorted(each for each in writes if each != STATE) == [
        mixes_path(user) for user in world.users
    ]
    for user in world.users:
        raw = msgspec.json.encode(world.documents.kept[mixes_path(user)])
        assert len(raw) < 200_000, "a document holds a megabyte"


def _learned(weight: float) -> list[Row]:
    return [{"name": name, "weight": weight} for name in (*NAMES, DEEP)]


async def test_candidates_are_scored_by_the_deep_model_in_service() -> None:
    world = World()
    await world.documents.replace(DEEP_STATE, {"slot": 1, "version": "v", "inputs": INPUTS})
    world.warehouse.answers[".blend`"] = _learned(0.25)
    assert (await world.night()).step is Step.done
    statements = [statement for _, statement in world.warehouse.ran]
    [scored] = [at for at, each in enumerate(statements) if "MODEL `p.warehouse.deep_1`" in each]
    [ranked] = [at for at, each in enumerate(statements) if "TABLE `p.warehouse.ranked`" in each]
    assert scored < ranked
    assert "0.25 * COALESCE(d.score" in statements[ranked]
    asked = [parameters for query, parameters in world.warehouse.asked if ".blend`" in query]
    assert asked == [{"model": "deep_1"}]


async def test_without_a_deep_model_none_is_asked() -> None:
    world = World()
    await world.night()
    assert not any("deep_" in statement for _, statement in world.warehouse.ran)


async def test_a_night_goes_on_when_the_deep_model_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    await world.documents.replace(DEEP_STATE, {"slot": 0, "version": "v", "inputs": INPUTS})
    world.warehouse.fails["ML.PREDICT"] = 99
    with caplog.at_level(logging.ERROR):
        assert (await world.night()).step is Step.done
    [record] = [each for each in caplog.records if "deep model" in each.message]
    assert "ML.PREDICT is refused" in str(record.__dict__)
    [ranked] = [text for _, text in world.warehouse.ran if "TABLE `p.warehouse.ranked`" in text]
    assert "deep_scores" not in ranked
    assert all(world.mixes(user) for user in world.users)


async def test_a_deep_model_without_its_weights_has_none() -> None:
    world = World()
    await world.documents.replace(DEEP_STATE, {"slot": 0, "version": "v", "inputs": INPUTS})
    world.warehouse.answers[".blend`"] = _learned(0.25)[:-1]
    await world.night()
    [ranked] = [text for _, text in world.warehouse.ran if "TABLE `p.warehouse.ranked`" in text]
    assert "deep_scores" not in ranked
    assert f"{blend.DEFAULTS['factors']} * LN" in ranked


def ranked_with(world: World) -> str:
    return [sql for _, sql in world.warehouse.ran if ".ranked` AS" in sql][-1]


async def test_the_ranking_weighs_as_was_learned() -> None:
    world = World()
    await world.night()
    assert f"{blend.DEFAULTS['factors']!r} * LN(" in ranked_with(world)
    world.warehouse.answers[".blend`"] = [
        {"name": name, "weight": 0.625} for name in (*blend.NAMES, blend.DEEP)
    ]
    world.clock.advance(days=1)
    await world.night()
    for name in blend.NAMES:
        assert f"0.625 * LN({getattr(blend.FLOORS, name)!r} + " in ranked_with(world)


async def test_without_the_table_of_weights_the_defaults_hold(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    world.warehouse.fails = {".blend`": 1}
    with caplog.at_level(logging.WARNING):
        assert (await world.night()).made == 3
    assert f"{blend.DEFAULTS['factors']!r} * LN(" in ranked_with(world)
    assert "the weights that were learned are not here" in caplog.messages


async def test_a_kept_model_ranks_what_is_new_tonight() -> None:
    world = World()
    await world.night()
    world.warehouse.answers["ML.EVALUATE"] = [{NDCG: 0.2}]
    world.clock.advance(days=1)
    assert (await world.night()).kept
    [*_, signals] = [sql for _, sql in world.warehouse.ran if ".signals` AS\nWITH" in sql]
    [*_, confidences] = [
        sql for _, sql in world.warehouse.ran if "TABLE `p.warehouse.confidences`" in sql
    ]
    assert "confidences" in signals
    assert ".mf_0`" in confidences


async def test_without_any_model_the_ranking_asks_none() -> None:
    world = World()
    world.warehouse.fails = {"CREATE OR REPLACE MODEL": 99}
    await world.night()
    assert ranked_with(world)
    assert not [sql for _, sql in world.warehouse.ran if "TABLE `p.warehouse.confidences`" in sql]


@pytest.mark.parametrize("statement", [".signals` AS", ".ranked` AS", "SELECT r.country"])
async def test_a_ranking_that_cannot_be_made_ends_the_night(statement: str) -> None:
    world = World()
    await world.night()
    before = world.mixes("ada")
    world.clock.advance(days=1)
    world.warehouse.fails = {statement: 99}
    report = await world.night()
    assert report.step is Step.done
    assert report.kept
    assert world.mixes("ada") == before
    world.warehouse.fails = {}
    world.clock.advance(days=1)
    assert (await world.night()).made == 3


async def test_mixes_that_cannot_be_read_for_do_not_hold_up_the_next_night() -> None:
    world = World()
    world.warehouse.fails = {".ranked` WHERE user_id": 99}
    report = await world.night()
    assert report.step is Step.done
    assert "mixes failed" in report.kept
    world.warehouse.fails = {}
    world.clock.advance(days=1)
    assert (await world.night()).made == 3


async def test_the_ranking_in_service_is_measured_before_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    await world.night()
    assert not [query for query, _ in world.warehouse.asked if "AS ranked" in query]
    made_at = int(world.clock().timestamp())
    assert world.state["ranked_at"] == made_at
    world.clock.advance(days=1)
    hits = {"wanted": 1, "ranked": 0.5, "popular": 0.25}
    world.warehouse.answers["AS ranked"] = [hits] * heldout.LEAST_LISTENERS
    with caplog.at_level(logging.INFO):
        await world.night()
    [(_, asked)] = [each for each in world.warehouse.asked if "AS ranked" in each[0]]
    assert asked["since"] == datetime.datetime.fromtimestamp(made_at, datetime.UTC)
    assert "the ranking in service is measured" in caplog.messages
    assert world.state["figures"][heldout.RANKED] == 0.5
    assert world.state["figures"][NDCG] == 0.5
    assert world.state["figures"][heldout.POPULAR] == 0.25


async def test_a_measurement_that_fails_stops_nothing() -> None:
    world = World()
    await world.night()
    world.clock.advance(days=1)
    world.warehouse.fails = {"AS ranked": 1}
    assert (await world.night()).made == 3
