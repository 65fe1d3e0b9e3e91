"""Items kept in memory for a while: the most recently used ones, until they are old or evicted."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

Load = Callable[[Sequence[K]], Awaitable[Mapping[K, T]]]


class Cache(Generic[K, T]):
    """Items by id, from `load`, which answers those that exist.

    An item is loaded once for all who ask for it at the same time. What `load` does not find is
    asked for again each time, so that a new item is seen at once. An eviction also holds against
    loads that are under way: those who wait for one get its answer, but nobody after them does.

    At most `most_items` are kept; one that holds others within it counts for as many as `size_of`
    says.
    """

    def __init__(
        self,
        load: Load[K, T],
        *,
        ttl_s: float,
        most_items: int,
        size_of: Callable[[T], int] = lambda _: 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._ttl_s = ttl_s
        self._clock = clock
        self._kept: LRUCache[K, tuple[float, T]] = LRUCache(
            most_items, getsizeof=lambda kept: size_of(kept[1])
        )
        self._loading: dict[K, asyncio.Task[Mapping[K, T]]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, ids: Iterable[K]) -> list[T]:
        """The items that exist, in the order asked for; raises what `load` raises."""
        wanted = list(ids)
        found: dict[K, T] = {}
        missing: list[K] = []
        for each in dict.fromkeys(wanted):
            if (item := self._fresh(each)) is not None:
                found[each] = item
            else:
                missing.append(each)
        for each, load in self._loads_of(missing).items():
            # Shielded: others may wait for this load when our caller gives up.
            loaded = await asyncio.shield(load)
            if each in loaded:
                found[each] = loaded[each]
        return [found[each] for each in wanted if each in found]

    def evict(self, id: K) -> None:
        """The next one to ask gets what is then stored."""
        self._kept.pop(id, None)
        self._loading.pop(id, None)

    def clear(self) -> None:
        """Evicts everything."""
        self._kept.clear()
        self._loading.clear()

    def _fresh(self, id: K) -> T | None:
        kept = self._kept.get(id)
        if kept is None:
            return None
        loaded_at, item = kept
        if self._clock() - loaded_at >= self._ttl_s:
            del self._kept[id]
            return None
        return item

    def _loads_of(self, ids: Sequence[K]) -> dict[K, asyncio.Task[Mapping[K, T]]]:
        """The load that each id is part of; one new load for all that are in none."""
        unclaimed = [each for each in ids if each not in self._loading]
        if unclaimed:
            load = asyncio.create_task(self._load_and_keep(unclaimed, self._clock()))
            self._loading.update(dict.fromkeys(unclaimed, load))
        return {each: self._loading[each] for each in ids}

    async def _load_and_keep(self, ids: Sequence[K], started_at: float) -> Mapping[K, T]:
        this_load = asyncio.current_task()
        loaded: Mapping[K, T] = {}
        try:
            loaded = await self._load(ids)
        finally:
            for each in ids:
                if self._loading.get(each) is this_load:
                    del self._loading[each]
                    if each in loaded:
                        self._keep(each, started_at, loaded[each])
        return loaded

    def _keep(self, id: K, loaded_at: float, item: T) -> None:
        # What is larger than all of the cache is not kept.
        with contextlib.suppress(ValueError):
            self._kept[id] = (loaded_at, item)
