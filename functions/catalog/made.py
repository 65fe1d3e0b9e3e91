"""What was made of items, kept as long as they are the same."""

import contextlib
import weakref
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

from cachetools import LRUCache

from functions.catalog.availability import NEVER

T = TypeVar("T")


class _Kept(NamedTuple):
    value: object
    sources: tuple[weakref.ref[object], ...]
    until: str


class Made(Generic[T]):
    """The most recently used ones, of at most `most` bytes by `size_of`.

    Each is known with the items that it was made of, and right for these very items only, and
    until a time (as in `availability`). It does not keep the items themselves: an album may be a
    hundred times what is made of one of its tracks.
    """

    def __init__(self, most: int, size_of: Callable[[T], int]) -> None:
        self._kept: LRUCache[Hashable, _Kept] = LRUCache(
            most,
            getsizeof=lambda kept: size_of(kept.value),  # type: ignore[arg-type]  # as `keep` was given it
        )

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, now: str, *sources: object) -> T | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        same = all(one() is other for one, other in zip(kept.sources, sources, strict=True))
        if not same or kept.until <= now:
            del self._kept[key]
            return None
        return kept.value  # type: ignore[return-value]  # as `keep` was given it

    def keep(self, key: Hashable, value: T, *sources: object, until: str = NEVER) -> T:
        # What is larger than all of the rest is not kept.
        with contextlib.suppress(ValueError):
            self._kept[key] = _Kept(value, tuple(map(weakref.ref, sources)), until)
        return value

    def clear(self) -> None:
        self._kept.clear()
