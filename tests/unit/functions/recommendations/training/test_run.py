"""A training from its plays to its pointer, with a learner that is told what to say."""

import logging
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest

from functions.recommendations.deep import STATE, DeepState, in_service
from functions.recommendations.models import blend
from functions.recommendations.models.deep import CANDIDATES, INPUTS
from functions.recommendations.state import State
from functions.recommendations.store import STATE as NIGHT
from functions.recommendations.training import files
from functions.recommendations.training.learner import Made
from functions.recommendations.training.reading import NothingToLearn, Row
from functions.recommendations.training.run import MOST_PLAYS, Outcome, Training
from functions.recommendations.training.sequences import Floats, Ints, Plays
from functions.recommendations.warehouse import StatementFailed
from shared.documents import to_document
from shared.firestore import Conflict
from tests.unit.functions.recommendations.fakes import (
    DATASET,
    Clock,
    FakeWarehouse,
    MemoryDocuments,
)

LISTENERS, TRACKS, OFFERED = 240, 40, 12
DAY_MS = 86_400_000
LENGTH = 8


class FakeModel:
    """Says of a candidate what it is told to; `knows` is how much that has to do with what is."""

    def __init__(self, learner: "FakeLearner", plays: Plays, epochs: int) -> None:
        self._learner = learner
        self.plays = plays
        self.made = Made(
            seed=7, epochs=epochs or 3, losses=[2.0], seconds=1.0, parameters=10, network={}
        )

    def scores(self, history: Ints, sessions: Ints, candidates: Ints) -> Floats:
        assert history.shape == sessions.shape == (len(candidates), LENGTH)
        assert candidates.shape[1] == CANDIDATES
        self._learner.histories.append(history)
        said = np.where(candidates % 3 == 0, self._learner.knows, 0.0)
        noise = np.random.default_rng(len(self._learner.histories)).normal(size=said.shape)
        return np.where(candidates > 0, said + noise, 0).astype(np.float32)

    def file(self) -> bytes:
        return b"a model"


class FakeLearner:
    length = LENGTH

    def __init__(self) -> None:
        self.knows = 4.0
        self.histories: list[Ints] = []
        self.models: list[tuple[FakeModel, int, int]] = []

    def learn(
        self, plays: Plays, tracks: object, *, validated: Any = None, epochs: int = 0
    ) -> FakeModel:
        model = FakeModel(self, plays, epochs)
        self.models.append((model, int(validated.sum()) if validated is not None else 0, epochs))
        return model


class FakeRows:
    """What BigQuery holds: tracks whose number is a multiple of three are what people want."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.nothing = False
        self.plays = LISTENERS * 30

    def of(self, query: str) -> Iterator[Row]:
        self.asked.append(query)
        if self.nothing:
            return
        if "COUNT(*)" in query:
            yield {"plays": self.plays}
            return
        if ".track_index_" in query and "embedding" in query:
            for number in range(1, TRACKS + 1):
                yield {
                    "number": number,
                    "track_id": f"t{number}",
                    "artist_id": f"a{number % 5}",
                    "embedding": [1.0, float(number)],
                }
        elif ".plays_unique` AS p" in query and "number" in query:
            yield from self._plays()
        else:
            yield from self._held_out(query)

    @staticmethod
    def _plays() -> Iterator[Row]:
        for listener in range(LISTENERS):
            for day in range(30):
                at = 1_700_000_000_000 + day * DAY_MS + listener
                number = 1 + (listener + day) % TRACKS
                yield {
                    "user_id": f"u{listener}",
                    "number": number,
                    "at_ms": at,
                    "until_ms": at + 1000,
                    "liked": True,
                }

    @staticmethod
    def _held_out(query: str) -> Iterator[Row]:
        for listener in range(LISTENERS):
            chance, user = random.Random(listener), f"u{listener}"
            offered = chance.sample(range(1, TRACKS + 1), OFFERED)
            wanted = [number for number in offered if number % 3 == 0][:2]
            if ".wanted_held_out`" in query and "factors" not in query:
                for number in wanted:
                    yield {"user_id": user, "track_id": f"t{number}"}
            elif "factors" in query:
                for number in offered:
                    signals = {name: chance.random() for name in blend.NAMES}
                    yield {"user_id": user, "track_id": f"t{number}", **signals}
            elif ".deep_scores_held_out`" in query:
                for number in offered:
                    yield {"user_id": user, "track_id": f"t{number}", "score": float(number % 3)}


class FakeFiles:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.broken = False

    def write(self, version: str, name: str, content: bytes) -> None:
        if self.broken:
            raise OSError("the bucket is gone")
        self.kept[name] = content

    def path(self, version: str) -> str:
        return f"gs://models/{version}/*"


class World:
    def __init__(self) -> None:
        self.rows, self.files, self.learner = FakeRows(), FakeFiles(), FakeLearner()
        self.warehouse, self.documents = FakeWarehouse(), MemoryDocuments()

    async def train(self) -> Outcome:
        await self.documents.replace(NIGHT, to_document(State(slot=1)))
        training = Training(
            rows=self.rows,
            warehouse=self.warehouse,
            dataset=DATASET,
            documents=self.documents,
            models=self.files,
            learner=self.learner,
            clock=Clock(),
        )
        return await training.run()

    @property
    def statements(self) -> list[str]:
        return [statement for _, statement in self.warehouse.ran]

    def of(self, text: str) -> list[int]:
        return [at for at, each in enumerate(self.statements) if text in each]


async def test_a_model_that_knows_more_goes_into_service(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    with caplog.at_level(logging.INFO):
        outcome = await world.train()
    assert outcome.promoted
    assert outcome.card.figures.ahead.low > 0
    assert outcome.card.figures.listeners == LISTENERS // 2
    assert outcome.card.figures.against == "the ranking without a deep model"
    state = await in_service(world.documents)
    assert state.slot == 0
    assert state.version == outcome.card.version
    assert state.learned_until == (1_700_000_000_000 + 29 * DAY_MS) // 1000 + 1
    # The pointer comes after everything that it points to.
    [index], [model], [weights] = (
        world.of("TABLE `p.warehouse.track_index_0`"),
        world.of("MODEL `p.warehouse.deep_0`"),
        world.of("INSERT INTO `p.warehouse.blend`"),
    )
    assert index < model < weights == len(world.statements) - 1
    assert f"gs://models/{state.version}/*" in world.statements[model]
    assert "'deep_0' AS model" in world.statements[weights]
    assert set(outcome.card.weights) == {*blend.NAMES, blend.DEEP}
    assert outcome.card.weights[blend.DEEP] > 0
    assert set(world.files.kept) == {files.MODEL, files.CARD, files.CARD_TEXT}
    [record] = [each for each in caplog.records if "promoted" in each.message]
    assert record.__dict__["fields"]["metric"] == "recommendations/deep_promoted"


async def test_it_is_tried_on_days_that_it_did_not_learn_from() -> None:
    world = World()
    outcome = await world.train()
    (first, validated, none), (last, nothing, epochs) = world.learner.models
    cut = float(first.plays.at.max())
    assert cut < float(last.plays.at.max())
    assert outcome.card.data.held_out_from > "2023-12-0"
    assert validated > 0
    assert none == 0
    # In service is one that has learned from all of it, for as long as was best.
    assert nothing == 0
    assert epochs == 3
    assert len(last.plays) == LISTENERS * 30
    # Histories end where the days begin.
    shown = {int(number) for history in world.learner.histories for number in history[:, 0]}
    assert 0 not in shown
    assert world.of("MODEL `p.warehouse.mf_1_held_out`")


async def test_a_model_that_knows_nothing_more_is_not_promoted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    await world.documents.replace(
        STATE, to_document(DeepState(slot=0, version="old", inputs=INPUTS))
    )
    world.learner.knows = 0.0
    with caplog.at_level(logging.ERROR):
        outcome = await world.train()
    assert not outcome.promoted
    assert "ahead of the ranking without it by" in outcome.card.decision.reason
    assert (await in_service(world.documents)).version == "old"
    assert not world.of("INSERT INTO `p.warehouse.blend`")
    assert not world.of("MODEL `p.warehouse.deep_1`")
    assert files.MODEL not in world.files.kept
    assert msgspec.json.decode(world.files.kept[files.CARD])["decision"]["promoted"] is False
    [record] = caplog.records
    assert record.__dict__["fields"]["metric"] == "recommendations/deep_kept"


async def test_it_is_compared_with_the_model_in_service_if_that_is_fair() -> None:
    world = World()
    before = DeepState(slot=0, version="old", inputs=INPUTS, learned_until=1_700_000_000)
    await world.documents.replace(STATE, to_document(before))
    world.warehouse.answers[".blend`"] = [
        {"name": name, "weight": 1.0 if name == blend.DEEP else 0.0}
        for name in (*blend.NAMES, blend.DEEP)
    ]
    outcome = await world.train()
    assert outcome.card.figures.against == "deep_0"
    assert world.of("MODEL `p.warehouse.deep_0`"), "it is asked about the same candidates"
    assert outcome.slot == 1
    unfair = World()
    before = DeepState(slot=0, version="old", inputs=INPUTS, learned_until=2_000_000_000)
    await unfair.documents.replace(STATE, to_document(before))
    assert (await unfair.train()).card.figures.against == "the ranking without a deep model"


@pytest.mark.parametrize("text", ["MODEL `p.warehouse.deep_0`", "INSERT INTO", "wanted_held_out"])
async def test_whatever_fails_leaves_what_is_in_service(text: str) -> None:
    world = World()
    world.warehouse.fails[text] = 1
    with pytest.raises(StatementFailed):
        await world.train()
    assert STATE not in world.documents.kept
    # What was looked at of the past is gone in any case.
    assert world.of("DROP TABLE IF EXISTS `p.warehouse.signals_held_out`")
    # The next one makes it good.
    assert (await world.train()).promoted


async def test_a_bucket_that_fails_leaves_what_is_in_service() -> None:
    world = World()
    world.files.broken = True
    with pytest.raises(OSError, match="bucket"):
        await world.train()
    assert STATE not in world.documents.kept


async def test_of_two_trainings_at_once_one_goes_into_service() -> None:
    world = World()
    write = world.files.write

    def meanwhile(version: str, name: str, content: bytes) -> None:
        write(version, name, content)
        world.documents.kept[STATE] = to_document(DeepState(slot=0, version="other", inputs=INPUTS))
        world.documents._versions[STATE] = 99

    world.files.write = meanwhile  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        await world.train()
    assert (await in_service(world.documents)).version == "other"


async def test_of_too_many_plays_those_of_some_listeners_are_read() -> None:
    world = World()
    world.rows.plays = 8 * MOST_PLAYS
    await world.train()
    [query] = [each for each in world.rows.asked if ".plays_unique` AS p" in each]
    assert "TO_HEX(MD5(p.user_id)) < '20000000'" in query


async def test_there_is_nothing_to_learn_from() -> None:
    world = World()
    world.rows.nothing = True
    with pytest.raises(NothingToLearn):
        await world.train()
