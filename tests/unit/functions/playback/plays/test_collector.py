import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.playback.plays import collector as module
from functions.playback.plays.collector import Collector
from functions.playback.plays.journal import MOST_A_DAY, Key, entry_of, key_of
from functions.playback.plays.store import StoredDay
from shared.errors import BadRequest, Unavailable
from shared.events import Play
from shared.firestore import Conflict
from tests.unit.functions.playback.plays.fakes import NOW, MemoryDays, play

DAY_S = 24 * 3600


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GATHER_S", 0.0)
    monkeypatch.setattr(module, "_FIRST_PAUSE_S", 0.0)


async def add(collector: Collector, *plays: Play) -> list[BaseException | None]:
    return await asyncio.gather(*map(collector.add, plays), return_exceptions=True)


def kept(store: MemoryDays) -> set[tuple[str, str]]:
    return {
        (key.user_id, entry.play_id) for key, day in store.stored.items() for entry in day.entries
    }


async def test_plays_of_a_day_are_one_write() -> None:
    store = MemoryDays()
    await add(Collector(store), *(play(number) for number in range(100)))

    [day] = store.stored.values()
    assert store.writes == 1
    assert [entry.play_id for entry in day.entries] == [f"play-{number}" for number in range(100)]


async def test_what_comes_again_is_not_written() -> None:
    store = MemoryDays()
    collector = Collector(store)
    await add(collector, play(1), play(1))
    await add(collector, play(1))
    await add(Collector(store), play(1))
    assert len(store.entries()) == store.writes == 1


async def test_what_this_instance_wrote_last_is_not_read_again() -> None:
    store = MemoryDays()
    collector = Collector(store)
    for number in range(5):
        await add(collector, play(number))
    assert (store.reads, store.writes) == (1, 5)


async def test_another_instance_wrote_meanwhile() -> None:
    store = MemoryDays()
    first, second = Collector(store), Collector(store)
    for number in range(10):
        await add(first, play(number))
        await add(second, play(100 + number))
    assert len(store.entries()) == 20


async def test_a_day_that_changes_all_the_time() -> None:
    store = MemoryDays()
    store.failures = [Conflict("changed")] * 100
    [error] = await add(Collector(store), play(1))
    assert isinstance(error, Unavailable)


async def test_a_failure_is_told_to_those_whom_it_concerns() -> None:
    store = MemoryDays()
    collector = Collector(store)
    store.failures = [RuntimeError("Firestore is away")]
    failed, written = await add(collector, play(1), play(2, user="v"))
    assert (type(failed), written) == (RuntimeError, None)

    assert await add(collector, play(1)) == [None]
    assert kept(store) == {("u", "play-1"), ("v", "play-2")}


async def test_a_cancelled_delivery_stops_no_other() -> None:
    store = MemoryDays()
    collector = Collector(store)
    cancelled = asyncio.create_task(collector.add(play(1)))
    other = asyncio.create_task(collector.add(play(2)))
    await asyncio.sleep(0)
    cancelled.cancel()
    await other
    assert "play-2" in {entry.play_id for entry in store.entries()}


async def test_nothing_is_kept_of_who_has_left() -> None:
    store = MemoryDays()
    await store.mark_erased("u", NOW)
    assert await add(Collector(store), play(1), play(2, user="v")) == [None, None]
    assert kept(store) == {("v", "play-2")}


async def test_who_leaves_while_their_day_is_remembered() -> None:
    store = MemoryDays()
    collector = Collector(store)
    await add(collector, play(1))
    await store.mark_erased("u", NOW)
    await store.forget("u")
    assert await add(collector, play(2)) == [None]
    assert store.entries() == []


async def test_a_day_holds_so_much_and_loses_nothing_that_it_holds() -> None:
    store = MemoryDays()
    first = play(0)
    entries = [entry_of(play(number)) for number in range(1, MOST_A_DAY)]
    store.stored[key_of(first)] = StoredDay(key_of(first), entries, 1)
    held = {entry.play_id for entry in entries}

    # Before all others in time: still it is they that stay.
    early = [play(-number, ago_s=3700) for number in range(1, 4)]
    assert await add(Collector(store), *early) == [None] * 3
    after = {entry.play_id for entry in store.entries()}
    assert len(after) == MOST_A_DAY
    assert held < after


@pytest.mark.parametrize("given", [{"user_id": ""}, {"user_id": "a/b"}, {"started_at": 0}])
async def test_poison(given: dict[str, object]) -> None:
    store = MemoryDays()
    [error] = await add(Collector(store), play(1, **given))  # type: ignore[arg-type]  # on purpose
    assert isinstance(error, BadRequest)
    assert store.entries() == []


@settings(deadline=None, max_examples=60)
@given(
    plays=st.lists(
        st.builds(
            lambda number, user, days: play(number, user=user, ago_s=days * DAY_S),
            number=st.integers(0, 30),
            user=st.sampled_from("uv"),
            days=st.just(1),
        ),
        max_size=40,
    ),
    seed=st.integers(0, 2**32),
)
def test_any_order_any_number_of_times_and_crashes(plays: list[Play], seed: int) -> None:
    """Three instances, each delivery twice or more, a third of the writes refused."""
    chance = random.Random(seed)
    store = MemoryDays()

    async def run() -> None:
        instances = [Collector(store) for _ in range(3)]
        deliveries = plays * 2
        chance.shuffle(deliveries)
        while deliveries:
            store.failures = [
                error for error in (Conflict(""), RuntimeError("died")) if chance.random() < 0.3
            ]
            outcomes = await asyncio.gather(
                *(chance.choice(instances).add(each) for each in deliveries),
                return_exceptions=True,
            )
            deliveries = [
                each
                for each, outcome in zip(deliveries, outcomes, strict=True)
                if outcome is not None
            ]

    asyncio.run(run())
    assert kept(store) == {(each.user_id, each.play_id) for each in plays}
    for key, day in store.stored.items():
        assert isinstance(key, Key)
        assert [entry.at for entry in day.entries] == sorted(entry.at for entry in day.entries)
        assert len({entry.play_id for entry in day.entries}) == len(day.entries)
