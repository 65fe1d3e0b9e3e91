"""The catalogue in Firestore.

Every write is one batch that holds only if nothing that it was worked out from has changed since
it was read. Transactions are not used: they hold locks, and an album's tracks arrive together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from functions.catalog import documents
from functions.catalog.documents import ALBUMS, ARTISTS, COLLECTIONS, ERASED_OWNERS, TRACKS
from functions.catalog.edits import edited
from functions.catalog.model import Album, AlbumGroup, Artist, StoredTrack, Track
from functions.catalog.update import Update
from shared.events import Change
from shared.firestore import Conflict, InFirestore

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

# Firestore takes 30 alternatives a query; each recording is looked for in two places.
_ISRCS_A_QUERY = 15

T = TypeVar("T")


@dataclass(frozen=True)
class Stored(Generic[T]):
    """An item and the state of its document that it was read from."""

    item: T
    version: Any


@dataclass(frozen=True)
class Listing:
    """A page of the whole catalogue; items of one type. `next` is "" after the last."""

    tracks: list[Track]
    albums: list[Album]
    artists: list[Artist]
    next: str


class Catalogue(Protocol):
    """What may be read: by id, those that are listed, as their owners want them shown."""

    async def tracks(self, track_ids: Iterable[str]) -> Mapping[str, Track]: ...

    async def albums(self, album_ids: Iterable[str]) -> Mapping[str, Album]: ...

    async def artists(self, artist_ids: Iterable[str]) -> Mapping[str, Artist]: ...

    async def albums_of(
        self, artist_id: str, wanted: Sequence[AlbumGroup], *, limit: int, offset: int
    ) -> tuple[list[Album], int]:
        """A slice of an artist's albums, newest first, and how many there are in all."""
        ...

    async def recordings(self, isrcs: Iterable[str]) -> Mapping[str, list[str]]:
        """By ISRC, the tracks that are that recording; only those ISRCs that some track has."""
        ...

    async def listing(self, type: str, after: str, limit: int) -> Listing:
        """The items of a type that follow the id `after`; a page may hold fewer than `limit`."""
        ...


class CatalogueWriter(Protocol):
    """What is needed to change a track."""

    async def stored_track(self, track_id: str) -> Stored[StoredTrack] | None: ...

    async def stored_albums(self, album_ids: Iterable[str]) -> Mapping[str, Stored[Album]]: ...

    async def commit(
        self,
        update: Update,
        previous: Stored[StoredTrack] | None,
        albums: Mapping[str, Stored[Album]],
        *,
        erased_owner: str = "",
    ) -> None:
        """Writes all of `update` or nothing; raises `Conflict`.

        `previous` and `albums` are what `update` was planned from. What it changes is noted under
        `erased_owner` in the same breath, if there is one.
        """
        ...

    async def mark_erased(self, owner: str) -> None:
        """For good: nothing of theirs is to be listed again."""
        ...

    async def is_erased(self, owner: str) -> bool: ...

    async def tracks_of(self, owner: str, limit: int) -> list[str]:
        """Some of their tracks' ids, or none if there are none."""
        ...

    async def untold(self, owner: str) -> list[Change]:
        """What was changed for an erased owner and not published yet."""
        ...

    async def told(self, owner: str, changes: Iterable[Change]) -> None: ...


class FirestoreCatalogue(InFirestore):
    """Both of the above."""

    async def tracks(self, track_ids: Iterable[str]) -> Mapping[str, Track]:
        snapshots = await self.get(TRACKS, track_ids)
        return {track.id: track for track in _listed_tracks(snapshots)}

    async def albums(self, album_ids: Iterable[str]) -> Mapping[str, Album]:
        snapshots = await self.get(ALBUMS, album_ids)
        return {album.id: album for album in _listed_albums(snapshots)}

    async def artists(self, artist_ids: Iterable[str]) -> Mapping[str, Artist]:
        snapshots = await self.get(ARTISTS, artist_ids)
        return {artist.id: artist for artist in _listed_artists(snapshots)}

    async def albums_of(
        self, artist_id: str, wanted: Sequence[AlbumGroup], *, limit: int, offset: int
    ) -> tuple[list[Album], int]:
        from google.cloud.firestore import FieldFilter, Query
        from google.cloud.firestore_v1.async_aggregation import AsyncAggregationQuery

        keys = [documents.group_key(group, artist_id) for group in wanted]
        query = self.client.collection(ALBUMS).where(
            filter=FieldFilter("groups", "array_contains_any", keys)
        )
        [[total]] = await AsyncAggregationQuery(query).count().get()
        newest = query.order_by("released.date", direction=Query.DESCENDING)
        page = newest.offset(offset).limit(limit)
        found = [documents.to_album(snapshot) async for snapshot in page.stream()]
        return found, int(total.value)

    async def recordings(self, isrcs: Iterable[str]) -> Mapping[str, list[str]]:
        from google.cloud.firestore import FieldFilter, Or

        wanted = list(dict.fromkeys(isrcs))
        found: dict[str, list[str]] = {}
        for start in range(0, len(wanted), _ISRCS_A_QUERY):
            some = wanted[start : start + _ISRCS_A_QUERY]
            tagged, edit = (FieldFilter(name, "in", some) for name in ("isrc", "edit.isrc"))
            query = self.client.collection(TRACKS).where(filter=Or([tagged, edit]))
            for track in _listed_tracks([snapshot async for snapshot in query.stream()]):
                found.setdefault(track.isrc, []).append(track.id)
        return {isrc: found[isrc] for isrc in wanted if isrc in found}

    async def listing(self, type: str, after: str, limit: int) -> Listing:
        collection = self.client.collection(COLLECTIONS[type])
        query = collection.order_by("__name__").limit(limit)
        if after:
            query = query.start_after({"__name__": collection.document(after)})
        found = [snapshot async for snapshot in query.stream()]
        return Listing(
            tracks=_listed_tracks(found) if type == "track" else [],
            albums=_listed_albums(found) if type == "album" else [],
            artists=_listed_artists(found) if type == "artist" else [],
            next=found[-1].id if len(found) == limit else "",
        )

    async def stored_track(self, track_id: str) -> Stored[StoredTrack] | None:
        for snapshot in await self.get(TRACKS, [track_id]):
            return Stored(documents.to_track(snapshot), snapshot.update_time)
        return None

    async def stored_albums(self, album_ids: Iterable[str]) -> Mapping[str, Stored[Album]]:
        return {
            snapshot.id: Stored(documents.to_album(snapshot), snapshot.update_time)
            for snapshot in await self.get(ALBUMS, album_ids)
        }

    async def commit(
        self,
        update: Update,
        previous: Stored[StoredTrack] | None,
        albums: Mapping[str, Stored[Album]],
        *,
        erased_owner: str = "",
    ) -> None:
        batch = Batch(self.client)
        batch.put_update(update, previous, albums)
        if erased_owner:
            batch.add(ERASED_OWNERS, erased_owner, _note(update.changes))
        await batch.commit()

    async def mark_erased(self, owner: str) -> None:
        await self.client.document(ERASED_OWNERS, owner).set({}, merge=True)

    async def is_erased(self, owner: str) -> bool:
        return bool(await self.get(ERASED_OWNERS, [owner]))

    async def tracks_of(self, owner: str, limit: int) -> list[str]:
        from google.cloud.firestore import FieldFilter

        query = self.client.collection(TRACKS).where(filter=FieldFilter("owner", "==", owner))
        return [snapshot.id async for snapshot in query.select([]).limit(limit).stream()]

    async def untold(self, owner: str) -> list[Change]:
        for snapshot in await self.get(ERASED_OWNERS, [owner]):
            noted = snapshot.to_dict().get("changes", [])
            return [documents.change_of(text) for text in sorted(noted)]
        return []

    async def told(self, owner: str, changes: Iterable[Change]) -> None:
        from google.cloud.firestore import ArrayRemove

        texts = [documents.text_of(change) for change in changes]
        await self.client.document(ERASED_OWNERS, owner).update({"changes": ArrayRemove(texts)})

    async def get(self, collection: str, names: Iterable[str]) -> list[Any]:
        """The documents that exist, in one read."""
        references = [self.client.document(collection, name) for name in dict.fromkeys(names)]
        if not references:
            return []
        return [found async for found in self.client.get_all(references) if found.exists]


class Batch:
    """Writes that hold together, each on the condition that its document is as it was read."""

    def __init__(self, client: "AsyncClient") -> None:
        self._client = client
        self._batch = client.batch()

    def put(
        self,
        collection: str,
        name: str,
        document: dict[str, Any] | None,
        before: Stored[Any] | None,
    ) -> None:
        """Fields that `document` does not name stay as they are. None deletes."""
        reference = self._client.document(collection, name)
        if before is None:
            if document is not None:
                # A field to sort by: documents without it would not be found.
                self._batch.create(reference, {"popularity": 0, **document})
            return
        unchanged = self._client.write_option(last_update_time=before.version)
        if document is None:
            self._batch.delete(reference, option=unchanged)
        else:
            self._batch.update(reference, document, option=unchanged)

    def put_update(
        self,
        update: Update,
        previous: Stored[StoredTrack] | None,
        albums: Mapping[str, Stored[Album]],
    ) -> None:
        self.put(TRACKS, update.track_id, documents.track_document(update), previous)
        for album_id, album in update.albums.items():
            self.put_album(album_id, album, albums.get(album_id))
        for artist_id, counts in documents.counts_of(update.mentions).items():
            self.add(ARTISTS, artist_id, counts)

    def put_album(self, album_id: str, album: Album | None, before: Stored[Album] | None) -> None:
        document = documents.album_document(album) if album else None
        self.put(ALBUMS, album_id, document, before)

    def add(self, collection: str, name: str, document: dict[str, Any]) -> None:
        self._batch.set(self._client.document(collection, name), document, merge=True)

    def remove(self, collection: str, name: str) -> None:
        self._batch.delete(self._client.document(collection, name))

    async def commit(self) -> None:
        """Raises `Conflict`."""
        from google.api_core.exceptions import (
            Aborted,
            AlreadyExists,
            FailedPrecondition,
            NotFound,
        )

        try:
            await self._batch.commit()
        except (Aborted, AlreadyExists, FailedPrecondition, NotFound) as error:
            raise Conflict(str(error)) from error


def _listed_tracks(snapshots: Iterable[Any]) -> list[Track]:
    tracks = (documents.to_track(snapshot) for snapshot in snapshots)
    return [edited(track) for track in tracks if not track.taken_down_at]


def _listed_albums(snapshots: Iterable[Any]) -> list[Album]:
    albums = (documents.to_album(snapshot) for snapshot in snapshots)
    return [album for album in albums if album.is_listed]


def _listed_artists(snapshots: Iterable[Any]) -> list[Artist]:
    artists = (documents.to_artist(snapshot) for snapshot in snapshots)
    return [artist for artist in artists if artist is not None]


def _note(changes: Iterable[Change]) -> dict[str, Any]:
    from google.cloud.firestore import ArrayUnion

    return {"changes": ArrayUnion([documents.text_of(change) for change in changes])}
