"""The catalogue read through memory, with what may be played in place of what may not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from functions.catalog import availability
from functions.catalog.cache import Cache
from functions.catalog.model import Album, AlbumGroup, AlbumTrack, Artist, Track
from functions.catalog.shapes import Relinked
from functions.catalog.store import Catalogue
from shared.audience import Audience

# Some 20 MiB of tracks, as much of artists, and 50 MiB of albums, each with all of its tracks.
_MOST_ITEMS = 20_000
_MOST_IN_ALBUMS = 80_000
# An album that lost its last track between two reads: the track is on another by then.
_READS = 3
_MOST_IN_PAGES = 40_000


class _Discography(NamedTuple):
    """A page of an artist's albums."""

    artist_id: str
    groups: tuple[AlbumGroup, ...]
    limit: int
    offset: int


class Reader:
    """Items that are listed; at most `ttl_s` old, unless they are evicted before."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        ttl_s: float,
        now: Callable[[], str] = availability.now_text,
    ) -> None:
        async def discographies(
            asked: Sequence[_Discography],
        ) -> Mapping[_Discography, tuple[list[Album], int]]:
            return {
                each: await catalogue.albums_of(
                    each.artist_id, each.groups, limit=each.limit, offset=each.offset
                )
                for each in asked
            }

        self.now = now
        self._tracks = Cache(catalogue.tracks, ttl_s=ttl_s, most_items=_MOST_ITEMS)
        self._albums = Cache(
            catalogue.albums, ttl_s=ttl_s, most_items=_MOST_IN_ALBUMS, size_of=_size_of
        )
        self._artists = Cache(catalogue.artists, ttl_s=ttl_s, most_items=_MOST_ITEMS)
        self._recordings = Cache(catalogue.recordings, ttl_s=ttl_s, most_items=_MOST_ITEMS)
        self._discographies = Cache(
            discographies,
            ttl_s=ttl_s,
            most_items=_MOST_IN_PAGES,
            size_of=lambda page: 1 + sum(map(_size_of, page[0])),
        )

    async def tracks(self, ids: Iterable[str]) -> list[tuple[Track, Album]]:
        """Tracks with the albums that list them, in the order asked for."""
        wanted = list(ids)
        for _ in range(_READS):
            tracks = await self._tracks.get(wanted)
            found = await self._albums.get({track.album_id for track in tracks})
            albums = {album.id: album for album in found}
            lost = [track.id for track in tracks if track.album_id not in albums]
            if not lost:
                break
            for track_id in lost:
                self._tracks.evict(track_id)
        return [(track, albums[track.album_id]) for track in tracks if track.album_id in albums]

    async def albums(self, ids: Iterable[str]) -> list[Album]:
        """In the order asked for."""
        return await self._albums.get(ids)

    async def artists(self, ids: Iterable[str]) -> list[Artist]:
        """In the order asked for."""
        return await self._artists.get(ids)

    async def albums_of(
        self, artist_id: str, groups: Sequence[AlbumGroup], *, limit: int, offset: int
    ) -> tuple[list[Album], int]:
        """A slice of an artist's albums, newest first, and how many there are in all."""
        asked = _Discography(artist_id, tuple(groups), limit, offset)
        [found] = await self._discographies.get([asked])
        return found

    async def relinked(
        self, tracks: Iterable[tuple[AlbumTrack, Album]], market: str
    ) -> dict[str, Relinked]:
        """By id, what may be played in the market in place of those that may not.

        Another listed track with the same ISRC will do; of several the most popular.
        """
        now, anybody_there = self.now(), Audience(market)
        isrcs = {
            track.id: track.isrc
            for track, album in tracks
            if track.isrc and availability.restriction_of(track, album, anybody_there, now)
        }
        if not market or not isrcs:
            return {}
        recordings = await self._recordings.get(isrcs.values())
        others = await self.tracks(dict.fromkeys(id for ids in recordings for id in ids))
        playable = [
            Relinked(track, album)
            for track, album in others
            if availability.restriction_of(track, album, anybody_there, now) is None
        ]
        playable.sort(key=lambda each: (each.track.popularity, each.track.id))
        best = {each.track.isrc: each for each in playable}
        return {id: best[isrc] for id, isrc in isrcs.items() if isrc in best}

    def evict(self, type: str, id: str) -> None:
        """The next one to ask gets what is then stored. `type`: track, album or artist."""
        caches: Mapping[str, Cache[str, Any]] = {
            "track": self._tracks,
            "album": self._albums,
            "artist": self._artists,
        }
        if (cache := caches.get(type)) is not None:
            cache.evict(id)

    def clear(self) -> None:
        """Evicts everything."""
        caches: list[Cache[Any, Any]] = [
            self._tracks,
            self._albums,
            self._artists,
            self._recordings,
            self._discographies,
        ]
        for cache in caches:
            cache.clear()


def _size_of(album: Album) -> int:
    return 1 + len(album.tracks)
