"""What a context holds: albums, artists, playlists and saved tracks, resolved when needed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from cachetools import LRUCache

from functions.playback.errors import NO_SPECIFIC_TRACK, Refused
from functions.playback.players.model import Player
from functions.playback.players.moves import Order
from functions.playback.players.order import Item, shuffled
from shared.audience import ANYBODY, Audience, audience_of
from shared.errors import BadRequest
from shared.protos.catalog_pb2 import Album, Track
from shared.protos.library_pb2 import PlaylistTracks
from shared.tokens import Caller
from shared.uris import InvalidUri, Uri, parse

# For how long a source is taken to be what it was, and how many are remembered.
FRESH_S = 30.0
_MOST_SOURCES = 64
_MOST_ORDERS = 64
_MOST_ARTISTS = 100_000
MOST_TRACKS = 10_000
_CONTEXTS = ("album", "artist", "playlist", "collection")


class Catalogue(Protocol):
    """What is needed of `shared.catalog_client.CatalogClient`."""

    async def tracks(self, ids: Sequence[str]) -> list[Track]: ...

    async def albums(self, ids: Sequence[str]) -> list[Album]: ...

    async def artist_tracks(self, artist_id: str) -> list[str]: ...


class Library(Protocol):
    """What is needed of `shared.library_client.LibraryClient`."""

    async def playlist(
        self, playlist_id: str, user_id: str, audience: Audience = ANYBODY
    ) -> PlaylistTracks: ...

    async def saved_tracks(self, user_id: str, limit: int) -> list[str]: ...


class Contexts:
    """Resolves sources into tracks; what was resolved is remembered for a little while.

    `stored` reads a list that was given track by track. All raise `ApiError`s.
    """

    def __init__(
        self,
        catalog: Catalogue,
        library: Library,
        stored: Callable[[str, str], Awaitable[Sequence[str]]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalog = catalog
        self._library = library
        self._stored = stored
        self._clock = clock
        self._sources: LRUCache[tuple[object, ...], tuple[float, Sequence[str]]] = LRUCache(
            _MOST_SOURCES
        )
        self._orders: LRUCache[tuple[object, ...], Sequence[int]] = LRUCache(_MOST_ORDERS)
        self._artists: LRUCache[str, str] = LRUCache(_MOST_ARTISTS)

    async def order(
        self, caller: Caller, player: Player, given: Sequence[str] | None = None
    ) -> Order:
        """The tracks of the player's source, or those `given`, and how they are played."""
        track_ids = await self._tracks_of(caller, player) if given is None else given
        if not player.shuffle:
            return Order(track_ids, range(len(track_ids)))
        key = (player.seed, player.anchor, tuple(track_ids))
        played = self._orders.get(key)
        if played is None:
            artists = await self._artists_of(track_ids)
            items = [Item(each, artists.get(each, "")) for each in track_ids]
            played = await asyncio.to_thread(shuffled, items, player.seed, player.anchor)
            self._orders[key] = played
        return Order(track_ids, played)

    async def tracks(self, track_ids: Iterable[str]) -> dict[str, Track]:
        """Those that are in the catalogue."""
        wanted = list(dict.fromkeys(track_ids))
        found = await self._catalog.tracks(wanted) if wanted else []
        for track in found:
            self._artists[track.id] = track.artists[0].id if track.artists else ""
        return {track.id: track for track in found}

    async def _tracks_of(self, caller: Caller, player: Player) -> Sequence[str]:
        source = player.source
        if source.is_empty:
            return ()
        key = (caller.subject, audience_of(caller), source.uri, source.list_id)
        known = self._sources.get(key)
        if known is not None and self._clock() - known[0] < FRESH_S:
            return known[1]
        asked_at = self._clock()
        if source.list_id:
            track_ids = await self._stored(caller.subject, source.list_id)
        else:
            track_ids = await self._resolve(caller, context_of(source.uri))
        self._sources[key] = (asked_at, track_ids)
        return track_ids

    async def _resolve(self, caller: Caller, context: Uri) -> Sequence[str]:
        match context.type:
            case "album":
                albums = await self._catalog.albums([context.id])
                if not albums:
                    raise _not_found()
                return tuple(albums[0].track_ids)
            case "artist":
                track_ids = await self._catalog.artist_tracks(context.id)
                if not track_ids:
                    raise _not_found()
                return tuple(track_ids)
            case "playlist":
                playlist = await self._library.playlist(
                    context.id, caller.subject, audience_of(caller)
                )
                return _track_ids(playlist.uris)
            case _:
                return _track_ids(await self._library.saved_tracks(caller.subject, MOST_TRACKS))

    async def _artists_of(self, track_ids: Sequence[str]) -> dict[str, str]:
        """Every track's first artist. What an artist is does not change: it is kept for long."""
        wanted = set(track_ids)
        artists = {each: found for each in wanted if (found := self._artists.get(each)) is not None}
        await self.tracks(sorted(wanted - artists.keys()))
        for each in wanted - artists.keys():
            artists[each] = self._artists.get(each) or ""
        return artists


def uri_of(context: Uri, caller: Caller) -> str:
    """The URI that a context is kept under; raises `Refused` for somebody else's saved tracks."""
    if context.type != "collection":
        return str(context)
    if context.id not in {"", caller.subject}:
        raise _not_found()
    return f"spotify:user:{caller.subject}:collection"


def context_of(text: str) -> Uri:
    """A context's URI; raises `BadRequest`."""
    try:
        context = parse(text)
    except InvalidUri as error:
        raise BadRequest(f"Invalid context_uri: {error}") from error
    if context.type not in _CONTEXTS:
        raise BadRequest(f"Invalid context_uri: a context is one of {', '.join(_CONTEXTS)}")
    return context


def _track_ids(uris: Iterable[str]) -> tuple[str, ...]:
    """Local files and episodes are passed over: nothing of ours can play them."""
    prefix = "spotify:track:"
    return tuple(each.removeprefix(prefix) for each in uris if each.startswith(prefix))


def _not_found() -> Refused:
    return Refused("Context not found", NO_SPECIFIC_TRACK, status=404)
