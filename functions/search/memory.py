"""Answers to the questions that are asked most, for as long as nothing has changed."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Memory(Generic[K, T]):
    """The `most` latest answers. `version` tells when what they were made of has changed."""

    def __init__(self, version: Callable[[], int], most: int) -> None:
        self._version = version
        self._known_at = version()
        self._known: LRUCache[K, T] = LRUCache(most)

    def get(self, key: K, find: Callable[[], T]) -> T:
        """What was found for this key, or is found now."""
        version = self._version()
        if version != self._known_at:
            self._known.clear()
            self._known_at = version
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = find()
        return known
