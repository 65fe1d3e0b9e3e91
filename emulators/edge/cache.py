"""The edge's cache: whole objects in memory, the least recently used ones leave first."""

import gzip
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class CachedObject:
    """An object as the bucket gave it. `expires` and `stored` are in the clock's seconds."""

    body: bytes
    headers: Mapping[str, str]
    stored: float
    expires: float

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.body, compresslevel=6, mtime=0)


class ObjectCache:
    """Keyed by bucket and object name; bounded by the bytes of the bodies."""

    def __init__(self, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._bytes = 0
        self._objects: OrderedDict[tuple[str, str], CachedObject] = OrderedDict()

    def get(self, key: tuple[str, str]) -> CachedObject | None:
        """What is there and still fresh."""
        found = self._objects.get(key)
        if found is None:
            return None
        if self._clock() >= found.expires:
            self._remove(key)
            return None
        self._objects.move_to_end(key)
        return found

    def put(
        self, key: tuple[str, str], body: bytes, headers: Mapping[str, str], max_age_s: float
    ) -> CachedObject:
        """Keep it if it fits; returned either way."""
        now = self._clock()
        fresh = CachedObject(body, headers, now, now + max_age_s)
        if key in self._objects:
            self._remove(key)
        if max_age_s > 0 and len(body) <= self._max_bytes // 4:
            self._objects[key] = fresh
            self._bytes += len(body)
            while self._bytes > self._max_bytes:
                self._remove(next(iter(self._objects)))
        return fresh

    def age_s(self, cached: CachedObject) -> int:
        return int(self._clock() - cached.stored)

    def _remove(self, key: tuple[str, str]) -> None:
        self._bytes -= len(self._objects.pop(key).body)
