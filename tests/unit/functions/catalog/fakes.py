"""The catalogue's dependencies, in memory."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from functions.catalog.albums import groups
from functions.catalog.audit import Entry
from functions.catalog.edit_store import EditStore
from functions.catalog.edits import edited
from functions.catalog.handlers import CatalogEvents
from functions.catalog.model import Album, AlbumGroup, Artist, StoredTrack, Track
from functions.catalog.popularity import PopularityStore
from functions.catalog.store import CatalogueWriter, Listing, Stored
from functions.catalog.telling import Teller
from functions.catalog.update import Mention, Update
from shared.events import Change, Popularity
from shared.firestore import Conflict
from shared.messaging import Publisher


class MemoryCatalogue:
    """Keeps the store's promise: a write holds only on what it was planned from."""

    def __init__(self) -> None:
        self._tracks: dict[str, Stored[StoredTrack]] = {}
        self._albums: dict[str, Stored[Album]] = {}
        self._mentions: Counter[Mention] = Counter()
        self._writes = 0
        self._erased: dict[str, set[Change]] = {}
        self.conflicts = 0

    async def tracks(self, track_ids: Iterable[str]) -> Mapping[str, Track]:
        listed = self._listed_tracks()
        return {id: listed[id] for id in track_ids if id in listed}

    async def albums(self, album_ids: Iterable[str]) -> Mapping[str, Album]:
        listed = self._listed_albums()
        return {id: listed[id] for id in album_ids if id in listed}

    def _listed_tracks(self) -> dict[str, Track]:
        tracks = (stored.item for stored in self._tracks.values())
        return {track.id: edited(track) for track in tracks if not track.taken_down_at}

    def _listed_albums(self) -> dict[str, Album]:
        albums = (stored.item for stored in self._albums.values())
        return {album.id: album for album in albums if album.is_listed}

    async def recordings(self, isrcs: Iterable[str]) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for track in self._listed_tracks().values():
            if track.isrc in set(isrcs):
                found.setdefault(track.isrc, []).append(track.id)
        return found

    async def listing(self, type: str, after: str, limit: int) -> Listing:
        raise NotImplementedError

    async def artists(self, artist_ids: Iterable[str]) -> Mapping[str, Artist]:
        artists = self.all_artists()
        return {id: artists[id] for id in artist_ids if id in artists}

    async def albums_of(
        self, artist_id: str, wanted: Sequence[AlbumGroup], *, limit: int, offset: int
    ) -> tuple[list[Album], int]:
        found = [
            album
            for album in self._listed_albums().values()
            if groups(album).get(artist_id) in wanted
        ]
        found.sort(key=lambda album: (album.released.date, album.id), reverse=True)
        return found[offset : offset + limit], len(found)

    async def stored_track(self, track_id: str) -> Stored[StoredTrack] | None:
        await asyncio.sleep(0)
        return self._tracks.get(track_id)

    async def stored_albums(self, album_ids: Iterable[str]) -> Mapping[str, Stored[Album]]:
        await asyncio.sleep(0)
        return {id: self._albums[id] for id in album_ids if id in self._albums}

    async def commit(
        self,
        update: Update,
        previous: Stored[StoredTrack] | None,
        albums: Mapping[str, Stored[Album]],
        *,
        erased_owner: str = "",
    ) -> None:
        await asyncio.sleep(0)
        if self._tracks.get(update.track_id) is not previous or any(
            self._albums.get(album_id) is not albums.get(album_id) for album_id in update.albums
        ):
            self.conflicts += 1
            raise Conflict
        self._writes += 1
        if update.track is None:
            del self._tracks[update.track_id]
        else:
            track = _with_changes(update.track, update.changes)
            self._tracks[track.id] = Stored(track, self._writes)
        for album_id, album in update.albums.items():
            if album is None:
                self._albums.pop(album_id, None)
            else:
                self._albums[album_id] = Stored(album, self._writes)
        self._mentions.update(update.mentions)
        if erased_owner:
            self._erased.setdefault(erased_owner, set()).update(update.changes)

    async def mark_erased(self, owner: str) -> None:
        await asyncio.sleep(0)
        self._erased.setdefault(owner, set())

    async def is_erased(self, owner: str) -> bool:
        await asyncio.sleep(0)
        return owner in self._erased

    async def tracks_of(self, owner: str, limit: int) -> list[str]:
        await asyncio.sleep(0)
        found = [id for id, stored in self._tracks.items() if stored.item.owner == owner]
        return found[:limit]

    async def untold(self, owner: str) -> list[Change]:
        await asyncio.sleep(0)
        return sorted(self._erased.get(owner, ()), key=lambda change: (change.type, change.id))

    async def told(self, owner: str, changes: Iterable[Change]) -> None:
        self._erased[owner] -= set(changes)

    def replace_album(self, album: Album, previous: Stored[Album]) -> None:
        if self._albums.get(album.id) is None or self._albums[album.id].version != previous.version:
            raise Conflict
        self._writes += 1
        self._albums[album.id] = Stored(album, self._writes)

    def all_tracks(self) -> dict[str, Track]:
        """Without what their writes changed, which depends on the order of events."""
        return {
            id: msgspec.structs.replace(stored.item, changes=[])
            for id, stored in self._tracks.items()
        }

    def all_albums(self) -> dict[str, Album]:
        return {id: stored.item for id, stored in self._albums.items()}

    def all_artists(self) -> dict[str, Artist]:
        assert min(self._mentions.values(), default=0) >= 0
        named = {mention.artist_id for mention in self._mentions.elements()}
        return {
            id: Artist(id, self._texts(id, "names")[0], self._texts(id, "genres")) for id in named
        }

    def _texts(self, artist_id: str, field: str) -> list[str]:
        counted = [
            (-count, mention.text)
            for mention, count in self._mentions.items()
            if mention[:2] == (artist_id, field) and count > 0
        ]
        return [text for _, text in sorted(counted)]


def _with_changes(track: Track, changes: list[Change]) -> StoredTrack:
    return StoredTrack(**msgspec.structs.asdict(track), changes=changes)


class RecordingPublisher(Publisher):
    """Keeps what is published; `fails` as many times first."""

    def __init__(self, fails: int = 0) -> None:
        super().__init__("tests")
        self.published: list[tuple[str, msgspec.Struct, str]] = []
        self._fails = fails

    async def publish(self, topic: str, event: msgspec.Struct, *, event_id: str) -> None:
        if self._fails > 0:
            self._fails -= 1
            raise TimeoutError
        self.published.append((topic, event, event_id))


class MemoryEdits:
    """Edits of a `MemoryCatalogue`, with what they noted."""

    def __init__(self, catalogue: MemoryCatalogue) -> None:
        self._catalogue = catalogue
        self.stored_track = catalogue.stored_track
        self.stored_albums = catalogue.stored_albums
        self.entries: list[Entry] = []
        self.untold_changes: dict[str, list[Change]] = {}

    async def edit_track(
        self,
        update: Update,
        previous: Stored[StoredTrack],
        albums: Mapping[str, Stored[Album]],
        entry: Entry,
    ) -> None:
        await self._catalogue.commit(update, previous, albums)
        self._note(entry, update.changes)

    async def edit_album(
        self, album: Album, previous: Stored[Album], changes: Iterable[Change], entry: Entry
    ) -> None:
        self._catalogue.replace_album(album, previous)
        self._note(entry, changes)

    async def untold(self, most: int) -> Mapping[str, list[Change]]:
        await asyncio.sleep(0)
        return dict(list(self.untold_changes.items())[:most])

    async def told(self, event_id: str) -> None:
        self.untold_changes.pop(event_id, None)

    def _note(self, entry: Entry, changes: Iterable[Change]) -> None:
        self.entries.append(entry)
        self.untold_changes[f"edit-{len(self.entries)}"] = list(changes)


class MemoryPopularity:
    """Keeps what it is given, the newest; everything exists."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], tuple[int, int]] = {}

    async def put(self, computed_at: int, items: Sequence[Popularity]) -> list[Change]:
        for item in items:
            ranked = (computed_at, item.popularity)
            key = (item.type, item.id)
            self.known[key] = max(self.known.get(key, ranked), ranked)
        return [Change(item.type, item.id) for item in items]


def catalog_events(
    *,
    store: CatalogueWriter,
    publisher: Publisher,
    catalog_changed_topic: str,
    person_erased_here_topic: str,
    popularity: PopularityStore | None = None,
    edits: EditStore | None = None,
) -> CatalogEvents:
    """The handlers, without popularity and edits unless a test is about them."""
    edits = edits or MemoryEdits(MemoryCatalogue())
    return CatalogEvents(
        store=store,
        popularity=popularity or MemoryPopularity(),
        teller=Teller(edits, publisher, catalog_changed_topic),
        publisher=publisher,
        catalog_changed_topic=catalog_changed_topic,
        person_erased_here_topic=person_erased_here_topic,
    )
