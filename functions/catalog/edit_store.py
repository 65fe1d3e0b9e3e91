"""Edits of the catalogue in Firestore.

What an edit changes is noted with it, so that a crash before the others are told is made good.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from functions.catalog import documents
from functions.catalog.audit import AUDIT, Entry
from functions.catalog.documents import ALBUMS
from functions.catalog.model import Album, StoredTrack
from functions.catalog.store import Batch, FirestoreCatalogue, Stored
from functions.catalog.update import Update
from shared import ids
from shared.documents import to_document
from shared.events import Change

# By event id, what changed and is not published yet.
UNTOLD = "untold-changes"


class EditStore(Protocol):
    """What is needed to edit."""

    async def stored_track(self, track_id: str) -> Stored[StoredTrack] | None: ...

    async def stored_albums(self, album_ids: Iterable[str]) -> Mapping[str, Stored[Album]]: ...

    async def edit_track(
        self,
        update: Update,
        previous: Stored[StoredTrack],
        albums: Mapping[str, Stored[Album]],
        entry: Entry,
    ) -> None:
        """Writes all of `update`, the entry and what is to be told, or nothing: `Conflict`."""
        ...

    async def edit_album(
        self, album: Album, previous: Stored[Album], changes: Iterable[Change], entry: Entry
    ) -> None:
        """Likewise."""
        ...

    async def untold(self, most: int) -> Mapping[str, list[Change]]:
        """By event id, what was changed and not published yet."""
        ...

    async def told(self, event_id: str) -> None: ...


class FirestoreEdits:
    """Beside the catalogue, in its database."""

    def __init__(self, catalogue: FirestoreCatalogue) -> None:
        self._catalogue = catalogue
        self.stored_track = catalogue.stored_track
        self.stored_albums = catalogue.stored_albums

    async def edit_track(
        self,
        update: Update,
        previous: Stored[StoredTrack],
        albums: Mapping[str, Stored[Album]],
        entry: Entry,
    ) -> None:
        batch = Batch(self._catalogue.client)
        batch.put_update(update, previous, albums)
        await _commit(batch, entry, update.changes)

    async def edit_album(
        self, album: Album, previous: Stored[Album], changes: Iterable[Change], entry: Entry
    ) -> None:
        batch = Batch(self._catalogue.client)
        batch.put(ALBUMS, album.id, documents.album_document(album), previous)
        await _commit(batch, entry, changes)

    async def untold(self, most: int) -> Mapping[str, list[Change]]:
        query = self._catalogue.client.collection(UNTOLD).limit(most)
        return {
            snapshot.id: [documents.change_of(text) for text in snapshot.get("changes")]
            async for snapshot in query.stream()
        }

    async def told(self, event_id: str) -> None:
        await self._catalogue.client.document(UNTOLD, event_id).delete()


async def _commit(batch: Batch, entry: Entry, changes: Iterable[Change]) -> None:
    event_id = ids.random()
    batch.add(AUDIT, event_id, to_document(entry))
    batch.add(UNTOLD, event_id, {"changes": [documents.text_of(change) for change in changes]})
    await batch.commit()
