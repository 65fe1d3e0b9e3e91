"""Searches: what matches as typed, and, where that is little, what one typing error hides."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from functions.search import active, build, match, terms
from functions.search.index import Index, Row
from functions.search.memory import Memory
from functions.search.model import Kind, Stored
from functions.search.overlay import Overlay
from functions.search.query import Query, Term
from functions.search.ranking import Ranking
from functions.search.vocabulary import Vocabulary

# No page goes beyond so many; more are not counted either.
MOST_FOUND = 1_000
# So many of the most popular are ranked by how well they fit; the others follow by popularity.
RANKED = 200
# Fewer than a first page: perhaps something was mistyped.
_ENOUGH = 10
_SAME_TITLE = 100
# Some 24 MiB.
_MOST_REMEMBERED = 2_000
_MOST_ATTEMPTS = 2
_SHORT = 3
_COMPLETED = 0.85
_CORRECTED = 0.9
_HIPSTER_SHARE = 0.9

# By the number of a clause: what may stand for its word, and how well.
Positions = dict[int, dict[str, float]]


@dataclass(frozen=True)
class Found:
    """The best first. `total` is an estimate where more matched than were looked at."""

    packed: Sequence[bytes | str]
    total: int

    def __len__(self) -> int:
        return len(self.packed)

    def ids(self, first: int = 0, upto: int | None = None) -> list[str]:
        """A page of them; to write out an id takes longer than to find it."""
        return [build.unpacked(each) for each in self.packed[first:upto]]


class _Hits(NamedTuple):
    rows: list[Row]
    rest: list[Row]
    total: int


class Engine:
    """Searches a base (None: there is none yet) and what changed since."""

    def __init__(self, base: Index | None, overlay: Overlay | None = None) -> None:
        self._base = base
        self.overlay = overlay or Overlay(base)
        self.vocabulary = Vocabulary(self._indexes, lambda: self.overlay.version)
        # As people type the same words, and as a page is shown kind by kind.
        self._first: Memory[tuple[Query, Kind, datetime.date], Found] = Memory(
            lambda: self.overlay.version, _MOST_REMEMBERED
        )
        self._places: dict[tuple[Kind, int], int] = {}

    def close(self) -> None:
        self.overlay.close()
        if self._base is not None:
            self._base.close()

    @property
    def _indexes(self) -> list[Index]:
        return [index for index in (self._base, self.overlay.index) if index is not None]

    def stored(self, kind: Kind, id: str) -> Stored | None:
        """What is kept of a playlist or a user that can be found."""
        found = self.overlay.index.stored(kind, id)
        if found is None and self._base is not None and not self.overlay.is_hidden(kind, id):
            found = self._base.stored(kind, id)
        return found

    def search(
        self, query: Query, kind: Kind, today: datetime.date, *, upto: int = RANKED
    ) -> Found:
        """At least the first `upto` of what there is."""
        if upto > RANKED:
            return self._found(query, kind, today, MOST_FOUND)
        asked = (query, kind, today)
        return self._first.get(asked, lambda: self._found(*asked, RANKED))

    def _found(self, query: Query, kind: Kind, today: datetime.date, limit: int) -> Found:
        if kind is Kind.artist and active.asks_for_years(query):
            rows, total = self._active(query, today, limit)
        else:
            rows, total = self._rows(query, kind, today, limit)
        return Found([row.id for row in rows], min(total, MOST_FOUND))

    def _rows(
        self, query: Query, kind: Kind, today: datetime.date, limit: int
    ) -> tuple[list[Row], int]:
        if not match.is_possible(query, kind):
            return [], 0
        return _Search(self, query, kind, today, limit).run()

    def _active(self, query: Query, today: datetime.date, limit: int) -> tuple[list[Row], int]:
        """The artists of the albums of these years."""
        if not match.is_known(active.of_names(query), Kind.artist):
            return [], 0
        albums, _ = self._rows(active.of_albums(query), Kind.album, today, limit)
        found: dict[bytes | str, Row] = {}
        for name in dict.fromkeys(album.artists for album in albums):
            same = self.rows(Kind.artist, self.same_title(Kind.artist, name.split()))
            found.update((row.id, row) for row in same if row.name == name)
        return list(found.values()), len(found)

    def size(self, kind: Kind) -> int:
        return sum(index.sizes[kind] for index in self._indexes) if self._base else 1_000

    def find(self, kind: Kind, expression: str, limit: int, unpopular: bool) -> list[list[int]]:
        """The ranks in each index, those that do not hold any more left out."""
        found = []
        for index in self._indexes:
            is_base = index is self._base
            hidden = self.overlay.hidden[kind] if is_base else set()
            beyond = int(index.sizes[kind] * _HIPSTER_SHARE) if unpopular and is_base else 0
            most = limit + min(len(hidden), limit)
            if expression:
                ranks = index.find(kind, expression, limit=most, beyond=beyond)
            else:
                ranks = index.after(kind, beyond, most)
            found.append([rank for rank in ranks if rank not in hidden][:limit])
        return found

    def rows(self, kind: Kind, ranks: Sequence[Iterable[int]]) -> list[Row]:
        """Rows of each index; those of the overlay with the rank they would have in the base."""
        rows: list[Row] = []
        for index, wanted in zip(self._indexes, ranks, strict=True):
            found = index.rows(kind, wanted)
            if index is not self._base:
                found = [row._replace(rank=self._place(kind, row.popularity)) for row in found]
            rows += found
        return rows

    def same_title(self, kind: Kind, words: Sequence[str]) -> list[list[int]]:
        """Those whose whole name is these words, however unpopular."""
        key = terms.title_key(list(words))
        found = []
        for index in self._indexes:
            hidden = self.overlay.hidden[kind] if index is self._base else set()
            ranks = index.keyed(kind, [key], _SAME_TITLE)
            found.append([rank for rank in ranks if rank not in hidden])
        return found

    def _place(self, kind: Kind, popularity: int) -> int:
        if self._base is None:
            return 1 + (100 - popularity) * 10
        known = self._places.get((kind, popularity))
        if known is None:
            known = 1 + self._base.rank_at(kind, popularity)
            self._places[kind, popularity] = known
        return known


class _Search:
    """One search of one kind."""

    def __init__(
        self, engine: Engine, query: Query, kind: Kind, today: datetime.date, limit: int
    ) -> None:
        self._engine = engine
        self._query = query
        self._kind = kind
        self._today = today
        self._limit = limit
        self._words = _single_words(query)
        self._positions: Positions = {n: {word: 1.0} for n, word in self._words.items()}
        last = len(query.clauses) - 1
        self._partial = last if query.is_partial and last in self._words else None

    def run(self) -> tuple[list[Row], int]:
        """The best first, and how many there are about."""
        if self._partial is not None:
            forms = self._positions[self._partial]
            for word in self._engine.vocabulary.completions(self._words[self._partial]):
                forms.setdefault(word, _COMPLETED)
        typed = self._hits({}, self._positions)
        found = self._ranking(self._positions).sorted(typed.rows) + typed.rest
        total = typed.total
        if total < _ENOUGH and self._words and not self._says_it_all(found):
            known = {row.id for row in found}
            more = [row for row in self._mistyped(bool(found)) if row.id not in known]
            found += more
            total += len(more)
        return found, total

    def _says_it_all(self, found: list[Row]) -> bool:
        """Whether every word of a name, and no other, was typed as it is spelled."""
        typed = set(self._words.values())
        return any(typed.issuperset(row.name.split()) for row in found)

    def _mistyped(self, is_found: bool) -> list[Row]:
        """What is found with one word, or with each that nobody knows, put right.

        `is_found`: something is found as typed. Short words that are known are right then: almost
        every word of three letters is one error away from thirty others.
        """
        counts = self._engine.vocabulary.counts(list(self._words.values()))
        unknown = [number for number, word in self._words.items() if word not in counts]
        if unknown:
            attempts = [unknown]
        else:
            # An error makes a rare word of a frequent one more often than the other way round.
            doubtful = [n for n, word in self._words.items() if not is_found or len(word) > _SHORT]
            rarest = sorted(doubtful, key=lambda number: counts[self._words[number]])
            attempts = [[number] for number in rarest[:_MOST_ATTEMPTS]]
        positions = {number: dict(forms) for number, forms in self._positions.items()}
        rows: dict[bytes | str, Row] = {}
        for attempt in attempts:
            corrected = {number: self._corrections(number) for number in attempt}
            if not all(corrected.values()):
                continue
            for number, forms in corrected.items():
                for form in forms:
                    positions[number].setdefault(form, _CORRECTED)
            hits = self._hits(corrected, positions)
            rows.update((row.id, row) for row in [*hits.rows, *hits.rest])
            if len(rows) >= _ENOUGH:
                break
        return self._ranking(positions).sorted(rows.values())

    def _corrections(self, number: int) -> list[str]:
        is_begun = number == self._partial
        return self._engine.vocabulary.corrections(self._words[number], is_begun=is_begun)

    def _hits(self, corrected: dict[int, list[str]], positions: Positions) -> _Hits:
        engine, kind = self._engine, self._kind
        forms = dict(corrected)
        if self._partial is not None and self._partial not in forms:
            # One letter after other words says next to nothing: it only helps to rank.
            is_begun = len(self._words[self._partial]) == 1 and self._partial > 0
            forms[self._partial] = [] if is_begun else list(self._positions[self._partial])
        expression = match.expression(self._query, kind, forms, self._today)
        unpopular = match.wants_unpopular(self._query)
        found = engine.find(kind, expression, self._limit, unpopular)
        ranked: list[dict[int, None]] = [dict.fromkeys(ranks[:RANKED]) for ranks in found]
        if self._is_plain and any(len(ranks) >= RANKED for ranks in found):
            same = engine.same_title(kind, list(self._words.values()))
            for ranks, more in zip(ranked, same, strict=True):
                ranks.update(dict.fromkeys(more))
        rest = [
            [rank for rank in ranks[RANKED:] if rank not in first]
            for ranks, first in zip(found, ranked, strict=True)
        ]
        return _Hits(
            engine.rows(kind, ranked),
            sorted(engine.rows(kind, rest), key=lambda row: row.rank),
            sum(self._estimate(ranks) for ranks in found),
        )

    def _estimate(self, ranks: list[int]) -> int:
        """How many match, where the search stopped at its limit: as densely as so far."""
        if len(ranks) < self._limit:
            return len(ranks)
        return max(len(ranks) + 1, len(ranks) * self._engine.size(self._kind) // ranks[-1])

    @property
    def _is_plain(self) -> bool:
        """Nothing but words in any field: the words could be a whole name."""
        clauses = self._query.clauses
        return (
            len(self._words) == len(clauses)
            and not self._query.without
            and not any(isinstance(part, Term) and part.field for part in self._query.parts)
        )

    def _ranking(self, positions: Positions) -> Ranking:
        typed = list(self._words.values())
        return Ranking(typed, list(positions.values()), self._engine.size(self._kind))


def _single_words(query: Query) -> dict[int, str]:
    """The clauses that are one word, by their number."""
    found = {}
    for number, clause in enumerate(query.clauses):
        [first, *others] = clause
        if not others and isinstance(first, Term) and len(first.words) == 1:
            found[number] = first.words[0]
    return found
