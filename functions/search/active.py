"""Artists by when they released something: their documents have no years, those of their albums do.

An artist is known by the name that an album has alone: who only ever shared albums is not found.
"""

from dataclasses import replace

from functions.search.query import Part, Query, Term, Years


def asks_for_years(query: Query) -> bool:
    return any(isinstance(part, Years) for part in query.parts)


def of_albums(query: Query) -> Query:
    """What is asked of an artist's name, asked of the names of an album's artists."""
    return replace(
        query,
        clauses=tuple(tuple(map(_of_album, clause)) for clause in query.clauses),
        without=tuple(map(_of_album, query.without)),
    )


def of_names(query: Query) -> Query:
    """What is asked of the artists themselves."""
    clauses = (
        tuple(part for part in clause if not isinstance(part, Years)) for clause in query.clauses
    )
    without = tuple(part for part in query.without if not isinstance(part, Years))
    return replace(query, clauses=tuple(filter(None, clauses)), without=without)


def _of_album(part: Part) -> Part:
    return part._replace(field="artist") if isinstance(part, Term) else part
