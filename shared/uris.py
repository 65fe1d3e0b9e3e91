"""`spotify:track:…`: the names by which clients of the Web API call things."""

import re
from typing import NamedTuple

from shared import ids

# Whose ids are ours to check; a user's may be anything.
ITEM_TYPES = frozenset(
    {"track", "album", "artist", "playlist", "show", "episode", "audiobook", "chapter"}
)

_URI = re.compile(r"spotify:(?:user:[^:]+:)?([a-z]+):([^:/?#]+)")
_URL = re.compile(r"https?://[^/]+/(?:intl-[a-z]+/)?([a-z]+)/([^:/?#]+)(?:\?.*)?")
_COLLECTION = re.compile(r"spotify:user:([^:]+):collection|spotify:collection")


class InvalidUri(ValueError):
    """The text names nothing."""


class Uri(NamedTuple):
    """A thing by its type and its id."""

    type: str
    id: str

    def __str__(self) -> str:
        return f"spotify:{self.type}:{self.id}"


def uri(type: str, id: str) -> str:
    """The URI of a thing."""
    return str(Uri(type, id))


def parse(text: str) -> Uri:
    """A URI, or a page's address, as `Uri`; raises `InvalidUri`.

    A person's saved tracks are of type "collection", with that person as the id ("" for one's own).
    """
    if saved := _COLLECTION.fullmatch(text):
        return Uri("collection", saved[1] or "")
    match = _URI.fullmatch(text) or _URL.fullmatch(text)
    if match is None:
        raise InvalidUri(f"{text[:100]!r} is not a Spotify URI")
    found = Uri(match[1], match[2])
    if found.type in ITEM_TYPES and not ids.is_valid(found.id):
        raise InvalidUri(f"{text[:100]!r} has an invalid base62 id")
    if found.type not in ITEM_TYPES | {"user"}:
        raise InvalidUri(f"{text[:100]!r} is of an unknown type")
    return found
