"""A query as FTS5 reads it. Every word is put in quotes and is of letters and digits only."""

import datetime
from collections.abc import Mapping, Sequence

from functions.search import terms
from functions.search.model import Kind
from functions.search.query import Filter, Part, Query, Term, Years

# Which column a field is, by kind; a field that a kind lacks finds nothing of it.
_COLUMNS = {
    Kind.track: {"track": "name", "artist": "artists", "album": "album"},
    Kind.album: {"album": "name", "artist": "artists"},
    Kind.artist: {"artist": "name"},
    Kind.playlist: {},
    Kind.user: {},
}
_FILTERS = {
    Kind.track: {"year", "genre", "isrc"},
    Kind.album: {"year", "genre", "upc", "tag"},
    Kind.artist: {"genre"},
    Kind.playlist: set(),
    Kind.user: set(),
}
_HIPSTER = Filter("tag", "hipster")

Forms = Mapping[int, list[str]]


def is_possible(query: Query, kind: Kind) -> bool:
    """Whether anything is asked for, and items of this kind can have all of it."""
    return bool(query.clauses) and is_known(query, kind)


def is_known(query: Query, kind: Kind) -> bool:
    """Whether items of this kind have what is asked about."""
    return all(_is_known(part, kind) for part in query.parts)


def wants_unpopular(query: Query) -> bool:
    """tag:hipster is no word of the index, but the last tenth of it."""
    return any(clause == (_HIPSTER,) for clause in query.clauses)


def expression(query: Query, kind: Kind, forms: Forms, today: datetime.date) -> str:
    """What all of `query` is in FTS5; "" where nothing is left that an index can look up.

    `forms`: by the number of a clause, the words that may stand in the place of its own; where
    there are none, anything may.
    """
    clauses = []
    for number, clause in enumerate(query.clauses):
        if clause == (_HIPSTER,) or forms.get(number) == []:
            continue
        parts = [_part(part, kind, forms.get(number), today) for part in clause]
        clauses.append(parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})")
    found = " AND ".join(clauses)
    unwanted = [_part(part, kind, None, today) for part in query.without if part != _HIPSTER]
    if found and unwanted:
        return f"({found}) NOT ({' OR '.join(unwanted)})"
    return found


def _is_known(part: Part, kind: Kind) -> bool:
    if isinstance(part, Term):
        return not part.field or part.field in _COLUMNS[kind]
    name = "year" if isinstance(part, Years) else part.name
    return name in _FILTERS[kind]


def _part(part: Part, kind: Kind, forms: Sequence[str] | None, today: datetime.date) -> str:
    if isinstance(part, Term):
        words = [" ".join(part.words)] if forms is None else forms
        return f"{_COLUMNS[kind][part.field]} : {_any_of(words)}" if part.field else _any_of(words)
    # No column is named: a facet is a word that no text has.
    return _any_of(_facets(part, today))


def _facets(part: Filter | Years, today: datetime.date) -> list[str]:
    if isinstance(part, Years):
        return terms.year_facets(part.first, part.last) or ["_y0"]
    if part.name == "genre":
        return [terms.genre_facet(part.value)]
    if part.name == "isrc":
        return [terms.isrc_facet(part.value)]
    if part.name == "upc":
        return [terms.upc_facet(part.value)]
    return terms.new_facets(today)


def _any_of(words: Sequence[str]) -> str:
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"
