"""Answers to the questions that are asked most, for as long as nothing has changed."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Memory(Generic[K, T]):
    """The `most` latest answers. `version` tells when what they were made of has changed."""

    def __init__(self, version: Callable[[], int], most: int) -> None:
        self._version = version
        self._most = most
        self._known_at = version()
        self._known: OrderedDict[K, T] = OrderedDict()

    def get(self, key: K, find: Callable[[], T]) -> T:
        """What was found for this key, or is found now."""
        version = self._version()
        if version != self._known_at:
            self._known.clear()
            self._known_at = version
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        found = self._known[key] = find()
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return found
