import asyncio
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog.cache import Cache


class Source:
    """Where the cache loads from. While `gate` is closed, loads that have read wait."""

    def __init__(self, **items: str) -> None:
        self.items = items
        self.loads: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self, ids: Sequence[str]) -> Mapping[str, str]:
        self.loads.append(list(ids))
        read = {id: self.items[id] for id in ids if id in self.items}
        await self.gate.wait()
        return read


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def cache_of(
    source: Source, *, most_items: int = 10, clock: Clock | None = None
) -> Cache[str, str]:
    return Cache(source.load, ttl_s=60, most_items=most_items, clock=clock or Clock())


async def test_a_second_asking_is_answered_from_memory() -> None:
    source = Source(a="1")
    cache = cache_of(source)
    assert await cache.get(["a"]) == ["1"]
    assert await cache.get(["a"]) == ["1"]
    assert source.loads == [["a"]]


async def test_answers_come_in_order_without_what_is_not_there() -> None:
    source = Source(a="1", b="2")
    cache = cache_of(source)
    await cache.get(["b"])
    assert await cache.get(["b", "x", "a", "b"]) == ["2", "1", "2"]
    assert source.loads == [["b"], ["x", "a"]]


async def test_what_is_not_there_is_asked_for_again() -> None:
    source = Source()
    cache = cache_of(source)
    assert await cache.get(["a"]) == []
    source.items["a"] = "1"
    assert await cache.get(["a"]) == ["1"]


async def test_items_age_from_when_they_were_asked_for() -> None:
    source, clock = Source(a="1"), Clock()
    cache = cache_of(source, clock=clock)
    source.gate.clear()
    waiting = asyncio.create_task(cache.get(["a"]))
    await asyncio.sleep(0)
    clock.now = 50
    source.gate.set()
    await waiting
    clock.now = 59
    await cache.get(["a"])
    assert len(source.loads) == 1
    clock.now = 60
    await cache.get(["a"])
    assert len(source.loads) == 2


async def test_the_least_recently_used_go_first() -> None:
    source = Source(a="1", b="2", c="3")
    cache = cache_of(source, most_items=2)
    for id in ["a", "b", "a", "c"]:
        await cache.get([id])
    assert len(cache) == 2
    await cache.get(["a", "c"])
    assert source.loads == [["a"], ["b"], ["c"]]


async def test_what_holds_others_counts_for_them() -> None:
    source = Source(a="1", b="22", c="333", d="55555")
    cache = Cache(source.load, ttl_s=60, most_items=4, size_of=len)
    for id in ["a", "b", "c", "d"]:
        assert await cache.get([id]) == [source.items[id]]
    assert len(cache) == 1
    await cache.get(["c"])
    assert source.loads == [["a"], ["b"], ["c"], ["d"]]


async def test_those_who_ask_at_once_share_a_load() -> None:
    source = Source(a="1", b="2")
    cache = cache_of(source)
    asked = (["a"], ["a", "b"], ["b"])
    answers = await asyncio.gather(*(cache.get(ids) for ids in asked))
    assert answers == [["1"], ["1", "2"], ["2"]]
    assert source.loads == [["a"], ["b"]]


async def test_an_evicted_item_is_loaded_again() -> None:
    source = Source(a="old")
    cache = cache_of(source)
    await cache.get(["a"])
    source.items["a"] = "new"
    cache.evict("a")
    cache.evict("unknown")
    assert await cache.get(["a"]) == ["new"]


@pytest.mark.parametrize("everything", [False, True])
async def test_an_eviction_during_a_load_keeps_the_old_value_out(everything: bool) -> None:
    source = Source(a="old")
    cache = cache_of(source)
    source.gate.clear()
    before = asyncio.create_task(cache.get(["a"]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert source.loads == [["a"]]
    source.items["a"] = "new"
    cache.clear() if everything else cache.evict("a")
    after = asyncio.create_task(cache.get(["a"]))
    await asyncio.sleep(0)
    source.gate.set()
    assert await before == ["old"]
    assert await after == ["new"]
    assert await cache.get(["a"]) == ["new"]


async def test_the_new_load_may_end_before_the_old_one() -> None:
    gates = [asyncio.Event(), asyncio.Event()]
    values = iter(["old", "new"])

    async def load(ids: Sequence[str]) -> Mapping[str, str]:
        gate, value = gates.pop(0), next(values)
        await gate.wait()
        return dict.fromkeys(ids, value)

    cache = Cache(load, ttl_s=60, most_items=10)
    first_gate, second_gate = gates
    before = asyncio.create_task(cache.get(["a"]))
    await asyncio.sleep(0.001)
    cache.evict("a")
    after = asyncio.create_task(cache.get(["a"]))
    await asyncio.sleep(0.001)
    second_gate.set()
    assert await after == ["new"]
    first_gate.set()
    assert await before == ["old"]
    assert await cache.get(["a"]) == ["new"]


async def test_a_failed_load_fails_those_who_wait_and_is_forgotten() -> None:
    fails = [True, False]

    async def load(ids: Sequence[str]) -> Mapping[str, str]:
        if fails.pop(0):
            raise ConnectionError
        return dict.fromkeys(ids, "1")

    cache = Cache(load, ttl_s=60, most_items=10)
    with pytest.raises(ConnectionError):
        await cache.get(["a"])
    assert await cache.get(["a"]) == ["1"]


async def test_who_gives_up_does_not_take_the_load_along() -> None:
    source = Source(a="1")
    cache = cache_of(source)
    source.gate.clear()
    impatient = asyncio.create_task(cache.get(["a"]))
    patient = asyncio.create_task(cache.get(["a"]))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    source.gate.set()
    assert await patient == ["1"]
    assert source.loads == [["a"]]


@given(st.lists(st.tuples(st.sampled_from("rwe"), st.sampled_from("ab")), max_size=30))
@settings(deadline=None)
def test_nothing_older_than_the_last_eviction_is_served(steps: list[tuple[str, str]]) -> None:
    """Reads run at once with writes that evict; who asks after an eviction sees its write."""

    async def run() -> None:
        versions = {"a": 0, "b": 0}
        checks: list[asyncio.Task[None]] = []

        async def load(ids: Sequence[str]) -> Mapping[str, int]:
            await asyncio.sleep(0)
            read = {id: versions[id] for id in ids}
            await asyncio.sleep(0)
            return read

        cache = Cache(load, ttl_s=60, most_items=10)

        async def read(id: str, at_least: int) -> None:
            assert (await cache.get([id]))[0] >= at_least

        for step, id in steps:
            if step == "r":
                checks.append(asyncio.create_task(read(id, versions[id])))
            elif step == "w":
                versions[id] += 1
                cache.evict(id)
            await asyncio.sleep(0)
        await asyncio.gather(*checks)

    asyncio.run(run())
