"""What the words of the indexes say of a word that somebody types."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from functions.search import build
from functions.search.index import Index

# Answers to those who type the same, letter by letter and kind by kind.
_MOST_REMEMBERED = 2_000

K = TypeVar("K")
T = TypeVar("T")


class Vocabulary:
    """The words of several indexes as one. `version` tells when any of them has changed."""

    def __init__(self, indexes: Sequence[Index], version: Callable[[], int]) -> None:
        self._indexes = indexes
        self._version = version
        self._known_at = version()
        self._completions: dict[str, list[str]] = {}
        self._corrections: dict[tuple[str, bool], list[str]] = {}

    def counts(self, words: Sequence[str]) -> dict[str, int]:
        """In how many documents each word is, of those that are in any."""
        return _summed(index.counts(words).items() for index in self._indexes)

    def completions(self, prefix: str) -> list[str]:
        """The most frequent words that begin so."""

        def find() -> list[str]:
            found = _summed(index.completions(prefix) for index in self._indexes)
            return sorted(found, key=lambda word: -found[word])[: build.MOST_COMPLETIONS]

        return self._remembered(self._completions, prefix, find)

    def corrections(self, word: str, *, is_begun: bool) -> list[str]:
        """Words that this one may be meant for, and two words for one written without a space.

        `is_begun`: it may go on, so that words which begin like it are meant as well.
        """

        def find() -> list[str]:
            near = _summed(index.near(word) for index in self._indexes)
            if is_begun:
                near |= _summed(index.near_begun(word) for index in self._indexes)
            return [*near, *self._halves(word)]

        return self._remembered(self._corrections, (word, is_begun), find)

    def _halves(self, word: str) -> list[str]:
        halves = [(word[:cut], word[cut:]) for cut in range(2, len(word) - 1)]
        known = self.counts([half for pair in halves for half in pair]) if halves else {}
        return [f"{left} {right}" for left, right in halves if left in known and right in known]

    def _remembered(self, memory: dict[K, T], key: K, find: Callable[[], T]) -> T:
        if self._known_at != self._version():
            self._known_at = self._version()
            self._completions.clear()
            self._corrections.clear()
        if key not in memory:
            if len(memory) >= _MOST_REMEMBERED:
                memory.clear()
            memory[key] = find()
        return memory[key]


def _summed(counted: Iterable[Iterable[tuple[str, int]]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in counted:
        for word, count in each:
            total[word] = total.get(word, 0) + count
    return total
