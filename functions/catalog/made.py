"""What was made of items, kept as long as they are the same."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

from functions.catalog.availability import NEVER

T = TypeVar("T")


class _Kept(NamedTuple):
    value: object
    sources: tuple[object, ...]
    until: str


class Made(Generic[T]):
    """The most recently used ones. Each is known with the items that it was made of.

    It is right for these very items only, and until a time (as in `availability`).
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, now: str, *sources: object) -> T | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        same = all(one is other for one, other in zip(kept.sources, sources, strict=True))
        if not same or kept.until <= now:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept.value  # type: ignore[return-value]  # as `keep` was given it

    def keep(self, key: Hashable, value: T, *sources: object, until: str = NEVER) -> T:
        self._kept[key] = _Kept(value, sources, until)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value

    def clear(self) -> None:
        self._kept.clear()
