"""Text from tags and file names, which anybody may have written: cleaned, and read for meaning."""

import datetime
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LENGTH = 500
_MAX_VALUES = 50
_MAX_NUMBER = 9999

# Marks that turn the reading direction of what follows, and marks that cannot be seen at all.
_DECEPTIVE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]")
_UNPRINTABLE = {"Cc", "Cs", "Cn", "Co"}
_MISSING = {
    "",
    "-",
    "?",
    "<unknown>",
    "[unknown]",
    "(unknown)",
    "unknown",
    "unknown artist",
    "unknown album",
    "unknown title",
    "[unknown artist]",
    "[unknown album]",
    "<unknown artist>",
    "<unknown album>",
}
_NUMBER = re.compile(r"\s*(\d{1,9})(?!\d)")
_DATE = re.compile(r"(\d{4})(?:[-./]?(\d{2})(?:[-./]?(\d{2}))?)?(?!\d)")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
# "1-03 Title", "03. Title", "03 Title".
_LEADING_NUMBER = re.compile(
    r"(?P<disc>\d{1,2})-(?P<track>\d{2})(?:\s*[.)_-]\s*|\s+)(?=\S)"
    r"|(?P<apart>\d{1,3})\s*[.)_-]\s*(?=[^\d\s])"
    r"|(?P<padded>0\d)\s+(?=\S)"
)


def clean(text: str) -> str:
    """One line in NFC, at most `MAX_LENGTH` long, without deceptive marks; "" if missing."""
    # Shorter first: nothing below needs more, and a tag may be megabytes long.
    shortened = text[: 8 * MAX_LENGTH]
    spaced = "".join(" " if c.isspace() else c for c in shortened)
    visible = _DECEPTIVE.sub("", spaced)
    kept = "".join(c for c in visible if unicodedata.category(c) not in _UNPRINTABLE)
    cleaned = unicodedata.normalize("NFC", " ".join(kept.split()))[:MAX_LENGTH].strip()
    return "" if cleaned.casefold() in _MISSING else cleaned


def clean_all(values: Iterable[str], *, separators: str = ";") -> list[str]:
    """The values and the parts that they are joined of, cleaned, each once, none missing."""
    parts = (part for value in values for part in re.split(f"[\0{separators}]", value))
    cleaned = (clean(part) for part in parts)
    return list(dict.fromkeys(text for text in cleaned if text))[:_MAX_VALUES]


def number(text: str) -> int:
    """The first number of texts like "3", "03/12"; 0 if there is none."""
    found = _NUMBER.match(text)
    value = int(found[1]) if found else 0
    return value if value <= _MAX_NUMBER else 0


def date(text: str) -> str:
    """YYYY, YYYY-MM or YYYY-MM-DD, as much as is there and real; "" if there is no year."""
    found = _DATE.search(text)
    if found is None or found[1] == "0000":
        return ""
    year, month, day = found.groups()
    for length, parts in ((3, (month, day)), (2, (month, "01"))):
        try:
            datetime.date(int(year), int(parts[0] or 0), int(parts[1] or 0))
        except ValueError:
            continue
        return "-".join((year, month, day)[:length])
    return str(year)


def isrc(text: str) -> str:
    """An ISRC without hyphens, or ""."""
    compact = re.sub(r"[\s-]", "", clean(text)).upper()
    return compact if _ISRC.fullmatch(compact) else ""


def upc(text: str) -> str:
    """A UPC or EAN, 8 to 14 digits, or ""."""
    digits = re.sub(r"[\s-]", "", clean(text))
    return digits if digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 14 else ""


@dataclass(frozen=True)
class Named:
    """What a file's name says; "" and 0 for what it does not."""

    title: str
    artist: str = ""
    album: str = ""
    disc_number: int = 0
    track_number: int = 0


def from_filename(filename: str) -> Named:
    """Reads "01 - Artist - Title.flac", "Artist - Album - 01 - Title", "1-03 Title", "Title".

    A number that nothing sets apart is part of the title ("99 Luftballons").
    """
    name = re.split(r"[/\\]", filename)[-1]
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name)
    text = clean(stem if " " in stem else stem.replace("_", " "))
    disc, track = 0, 0
    if found := _LEADING_NUMBER.match(text):
        disc = int(found["disc"] or 0)
        track = int(found["track"] or found["apart"] or found["padded"])
        text = text[found.end() :]
    parts = [part for part in re.split("\\s+[-\u2013\u2014]\\s+", text) if part]
    numbered = [part for part in parts[:-1] if part.isdecimal() and len(part) <= 3]
    if numbered and not track:
        track = int(numbered[0])
        parts.remove(numbered[0])
    title = parts[-1] if parts else text
    return Named(
        title=clean(title) or "Untitled",
        artist=clean(parts[0]) if len(parts) > 1 else "",
        album=clean(parts[1]) if len(parts) > 2 else "",
        disc_number=disc,
        track_number=track,
    )
