"""Bulk imports in Firestore: a batch, how far it brings the import, and what is to be told of it
are one write.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from functions.catalog import documents
from functions.catalog.audit import AUDIT, Entry
from functions.catalog.documents import ALBUMS, ARTISTS, TRACKS
from functions.catalog.edit_store import UNTOLD
from functions.catalog.import_lines import ArtistLine
from functions.catalog.importing import Imported, Refused
from functions.catalog.model import Album, StoredTrack, Track
from functions.catalog.store import Batch, FirestoreCatalogue, Stored
from shared import ids
from shared.documents import from_document, to_document
from shared.events import Change

IMPORTS = "imports"


class Answer(msgspec.Struct, frozen=True):
    """What became of a batch."""

    accepted: int
    refused: list[Refused]


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import has come. `sequence` is that of the batch that it expects, from 1.

    `last` is what became of the batch before, for a client that did not hear of it.
    """

    id: str
    name: str
    sha256: str
    opened_by: str
    opened_at: str
    sequence: int = 1
    accepted: int = 0
    refused: int = 0
    last: Answer = Answer(0, [])


class Writes(msgspec.Struct, frozen=True):
    """What a batch comes to."""

    artists: Sequence[ArtistLine]
    albums: Sequence[Imported]


class Found(msgspec.Struct, frozen=True):
    """What there was before. `artists`: names by id."""

    artists: Mapping[str, str]
    albums: Mapping[str, Stored[Album]]
    tracks: Mapping[str, Stored[StoredTrack]]


class ImportStore(Protocol):
    """What is needed to import."""

    async def open(self, fresh: Import, entry: Entry) -> Stored[Import]:
        """The import of that id: this one, or what became of it since it was opened."""
        ...

    async def find(self, import_id: str) -> Stored[Import] | None: ...

    async def find_items(
        self, artists: Iterable[str], albums: Iterable[str], tracks: Iterable[str]
    ) -> Found: ...

    async def put(
        self, writes: Writes, found: Found, before: Stored[Import], after: Import
    ) -> None:
        """All or nothing; raises `Conflict` if anything is not as it was found."""
        ...


class FirestoreImports:
    """Beside the catalogue, in its database."""

    def __init__(self, catalogue: FirestoreCatalogue) -> None:
        self._catalogue = catalogue

    async def open(self, fresh: Import, entry: Entry) -> Stored[Import]:
        from google.api_core.exceptions import AlreadyExists

        batch = self._catalogue.client.batch()
        place = self._catalogue.client.document(IMPORTS, fresh.id)
        batch.create(place, to_document(fresh))
        batch.create(self._catalogue.client.document(AUDIT, ids.random()), to_document(entry))
        try:
            [written, _] = await batch.commit()
        except AlreadyExists:
            stored = await self.find(fresh.id)
            assert stored is not None, "imports are never removed"
            return stored
        return Stored(fresh, written.update_time)

    async def find(self, import_id: str) -> Stored[Import] | None:
        for snapshot in await self._catalogue.get(IMPORTS, [import_id]):
            return Stored(from_document(snapshot.to_dict(), Import), snapshot.update_time)
        return None

    async def find_items(
        self, artists: Iterable[str], albums: Iterable[str], tracks: Iterable[str]
    ) -> Found:
        client = self._catalogue.client
        places = [
            client.document(collection, name)
            for collection, names in ((ARTISTS, artists), (ALBUMS, albums), (TRACKS, tracks))
            for name in names
        ]
        known: dict[str, Any] = {ARTISTS: {}, ALBUMS: {}, TRACKS: {}}
        if places:
            async for snapshot in client.get_all(places):
                if snapshot.exists:
                    known[snapshot.reference.parent.id][snapshot.id] = snapshot
        people = (documents.to_artist(snapshot) for snapshot in known[ARTISTS].values())
        return Found(
            artists={artist.id: artist.name for artist in people if artist},
            albums={
                id: Stored(documents.to_album(snapshot), snapshot.update_time)
                for id, snapshot in known[ALBUMS].items()
            },
            tracks={
                id: Stored(documents.to_track(snapshot), snapshot.update_time)
                for id, snapshot in known[TRACKS].items()
            },
        )

    async def put(
        self, writes: Writes, found: Found, before: Stored[Import], after: Import
    ) -> None:
        batch = Batch(self._catalogue.client)
        changes = []
        for artist in writes.artists:
            batch.add(ARTISTS, artist.id, _artist_document(artist, artist.id in found.artists))
            changes.append(Change("artist", artist.id))
        for imported in writes.albums:
            album = imported.album
            stored = found.albums.get(album.id)
            initial = {"popularity": imported.popularity or 0} if stored is None else {}
            batch.put(ALBUMS, album.id, documents.album_document(album) | initial, stored)
            changes.append(Change("album", album.id))
            for track in imported.tracks:
                previous = found.tracks.get(track.id)
                batch.put(TRACKS, track.id, _track_document(track, previous), previous)
                changes.append(Change("track", track.id))
        batch.put(IMPORTS, before.item.id, to_document(after), before)
        if changes:
            texts = [documents.text_of(change) for change in changes]
            batch.add(UNTOLD, ids.random(), {"changes": texts})
        await batch.commit()


def _track_document(track: Track, before: Stored[StoredTrack] | None) -> dict[str, Any]:
    if before is not None:
        return documents.of_track(track, [])
    return documents.of_imported(track) | {"popularity": track.popularity}


def _artist_document(artist: ArtistLine, exists: bool) -> dict[str, Any]:  # of it
    document: dict[str, Any] = {"stated": {"name": artist.name, "genres": artist.genres}}
    return document if exists else document | {"popularity": artist.popularity or 0}
