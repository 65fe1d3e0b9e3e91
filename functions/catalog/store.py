"""The catalogue in Firestore.

Every write is one batch that holds only if nothing that it was worked out from has changed since
it was read. Transactions are not used: they hold locks, and an album's tracks arrive together.

An album's tracks lie packed in one field: a page about an album costs one read, and unpacking is
far cheaper than the client's decoding of nested fields. Some 10,000 tracks fit in a document.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

from functions.catalog.albums import groups
from functions.catalog.model import Album, AlbumGroup, AlbumTrack, Artist, Track
from functions.catalog.update import Mention, Update
from shared import ids
from shared.documents import from_document, to_document
from shared.events import Change

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

TRACKS = "tracks"
ALBUMS = "albums"
ARTISTS = "artists"
# By person: whose tracks are not to be listed any more, and what that changed, until it is told.
ERASED_OWNERS = "erased-owners"

T = TypeVar("T")


class Conflict(Exception):
    """Something that a write was worked out from has changed: read again."""


@dataclass(frozen=True)
class Stored(Generic[T]):
    """An item and the state of its document that it was read from."""

    item: T
    version: Any


class StoredTrack(Track, frozen=True, kw_only=True):
    """A track with what its write changed, so that the same event can be published again."""

    changes: list[Change]


class Catalogue(Protocol):
    """What may be read: by id, those that exist."""

    async def tracks(self, track_ids: Iterable[str]) -> Mapping[str, Track]: ...

    async def albums(self, album_ids: Iterable[str]) -> Mapping[str, Album]: ...

    async def artists(self, artist_ids: Iterable[str]) -> Mapping[str, Artist]: ...

    async def albums_of(
        self, artist_id: str, wanted: Sequence[AlbumGroup], *, limit: int, offset: int
    ) -> tuple[list[Album], int]:
        """A slice of an artist's albums, newest first, and how many there are in all."""
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


class FirestoreCatalogue:
    """Both of the above; the client is made when first used."""

    def __init__(self, project: str, database: str) -> None:
        self._project = project
        self._database = database

    @cached_property
    def _client(self) -> "AsyncClient":
        from google.cloud.firestore import AsyncClient

        return AsyncClient(project=self._project, database=self._database)

    async def tracks(self, track_ids: Iterable[str]) -> Mapping[str, Track]:
        snapshots = await self._get(TRACKS, track_ids)
        return {snapshot.id: _track(snapshot) for snapshot in snapshots}

    async def albums(self, album_ids: Iterable[str]) -> Mapping[str, Album]:
        snapshots = await self._get(ALBUMS, album_ids)
        return {snapshot.id: _album(snapshot) for snapshot in snapshots}

    async def artists(self, artist_ids: Iterable[str]) -> Mapping[str, Artist]:
        snapshots = await self._get(ARTISTS, artist_ids)
        artists = (_artist(snapshot) for snapshot in snapshots)
        return {artist.id: artist for artist in artists if artist is not None}

    async def albums_of(
        self, artist_id: str, wanted: Sequence[AlbumGroup], *, limit: int, offset: int
    ) -> tuple[list[Album], int]:
        from google.cloud.firestore import FieldFilter, Query
        from google.cloud.firestore_v1.async_aggregation import AsyncAggregationQuery

        keys = [_group_key(group, artist_id) for group in wanted]
        query = self._client.collection(ALBUMS).where(
            filter=FieldFilter("groups", "array_contains_any", keys)
        )
        [[total]] = await AsyncAggregationQuery(query).count().get()
        newest = query.order_by("released.date", direction=Query.DESCENDING)
        page = newest.offset(offset).limit(limit)
        return [_album(snapshot) async for snapshot in page.stream()], int(total.value)

    async def stored_track(self, track_id: str) -> Stored[StoredTrack] | None:
        for snapshot in await self._get(TRACKS, [track_id]):
            return Stored(_track(snapshot), snapshot.update_time)
        return None

    async def stored_albums(self, album_ids: Iterable[str]) -> Mapping[str, Stored[Album]]:
        return {
            snapshot.id: Stored(_album(snapshot), snapshot.update_time)
            for snapshot in await self._get(ALBUMS, album_ids)
        }

    async def commit(
        self,
        update: Update,
        previous: Stored[StoredTrack] | None,
        albums: Mapping[str, Stored[Album]],
        *,
        erased_owner: str = "",
    ) -> None:
        from google.api_core.exceptions import (
            Aborted,
            AlreadyExists,
            FailedPrecondition,
            NotFound,
        )

        batch = _Batch(self._client)
        batch.put(TRACKS, update.track_id, _track_document(update), previous)
        for album_id, album in update.albums.items():
            document = _album_document(album) if album else None
            batch.put(ALBUMS, album_id, document, albums.get(album_id))
        for artist_id, counts in _counts(update.mentions).items():
            batch.add(ARTISTS, artist_id, counts)
        if erased_owner:
            batch.add(ERASED_OWNERS, erased_owner, _note(update.changes))
        try:
            await batch.commit()
        except (Aborted, AlreadyExists, FailedPrecondition, NotFound) as error:
            raise Conflict(str(error)) from error

    async def mark_erased(self, owner: str) -> None:
        await self._client.document(ERASED_OWNERS, owner).set({}, merge=True)

    async def is_erased(self, owner: str) -> bool:
        return bool(await self._get(ERASED_OWNERS, [owner]))

    async def tracks_of(self, owner: str, limit: int) -> list[str]:
        from google.cloud.firestore import FieldFilter

        query = self._client.collection(TRACKS).where(filter=FieldFilter("owner", "==", owner))
        return [snapshot.id async for snapshot in query.select([]).limit(limit).stream()]

    async def untold(self, owner: str) -> list[Change]:
        for snapshot in await self._get(ERASED_OWNERS, [owner]):
            noted = snapshot.to_dict().get("changes", [])
            return [Change(*text.split(":", 1)) for text in sorted(noted)]
        return []

    async def told(self, owner: str, changes: Iterable[Change]) -> None:
        from google.cloud.firestore import ArrayRemove

        texts = [_text(change) for change in changes]
        await self._client.document(ERASED_OWNERS, owner).update({"changes": ArrayRemove(texts)})

    async def _get(self, collection: str, names: Iterable[str]) -> list[Any]:
        """The documents that exist, in one read."""
        references = [self._client.document(collection, name) for name in dict.fromkeys(names)]
        if not references:
            return []
        return [found async for found in self._client.get_all(references) if found.exists]


class _Batch:
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
        """None deletes."""
        reference = self._client.document(collection, name)
        if before is None:
            if document is not None:
                self._batch.create(reference, document)
            return
        unchanged = self._client.write_option(last_update_time=before.version)
        if document is None:
            self._batch.delete(reference, option=unchanged)
        else:
            self._batch.update(reference, document, option=unchanged)

    def add(self, collection: str, name: str, document: dict[str, Any]) -> None:
        self._batch.set(self._client.document(collection, name), document, merge=True)

    async def commit(self) -> None:
        await self._batch.commit()


def _group_key(group: AlbumGroup, artist_id: str) -> str:
    return f"{group.value}:{artist_id}"


def _note(changes: Iterable[Change]) -> dict[str, Any]:
    from google.cloud.firestore import ArrayUnion

    return {"changes": ArrayUnion([_text(change) for change in changes])}


def _text(change: Change) -> str:
    return f"{change.type}:{change.id}"


def _track_document(update: Update) -> dict[str, Any] | None:
    if update.track is None:
        return None
    document = to_document(update.track)
    del document["id"]
    return document | {"changes": [to_document(change) for change in update.changes]}


def _track(snapshot: Any) -> StoredTrack:
    return from_document({**snapshot.to_dict(), "id": snapshot.id}, StoredTrack)


def _album_document(album: Album) -> dict[str, Any]:
    document = to_document(album)
    del document["id"]
    return document | {
        "tracks": zlib.compress(msgspec.msgpack.encode(album.tracks)),
        "groups": sorted(_group_key(group, artist) for artist, group in groups(album).items()),
    }


def _album(snapshot: Any) -> Album:
    document = snapshot.to_dict()
    tracks = msgspec.msgpack.decode(zlib.decompress(document.pop("tracks")), type=list[AlbumTrack])
    without_tracks = from_document({**document, "id": snapshot.id, "tracks": []}, Album)
    return msgspec.structs.replace(without_tracks, tracks=tracks)


def _counts(mentions: Mapping[Mention, int]) -> dict[str, dict[str, Any]]:
    """By artist, what is to be added to its document. Keys are ids: any text is a field name."""
    from google.cloud.firestore import Increment

    documents: dict[str, dict[str, Any]] = {}
    for mention, count in mentions.items():
        field = documents.setdefault(mention.artist_id, {}).setdefault(mention.field, {})
        field[ids.derive("text", mention.text)] = {"text": mention.text, "count": Increment(count)}
    return documents


def _artist(snapshot: Any) -> Artist | None:
    """None once nobody names the artist any more."""
    document = snapshot.to_dict()
    names = _most_frequent_first(document.get("names", {}))
    genres = _most_frequent_first(document.get("genres", {}))
    return Artist(snapshot.id, names[0], genres) if names else None


def _most_frequent_first(counted: Mapping[str, Mapping[str, Any]]) -> list[str]:
    present = [(-each["count"], each["text"]) for each in counted.values() if each["count"] > 0]
    return [text for _, text in sorted(present)]
