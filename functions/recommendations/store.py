"""The recommendations' documents in Firestore.

A write may ask that its document is still as it was read. Transactions are not used: they hold
locks, and who waits for them starves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from shared.errors import BadRequest

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

STATE = "recommendations/state"
WORLD = "world"
# What has a radio.
SEEDS = ("track", "artist")
_AT_ONCE = 400
_MOST_USER_ID = 128


class Conflict(Exception):
    """The document is not any more what was read: read again."""


@dataclass(frozen=True)
class Stored:
    """A document's fields and the state that they were read from."""

    data: Mapping[str, Any]
    version: Any


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


class FirestoreDocuments:
    """In Firestore; the client is made when first used."""

    def __init__(self, project: str, database: str) -> None:
        self._project = project
        self._database = database

    @cached_property
    def _client(self) -> "AsyncClient":
        from google.cloud.firestore import AsyncClient

        return AsyncClient(project=self._project, database=self._database)

    async def read(self, paths: Iterable[str]) -> Mapping[str, Stored]:
        references = [self._client.document(path) for path in dict.fromkeys(paths)]
        if len(references) == 1:
            found = await references[0].get()
            return _by_path([found])
        if not references:
            return {}
        return _by_path([found async for found in self._client.get_all(references)])

    async def write(self, path: str, fields: Mapping[str, Any], before: Any) -> Any:
        from google.api_core.exceptions import (
            Aborted,
            AlreadyExists,
            FailedPrecondition,
            NotFound,
        )

        reference = self._client.document(path)
        try:
            if before is None:
                result = await reference.create(dict(fields))
            else:
                unchanged = self._client.write_option(last_update_time=before)
                result = await reference.update(dict(fields), option=unchanged)
        except (Aborted, AlreadyExists, FailedPrecondition, NotFound) as error:
            raise Conflict(str(error)) from error
        return result.update_time

    async def replace(self, path: str, data: Mapping[str, Any]) -> None:
        await self._client.document(path).set(dict(data))

    async def replace_all(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        paths = list(documents)
        for start in range(0, len(paths), _AT_ONCE):
            batch = self._client.batch()
            for path in paths[start : start + _AT_ONCE]:
                batch.set(self._client.document(path), dict(documents[path]))
            await batch.commit()


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


def _by_path(found: Iterable[Any]) -> dict[str, Stored]:
    return {
        each.reference.path: Stored(each.to_dict() or {}, each.update_time)
        for each in found
        if each.exists
    }
