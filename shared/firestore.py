"""Documents in Firestore: read many at once, written in batches that hold together or not at all.

Each write may ask that its document is still as it was read. Transactions are not used: they hold
locks, and who waits for them starves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

_AT_ONCE = 400


class Conflict(Exception):
    """Something that a write was worked out from has changed: read again."""


@dataclass(frozen=True)
class Stored:
    """A document's fields and the state that they were read from."""

    data: dict[str, Any]
    version: Any


# Conditions besides "as it was read": that there is no document yet, and none at all.
ABSENT = object()
ANY = object()


@dataclass(frozen=True)
class Write:
    """One document's part of a batch. `data` None deletes; `add` adds to numbers, read or not.

    `before` is the version that was read: then only the fields in `data` are replaced, and
    without it the whole document is.
    """

    path: str
    data: Mapping[str, Any] | None = None
    before: Any = ANY
    add: Mapping[str, int] = field(default_factory=dict)


class InFirestore:
    """What keeps things in a database of Firestore. The client is made when first used."""

    def __init__(self, project: str, database: str) -> None:
        self._project = project
        self._database = database

    @cached_property
    def client(self) -> "AsyncClient":
        from google.cloud.firestore import AsyncClient

        return AsyncClient(project=self._project, database=self._database)


class FirestoreDocuments(InFirestore):
    """Paths are collection and name, in turn, with slashes between."""

    async def read(self, paths: Iterable[str]) -> Mapping[str, Stored]:
        """Those that exist, by path."""
        references = [self.client.document(path) for path in dict.fromkeys(paths)]
        if not references:
            return {}
        if len(references) == 1:
            found = [await references[0].get()]
        else:
            found = [each async for each in self.client.get_all(references)]
        return {
            each.reference.path: Stored(each.to_dict() or {}, each.update_time)
            for each in found
            if each.exists
        }

    async def commit(self, writes: Sequence[Write]) -> Mapping[str, Any]:
        """All or nothing; the versions by path. Raises `Conflict`."""
        from google.api_core.exceptions import (
            Aborted,
            AlreadyExists,
            FailedPrecondition,
            NotFound,
        )

        batch = self.client.batch()
        for write in writes:
            self._put(batch, write)
        try:
            results = await batch.commit()
        except (Aborted, AlreadyExists, FailedPrecondition, NotFound) as error:
            raise Conflict(str(error)) from error
        return {
            write.path: result.update_time for write, result in zip(writes, results, strict=True)
        }

    async def write(self, path: str, fields: Mapping[str, Any], before: Any) -> Any:
        """Replaces these fields of the document, all at once; its new version.

        `before` is the version that was read, None where there was no document. Raises `Conflict`.
        """
        versions = await self.commit([Write(path, fields, ABSENT if before is None else before)])
        return versions[path]

    async def replace(self, path: str, data: Mapping[str, Any]) -> None:
        """The whole document, whatever it was."""
        await self.client.document(path).set(dict(data))

    async def replace_all(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Many whole documents, each by itself."""
        paths = list(documents)
        for start in range(0, len(paths), _AT_ONCE):
            batch = self.client.batch()
            for path in paths[start : start + _AT_ONCE]:
                batch.set(self.client.document(path), dict(documents[path]))
            await batch.commit()

    async def find(
        self, collection: str, field: str, operator: str, value: object, limit: int
    ) -> list[str]:
        """Names of documents whose field holds this."""
        from google.cloud.firestore import FieldFilter

        query = self.client.collection(collection).where(filter=FieldFilter(field, operator, value))
        return [found.id async for found in query.select([]).limit(limit).stream()]

    def _put(self, batch: Any, write: Write) -> None:
        from google.cloud.firestore import Increment

        reference = self.client.document(write.path)
        is_as_read = write.before is not ANY and write.before is not ABSENT
        option = self.client.write_option(last_update_time=write.before) if is_as_read else None
        if write.add:
            sums = {name: Increment(number) for name, number in write.add.items()}
            batch.set(reference, {**(write.data or {}), **sums}, merge=True)
        elif write.data is None:
            batch.delete(reference, option=option)
        elif write.before is ABSENT:
            batch.create(reference, dict(write.data))
        elif is_as_read:
            batch.update(reference, dict(write.data), option=option)
        else:
            batch.set(reference, dict(write.data))
