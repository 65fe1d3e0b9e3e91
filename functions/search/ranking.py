"""Which of the documents that match comes first: how well the text fits, then how popular it is.

The text fits well when the query says all of a name and not a part of it, the artist besides, in
the order asked for and spelled as typed.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from functions.search.index import Row

_NAME = 1.0
_ARTISTS = 0.6
_EXACT_NAME = 0.4
_BEGINS = 0.15
_POPULAR = 0.9


class Ranking:
    """Scores rows for one query.

    `positions`: for each word of the query, in order, what may stand for it in a document and how
    well that does, from 0 to 1. `typed`: the words as they were typed.
    """

    def __init__(
        self, typed: Sequence[str], positions: Sequence[Mapping[str, float]], size: int
    ) -> None:
        self._joined = " ".join(typed)
        self._size = max(2, size)
        self._worth: dict[str, float] = {}
        for forms in positions:
            for form, worth in forms.items():
                for word in form.split():
                    self._worth[word] = max(worth, self._worth.get(word, 0.0))

    def sorted(self, rows: Iterable[Row]) -> list[Row]:
        """The best first; of equals, the more popular."""
        return sorted(rows, key=lambda row: (-self.score(row), row.rank))

    def score(self, row: Row) -> float:
        """From 0 to about 3."""
        fits = _NAME * self._share(row.name) + _ARTISTS * self._share(row.artists)
        if row.name == self._joined:
            fits += _EXACT_NAME
        elif row.name.startswith(self._joined):
            fits += _BEGINS
        return fits + _POPULAR * (1 - math.log1p(row.rank) / math.log1p(self._size))

    def _share(self, words: str) -> float:
        """How much of a text the query says."""
        found = words.split()
        if not found:
            return 0.0
        worth = self._worth
        return sum([worth.get(word, 0.0) for word in found]) / len(found)
