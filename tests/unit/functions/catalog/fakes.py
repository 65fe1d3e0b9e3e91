"""The catalogue's dependencies, in memory."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from functions.catalog.albums import groups
from functions.catalog.model import Album, AlbumGroup, Artist, Track
from functions.catalog.store import Conflict, Stored, StoredTrack
from functions.catalog.update import Mention, Update
from shared.events import Change
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
        return {id: self._tracks[id].item for id in track_ids if id in self._tracks}

    async def albums(self, album_ids: Iterable[str]) -> Mapping[str, Album]:
        return {id: self._albums[id].item for id in album_ids if id in self._albums}

    async def artists(self, artist_ids: Iterable[str]) -> Mapping[str, Artist]:
        artists = self.all_artists()
        return {id: artists[id] for id in artist_ids if id in artists}

    async def albums_of(
        self, artist_id: str, wanted: Sequence[AlbumGroup], *, limit: int, offset: int
    ) -> tuple[list[Album], int]:
        found = [
            stored.item
            for stored in self._albums.values()
            if groups(stored.item).get(artist_id) in wanted
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
