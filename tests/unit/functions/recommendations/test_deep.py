import pytest

from functions.recommendations.deep import (
    PAUSE,
    STATE,
    Asked,
    DeepState,
    Training,
    in_service,
    put_into_service,
    read,
)
from functions.recommendations.models.deep import INPUTS
from shared.documents import to_document
from shared.errors import Unavailable
from shared.firestore import Conflict
from tests.unit.functions.recommendations.fakes import (
    DATASET,
    NOW,
    Clock,
    FakeWarehouse,
    MemoryDocuments,
)


class FakeJob:
    def __init__(self) -> None:
        self.started = 0
        self.broken = False

    async def start(self, variables: object) -> str:
        if self.broken:
            raise RuntimeError("Cloud Run is not answering")
        self.started += 1
        return f"execution-{self.started}"


class World:
    def __init__(self, plays: int = 100_000) -> None:
        self.documents, self.warehouse, self.clock = MemoryDocuments(), FakeWarehouse(), Clock()
        self.job = FakeJob()
        self.warehouse.answers["COUNT(*) AS plays"] = [{"plays": plays}]

    async def start(self, **given: bool) -> Asked:
        training = Training(
            documents=self.documents,
            warehouse=self.warehouse,
            dataset=DATASET,
            job=self.job,
            least_plays=50_000,
            clock=self.clock,
        )
        return await training.start(**given)


async def test_a_training_is_started_once_a_week() -> None:
    world = World()
    first = await world.start()
    assert first.started
    assert first.execution == "execution-1"
    again = await world.start()
    assert not again.started
    assert "within the week" in again.reason
    assert (await world.start(again=True)).started
    world.clock.advance(days=PAUSE.days + 1)
    assert (await world.start()).started
    assert world.job.started == 3


async def test_few_plays_are_not_learned_from() -> None:
    world = World(plays=49_999)
    asked = await world.start(again=True)
    assert not asked.started
    assert "49999 plays" in asked.reason
    assert world.documents.kept == {}


async def test_of_two_calls_at_once_one_starts_it() -> None:
    world = World()

    async def other() -> None:
        assert (await world.start()).started

    world.documents.in_between = other
    assert not (await world.start()).started
    assert world.job.started == 1


async def test_a_job_that_cannot_be_started_is_tried_again() -> None:
    world = World()
    world.job.broken = True
    with pytest.raises(Unavailable):
        await world.start()
    world.job.broken = False
    assert (await world.start()).started


async def test_the_pointer_moves_and_a_claim_meanwhile_stays() -> None:
    world = World()
    before = await read(world.documents)
    await world.start()
    await put_into_service(
        world.documents, before, slot=0, version="v1", learned_until=100, now=200
    )
    assert await in_service(world.documents) == DeepState(
        slot=0,
        version="v1",
        inputs=INPUTS,
        learned_until=100,
        promoted_at=200,
        asked_at=int(NOW.timestamp()),
    )
    assert (await in_service(world.documents)).next_slot == 1


async def test_a_model_that_is_asked_otherwise_is_not_in_service() -> None:
    world = World()
    old = DeepState(slot=1, version="v0", inputs="history marks candidates", asked_at=5)
    await world.documents.replace(STATE, to_document(old))
    before = await read(world.documents)
    assert before.state.slot == -1
    assert before.state.asked_at == 5
    await put_into_service(world.documents, before, slot=0, version="v1", learned_until=1, now=1)
    assert (await in_service(world.documents)).slot == 0


async def test_of_two_trainings_the_slower_one_changes_nothing() -> None:
    world = World()
    before = await read(world.documents)
    await put_into_service(world.documents, before, slot=0, version="v1", learned_until=1, now=1)
    with pytest.raises(Conflict):
        await put_into_service(
            world.documents, before, slot=0, version="v2", learned_until=2, now=2
        )
    assert world.documents.kept[STATE]["version"] == "v1"


def test_before_the_first_there_is_none() -> None:
    assert DeepState().name == ""
    assert DeepState().next_slot == 0
    assert DeepState(slot=1).name == "deep_1"
    assert DeepState(slot=1).next_slot == 0
