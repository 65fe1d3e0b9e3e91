"""What of a document can be found: the words of its columns, its facets, and its keys.

A facet is a word that no text has, as it begins with an underscore: `_y1994`, `_grock`. A key is a
number that leads to the documents which have just this title, id or owner.
"""

import datetime
import re
from typing import NamedTuple

from functions.search import text
from functions.search.model import Document, Kind

# tag:new means two weeks; some days more are marked, and a day later is soon marked too.
NEW_DAYS = 14
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Columns(NamedTuple):
    """Space-separated words, as they are indexed."""

    name: str
    artists: str
    album: str
    facets: str


def columns(document: Document) -> Columns:
    """A playlist's description is in the place of an album's name."""
    about = document.album or document.description
    return Columns(
        " ".join(text.words(document.name)),
        " ".join(word for name in document.artists for word in text.words(name)),
        " ".join(text.words(about)) if about else "",
        " ".join(_facets(document)),
    )


def keys(document: Document, indexed: Columns) -> list[int]:
    """The keys that lead to a document."""
    found = [id_key(document.id), title_key(indexed.name.split())]
    if document.owner:
        found.append(owner_key(document.owner))
    return found


def id_key(id: str) -> int:
    return text.key("id", id)


def owner_key(user_id: str) -> int:
    return text.key("owner", user_id)


def title_key(words: list[str]) -> int:
    """Alike for "AC/DC" and "ACDC"."""
    return text.key("title", "".join(words))


def year_facets(first: int, last: int) -> list[str]:
    """Those which a year in this range has one of: decades where they are whole."""
    found: list[str] = []
    year = first
    while year <= last:
        if year % 10 == 0 and year + 9 <= last:
            found.append(f"_d{year // 10}")
            year += 10
        else:
            found.append(f"_y{year}")
            year += 1
    return found


def genre_facet(genre: str) -> str:
    return "_g" + "".join(text.words(genre))


def isrc_facet(isrc: str) -> str:
    return "_i" + "".join(text.words(isrc))


def upc_facet(upc: str) -> str:
    return "_u" + "".join(text.words(upc)).lstrip("0")


def new_facets(today: datetime.date) -> list[str]:
    """What albums of the last two weeks have one of."""
    return [f"_t{today.toordinal() - days}" for days in range(NEW_DAYS + 1)]


def _facets(document: Document) -> list[str]:
    found = []
    year = document.released[:4]
    if year.isdecimal() and year.isascii() and int(year):
        found += [f"_y{int(year)}", f"_d{int(year) // 10}"]
    if document.kind is Kind.album and _DAY.fullmatch(document.released):
        found += _day(document.released)
    found += [genre_facet(genre) for genre in document.genres]
    if document.isrc and document.kind is Kind.track:
        found.append(isrc_facet(document.isrc))
    if document.upc:
        found.append(upc_facet(document.upc))
    return found


def _day(date: str) -> list[str]:
    try:
        return [f"_t{datetime.date.fromisoformat(date).toordinal()}"]
    except ValueError:
        return []
