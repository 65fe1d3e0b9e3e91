"""What a person asks for, read from the text of `q`: any text is a query, and none is an error.

roadhouse blues                    all of the words, in any field, the last as it is typed
"roadhouse blues"                  these words beside each other
track:doxy artist:"miles davis"    words in a field
year:1955-1960 genre:jazz isrc:… upc:… tag:new tag:hipster
blue OR green NOT light            either of the two; without
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from functions.search import text

MOST_CLAUSES = 16
_LONGEST = 1_000
_FIRST_YEAR, _LAST_YEAR = 1800, 2100

_LEXEME = re.compile(
    r"(?:\b(?P<field>album|artist|track|year|upc|isrc|genre|tag):\s*)?"
    r'(?:"(?P<quoted>[^"]*)(?P<closed>"?)|(?P<bare>[^\s"]+))',
    re.IGNORECASE,
)
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?", re.ASCII)
_TAGS = {"new", "hipster"}


class Term(NamedTuple):
    """Words of one place of the query. `field` is album, artist, track or "" for any."""

    words: tuple[str, ...]
    field: str = ""
    is_phrase: bool = False


class Filter(NamedTuple):
    """A restriction that is no word of a name: `name` is year, upc, isrc, genre or tag."""

    name: str
    value: str


class Years(NamedTuple):
    """A range of years of release, both of them in it."""

    first: int
    last: int


Part = Term | Filter | Years


@dataclass(frozen=True)
class Query:
    """Every clause must hold: one of its parts. None of `without` may.

    `is_partial`: the last word may go on, since nothing was typed after it.
    """

    clauses: tuple[tuple[Part, ...], ...] = ()
    without: tuple[Part, ...] = ()
    is_partial: bool = False

    @property
    def parts(self) -> list[Part]:
        """All that are asked for, and all that are not."""
        return [part for clause in self.clauses for part in clause] + list(self.without)


@dataclass
class _Reading:
    clauses: list[list[Part]] = field(default_factory=list)
    without: list[Part] = field(default_factory=list)
    next_is_alternative: bool = False
    next_is_without: bool = False

    def take(self, parts: list[Part]) -> None:
        """`parts` were written without white space between them: AC/DC."""
        if self.next_is_without:
            self.without += parts[:1] if len(parts) == 1 else [_together(parts)]
        elif self.next_is_alternative and self.clauses:
            self.clauses[-1].append(parts[0] if len(parts) == 1 else _together(parts))
        else:
            self.clauses += [[part] for part in parts]
        self.next_is_without = self.next_is_alternative = False


def parse(q: str) -> Query:
    """At most the first `MOST_CLAUSES` words count."""
    asked = q[:_LONGEST].replace("\x00", " ")
    reading = _Reading()
    is_partial = False
    for match in _LEXEME.finditer(asked):
        bare = match["bare"]
        if bare == "OR" and not match["field"]:
            reading.next_is_alternative = True
        elif bare == "NOT" and not match["field"]:
            reading.next_is_without = True
        elif bare != "AND" or match["field"]:
            parts = _parts(match)
            if parts:
                is_partial = _goes_on(match, asked, parts) and not reading.next_is_without
                reading.take(parts)
    clauses = tuple(tuple(clause) for clause in reading.clauses[:MOST_CLAUSES])
    return Query(
        clauses,
        tuple(reading.without[:MOST_CLAUSES]),
        is_partial and len(reading.clauses) <= MOST_CLAUSES,
    )


def _parts(match: re.Match[str]) -> list[Part]:
    name = (match["field"] or "").lower()
    value = match["quoted"] if match["quoted"] is not None else match["bare"]
    if name in {"year", "upc", "isrc", "genre", "tag"}:
        if (restriction := _restriction(name, value.strip())) is not None:
            return [restriction]
        # Not one of ours after all: words like any others.
        return [Term((word,)) for word in text.words(f"{name} {value}")] if value.strip() else []
    words = text.words(value)
    if match["closed"] and len(words) > 1:
        return [Term(tuple(words), name, is_phrase=True)]
    return [Term((word,), name) for word in words]


def _restriction(name: str, value: str) -> Part | None:
    if name == "year":
        years = _YEARS.fullmatch(value)
        if years is None:
            return None
        first, last = sorted((int(years[1]), int(years[2] or years[1])))
        return Years(max(first, _FIRST_YEAR), min(last, _LAST_YEAR))
    if name == "tag":
        return Filter(name, value.lower()) if value.lower() in _TAGS else None
    return Filter(name, value) if text.words(value) else None


def _goes_on(match: re.Match[str], asked: str, parts: list[Part]) -> bool:
    """Whether the match is the text's last word and may be the beginning of one."""
    return (
        match.end() == len(asked)
        and not match["closed"]
        and isinstance(parts[-1], Term)
        and asked[-1].isalnum()
    )


def _together(parts: list[Part]) -> Part:
    words = [word for part in parts if isinstance(part, Term) for word in part.words]
    first = parts[0]
    return Term(tuple(words), first.field if isinstance(first, Term) else "", is_phrase=True)
