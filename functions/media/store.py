"""Uploads in Firestore. Writes are conditional: whoever read an older state has to read again."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from functions.media.model import Status, Upload
from shared.documents import from_document, to_document
from shared.firestore import InFirestore

COLLECTION = "uploads"
# By person: those from whom nothing is taken any more.
ERASED_OWNERS = "erased-uploaders"


@dataclass(frozen=True)
class Stored:
    """An upload and the state of its document that it was read from."""

    upload: Upload
    version: Any


class UploadStore(InFirestore):
    """The `uploads` collection."""

    async def get(self, upload_id: str) -> Stored | None:
        """The upload, or None."""
        found = await self.get_many([upload_id])
        return found.get(upload_id)

    async def get_many(self, upload_ids: Sequence[str]) -> dict[str, Stored]:
        """Those that exist, by id, in one read."""
        references = [self.client.document(COLLECTION, upload_id) for upload_id in upload_ids]
        return {
            snapshot.id: _stored(snapshot)
            async for snapshot in self.client.get_all(references)
            if snapshot.exists
        }

    async def create(self, upload: Upload) -> bool:
        """False if there is one already."""
        from google.api_core.exceptions import AlreadyExists

        try:
            await self.client.document(COLLECTION, upload.id).create(_document(upload))
        except AlreadyExists:
            return False
        return True

    async def replace(self, stored: Stored, upload: Upload) -> bool:
        """False if the document has changed since `stored` was read."""
        from google.api_core.exceptions import FailedPrecondition, NotFound

        try:
            await self.client.document(COLLECTION, upload.id).update(
                _document(upload), option=self.client.write_option(last_update_time=stored.version)
            )
        except (FailedPrecondition, NotFound):
            return False
        return True

    async def unfinished_since(self, moment: datetime.datetime, limit: int) -> list[Stored]:
        """Uploads that were being worked on and have not moved since `moment`, oldest first."""
        from google.cloud.firestore import FieldFilter

        query = (
            self.client.collection(COLLECTION)
            .where(
                filter=FieldFilter("status", "in", [Status.processing.value, Status.encoded.value])
            )
            .where(filter=FieldFilter("updated_at", "<", moment))
            .order_by("updated_at")
            .limit(limit)
        )
        return [_stored(snapshot) async for snapshot in query.stream()]

    async def of_owner(self, owner: str, *, after: str = "", limit: int) -> list[Stored]:
        """A person's uploads, by id; those that follow the id `after`."""
        from google.cloud.firestore import FieldFilter

        query = (
            self.client.collection(COLLECTION)
            .where(filter=FieldFilter("owner", "==", owner))
            .order_by("__name__")
            .limit(limit)
        )
        if after:
            query = query.start_after({"__name__": self.client.document(COLLECTION, after)})
        return [_stored(snapshot) async for snapshot in query.stream()]

    async def delete(self, stored: Stored) -> bool:
        """False if the document has changed since `stored` was read."""
        from google.api_core.exceptions import FailedPrecondition, NotFound

        try:
            await self.client.document(COLLECTION, stored.upload.id).delete(
                option=self.client.write_option(last_update_time=stored.version)
            )
        except (FailedPrecondition, NotFound):
            return False
        return True

    async def shows_cover(self, cover_id: str, *, besides: str) -> bool:
        """Whether a track of anybody but the owner `besides` has this cover."""
        from google.cloud.firestore import FieldFilter

        query = self.client.collection(COLLECTION).where(
            filter=FieldFilter("event.cover_id", "==", cover_id)
        )
        async for snapshot in query.select(["owner"]).stream():
            if snapshot.get("owner") != besides:
                return True
        return False

    async def mark_erased(self, owner: str) -> None:
        """For good: nothing is taken from them any more."""
        await self.client.document(ERASED_OWNERS, owner).set({})

    async def is_erased(self, owner: str) -> bool:
        return bool((await self.client.document(ERASED_OWNERS, owner).get()).exists)


def _document(upload: Upload) -> dict[str, Any]:
    document = to_document(upload)
    del document["id"]
    return document


def _stored(snapshot: Any) -> Stored:
    return Stored(
        upload=from_document({**snapshot.to_dict(), "id": snapshot.id}, Upload),
        version=snapshot.update_time,
    )
