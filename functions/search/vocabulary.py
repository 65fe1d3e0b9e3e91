"""What the words of the indexes say of a word that somebody types."""

from collections.abc import Callable, Iterable, Sequence

from functions.search import build
from functions.search.index import Index
from functions.search.memory import Memory

# Answers to those who type the same, letter by letter and kind by kind.
_MOST_REMEMBERED = 2_000


class Vocabulary:
    """The words of several indexes as one. `version` tells when any of them has changed."""

    def __init__(self, indexes: Sequence[Index], version: Callable[[], int]) -> None:
        self._indexes = indexes
        self._completions: Memory[str, list[str]] = Memory(version, _MOST_REMEMBERED)
        self._corrections: Memory[tuple[str, bool], list[str]] = Memory(version, _MOST_REMEMBERED)

    def counts(self, words: Sequence[str]) -> dict[str, int]:
        """In how many documents each word is, of those that are in any."""
        return _summed(index.counts(words).items() for index in self._indexes)

    def completions(self, prefix: str) -> list[str]:
        """The most frequent words that begin so."""

        def find() -> list[str]:
            found = _summed(index.completions(prefix) for index in self._indexes)
            return sorted(found, key=lambda word: -found[word])[: build.MOST_COMPLETIONS]

        return self._completions.get(prefix, find)

    def corrections(self, word: str, *, is_begun: bool) -> list[str]:
        """Words that this one may be meant for, and two words for one written without a space.

        `is_begun`: it may go on, so that words which begin like it are meant as well.
        """

        def find() -> list[str]:
            near = _summed(index.near(word) for index in self._indexes)
            if is_begun:
                near |= _summed(index.near_begun(word) for index in self._indexes)
            return [*near, *self._halves(word)]

        return self._corrections.get((word, is_begun), find)

    def _halves(self, word: str) -> list[str]:
        halves = [(word[:cut], word[cut:]) for cut in range(2, len(word) - 1)]
        known = self.counts([half for pair in halves for half in pair]) if halves else {}
        return [f"{left} {right}" for left, right in halves if left in known and right in known]


def _summed(counted: Iterable[Iterable[tuple[str, int]]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in counted:
        for word, count in each:
            total[word] = total.get(word, 0) + count
    return total
