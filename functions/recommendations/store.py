"""The recommendations' documents: what is asked of them, and where they lie."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from shared.errors import BadRequest
from shared.firestore import Stored

STATE = "recommendations/state"
WORLD = "world"
# What has a radio.
SEEDS = ("track", "artist")
_MOST_USER_ID = 128


class Documents(Protocol):
    """Paths are `collection/name`."""

    async def read(self, paths: Iterable[str]) -> Mapping[str, Stored]:
        """Those that exist, by path."""
        ...

    async def write(self, path: str, fields: Mapping[str, Any], before: Any) -> Any:
        """Replaces these fields of the document, all at once; its new version.

        `before` is the version that was read, None where there was no document. Raises `Conflict`.
        """
        ...

    async def replace(self, path: str, data: Mapping[str, Any]) -> None:
        """The whole document, whatever it was."""
        ...

    async def replace_all(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Many whole documents, each by itself."""
        ...


def mixes_path(user: str) -> str:
    return f"mixes/{user}"


def popular_path(country: str) -> str:
    return f"popular/{country or WORLD}"


def radio_path(type: str, id: str) -> str:
    return f"radio/{type}-{id}"


def related_path(artist_id: str) -> str:
    return f"related/{artist_id}"


def is_user_id(user: str) -> bool:
    """Whether it can name a document."""
    return bool(user) and "/" not in user and user not in {".", ".."} and len(user) <= _MOST_USER_ID


def checked_user(user: str) -> str:
    """Raises `BadRequest` for what cannot name a document."""
    if not is_user_id(user):
        raise BadRequest("Invalid user_id: not an id")
    return user
