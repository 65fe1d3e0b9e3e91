"""An instance keeps up with the bucket while it answers."""

import asyncio

import pytest

from functions.search import journal
from functions.search.appender import Appender
from functions.search.compaction import Compaction
from functions.search.engine import Engine
from functions.search.live import LOOK_EVERY_S, LiveIndex
from shared.errors import Unavailable
from tests.unit.functions.search.fakes import MemoryCatalogue, MemoryObjects, search, track


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class World:
    def __init__(self) -> None:
        self.objects = MemoryObjects()
        self.catalogue = MemoryCatalogue()
        self.appender = Appender(self.objects, self.catalogue.load)
        self.compaction = Compaction(self.objects, self.catalogue, lambda: self.objects.now)
        self.clock = Clock()
        self.index = LiveIndex(self.objects, self.clock)

    async def found(self, q: str) -> list[str]:
        return await self.index.run(lambda engine: search(engine, q))

    async def found_soon(self, q: str) -> list[str]:
        """What is found once the look that a search started has ended."""
        await self.found(q)
        await self.index.settled()
        return await self.found(q)


@pytest.fixture
def world() -> World:
    return World()


async def test_an_empty_bucket_is_an_empty_index(world: World) -> None:
    assert await world.found("anything") == []


async def test_what_is_new_is_found_at_the_next_look(world: World) -> None:
    await world.found("one")
    await world.appender.append([track("One")])
    reads = world.objects.reads
    assert await world.found_soon("one") == []
    assert world.objects.reads == reads
    world.clock.now += LOOK_EVERY_S
    assert await world.found_soon("one") == [track("One").id]


async def test_a_new_base_takes_the_place_of_the_old(world: World) -> None:
    world.catalogue.put(track("One"))
    await world.appender.append([track("One")])
    assert await world.found("one") == [track("One").id]
    await world.compaction.rebuild()
    await world.appender.append([track("Two")])
    world.clock.now += LOOK_EVERY_S
    assert await world.found_soon("two") == [track("Two").id]
    assert await world.found("one") == [track("One").id]


async def test_after_a_long_rest_the_first_answer_waits_for_a_look(world: World) -> None:
    await world.found("one")
    await world.appender.append([track("One")])
    world.clock.now += 3600
    assert await world.found("one") == [track("One").id]


async def test_an_outage_of_the_bucket_leaves_what_is_here(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.appender.append([track("One")])
    await world.found("one")

    async def away(name: str) -> None:
        raise ConnectionError(name)

    monkeypatch.setattr(world.objects, "read", away)
    world.clock.now += LOOK_EVERY_S
    assert await world.found_soon("one") == [track("One").id]


async def test_without_a_bucket_there_is_no_answer_until_there_is_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(name: str) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(world.objects, "read", away)
        with pytest.raises(Unavailable):
            await world.found("one")
    assert await world.found("one") == []


async def test_a_base_that_was_cleared_away_while_it_was_opened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.catalogue.put(track("One"))
    await world.compaction.rebuild()
    old, _ = await journal.read_pointer(world.objects)
    await world.compaction.rebuild()
    await world.objects.delete(journal.index_name(old.base))
    read = journal.read_pointer
    answers = iter([(old, 1)])

    async def stale(objects: MemoryObjects) -> tuple[journal.Pointer, int]:
        return next(answers, None) or await read(objects)

    monkeypatch.setattr("functions.search.live.journal.read_pointer", stale)
    assert await world.found("one") == [track("One").id]


async def test_searches_go_on_while_a_long_log_is_read(world: World) -> None:
    await world.found("song")
    await world.appender.append([track(f"Song {number}") for number in range(2_000)])
    world.clock.now += LOOK_EVERY_S
    answered = 0
    while track("Song 1999").id not in await world.found("song 1999"):
        answered += 1
        await asyncio.sleep(0)
    assert answered > 1


async def test_closing_ends_its_thread(world: World) -> None:
    await world.found("one")
    await world.index.close()
    with pytest.raises(RuntimeError):
        await world.index.run(Engine.close)
