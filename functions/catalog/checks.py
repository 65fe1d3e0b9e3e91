"""What people may say of tracks and albums, checked and written one way."""

import datetime
import re
import unicodedata
from collections.abc import Iterable

from functions.catalog import tags
from functions.catalog.availability import text_of
from functions.catalog.markets import MARKETS
from functions.catalog.model import UNKNOWN_DATE, ReleaseDate

LONGEST_TEXT = 500
MOST_GENRES = 20
LONGEST_GENRE = 100

_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", re.ASCII)
_UPC = re.compile(r"[0-9]{8,14}", re.ASCII)
_KNOWN_MARKETS = frozenset(MARKETS)


class Invalid(ValueError):
    """The message says of which field, and why."""


def name(field: str, text: str) -> str:
    """A text that is not empty."""
    plain = line(field, text)
    if not plain:
        raise Invalid(f"{field}: must not be empty")
    return plain


def line(field: str, text: str) -> str:
    """One line of text; runs of white space become a space."""
    plain = " ".join(text.split())
    if len(plain) > LONGEST_TEXT:
        raise Invalid(f"{field}: at most {LONGEST_TEXT} characters")
    # Lone surrogates too, which no database takes.
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in plain):
        raise Invalid(f"{field}: has control characters")
    return plain


def genres(field: str, given: Iterable[str]) -> list[str]:
    found = tags.genres(line(field, genre) for genre in given)
    if len(found) > MOST_GENRES:
        raise Invalid(f"{field}: at most {MOST_GENRES}")
    if any(len(genre) > LONGEST_GENRE for genre in found):
        raise Invalid(f"{field}: each at most {LONGEST_GENRE} characters")
    return found


def isrc(field: str, text: str) -> str:
    """ "" is none."""
    code = tags.isrc(text)
    if code and not _ISRC.fullmatch(code):
        raise Invalid(f"{field}: not an ISRC")
    return code


def upc(field: str, text: str) -> str:
    """A UPC or an EAN; "" is none."""
    code = re.sub(r"[\s-]", "", text)
    if code and not _UPC.fullmatch(code):
        raise Invalid(f"{field}: not a UPC or EAN")
    return code


def markets(field: str, given: Iterable[str]) -> list[str]:
    """None of them: everywhere."""
    found = sorted(set(given))
    if unknown := [code for code in found if code not in _KNOWN_MARKETS]:
        raise Invalid(f"{field}: {unknown[0]!r:.20} is not a market")
    return found


def time(field: str, text: str) -> str:
    """RFC 3339 in, as `Terms` have it out; "" is none."""
    if not text:
        return ""
    try:
        moment = datetime.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise Invalid(f"{field}: has no time zone")
        return text_of(moment)
    except (OverflowError, ValueError) as error:
        if isinstance(error, Invalid):
            raise
        raise Invalid(f"{field}: not an RFC 3339 time") from None


def window(available_from: str, available_until: str) -> None:
    """Both as `Terms` have them."""
    if available_from and available_until and available_until <= available_from:
        raise Invalid("available_until: must be after available_from")


def release_date(field: str, text: str) -> ReleaseDate:
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`; "" is unknown."""
    found = tags.release_date(text)
    if found.date != text and text:
        raise Invalid(f"{field}: not YYYY, YYYY-MM or YYYY-MM-DD")
    return found if text else UNKNOWN_DATE
