"""The catalogue for other services: gRPC, many items a call, the hot ones from memory.

`python -m functions.catalog.rpc` serves on `PORT`.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from functions.catalog import messages
from functions.catalog.availability import holds_until
from functions.catalog.documents import COLLECTIONS
from functions.catalog.feed import ChangeFeed
from functions.catalog.made import Made
from functions.catalog.markets import MARKETS
from functions.catalog.model import Album, Artist, Track
from functions.catalog.reader import Reader
from functions.catalog.settings import RpcSettings
from functions.catalog.shapes import Shapes
from functions.catalog.shelves import FirestoreShelves, Shelves
from functions.catalog.store import Catalogue, FirestoreCatalogue
from functions.catalog.views import Form, Views
from shared import grpc_server, ids
from shared.audience import Audience
from shared.events import CatalogChanged
from shared.grpc_server import outages_end, refuse
from shared.protos import catalog_pb2 as pb
from shared.protos.catalog_pb2_grpc import CatalogServicer, add_CatalogServicer_to_server

MAX_IDS = 100
SERVICE = "cadenza.catalog.v1.Catalog"
MAX_LISTED = 1000
# As they are sent; in memory they take some eight times as much.
_MOST_MESSAGES_BYTES = 5 * 1024 * 1024
# Closing the feed needs some of the time that Cloud Run gives.
_GRACE_S = 5.0
_OUTAGE = "the catalogue cannot be read"

Item = TypeVar("Item", Album, Artist)
Message = TypeVar("Message")


class CatalogService(CatalogServicer):  # type: ignore[misc]  # generated without types
    """Answers from memory; what that lacks is read from the catalogue in one go.

    Calls end with `INVALID_ARGUMENT` or `UNAVAILABLE` where they cannot be answered.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        ttl_s: float,
        public_url: str,
        *,
        shelves: Shelves | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._shelves = shelves
        self._reader = Reader(catalogue, ttl_s=ttl_s)
        self._views = Views(self._reader, Shapes(public_url))
        self._messages: Made[Any] = Made(_MOST_MESSAGES_BYTES, lambda message: message.ByteSize())

    async def GetTracks(self, request: pb.GetRequest, context: Any) -> pb.Tracks:  # noqa: N802
        await _check(request.ids, context)
        async with outages_end(context, _OUTAGE):
            now = self._reader.now()
            found = await self._reader.tracks(request.ids)
            return pb.Tracks(tracks=[self._track(track, album, now) for track, album in found])

    async def GetAlbums(self, request: pb.GetRequest, context: Any) -> pb.Albums:  # noqa: N802
        await _check(request.ids, context)
        async with outages_end(context, _OUTAGE):
            found = await self._reader.albums(request.ids)
            return pb.Albums(albums=[self._message("album", messages.album, one) for one in found])

    async def GetArtists(self, request: pb.GetRequest, context: Any) -> pb.Artists:  # noqa: N802
        await _check(request.ids, context)
        async with outages_end(context, _OUTAGE):
            found = await self._reader.artists(request.ids)
            return pb.Artists(
                artists=[self._message("artist", messages.artist, one) for one in found]
            )

    async def GetArtistTracks(  # noqa: N802
        self, request: pb.ArtistTracksRequest, context: Any
    ) -> pb.TrackIds:
        await _check([request.artist_id], context)
        if not 1 <= request.limit <= MAX_IDS:
            await refuse(context, f"limit: 1 to {MAX_IDS}")
        assert self._shelves is not None
        async with outages_end(context, _OUTAGE):
            return pb.TrackIds(
                ids=await self._shelves.best_tracks(request.artist_id, request.limit)
            )

    async def Describe(self, request: pb.DescribeRequest, context: Any) -> pb.Described:  # noqa: N802
        await _check(request.ids, context)
        if request.form not in pb.Form.values():
            await refuse(context, "form: unknown")
        if request.market and request.market not in MARKETS:
            await refuse(context, "market: unknown")
        async with outages_end(context, _OUTAGE):
            audience = Audience(request.market, request.explicit_filter)
            shown = await self._views.describe(Form(request.form), request.ids, audience)
            return pb.Described(
                items=[pb.Item(id=id, json=bytes(shown[id])) for id in request.ids if id in shown]
            )

    async def List(self, request: pb.ListRequest, context: Any) -> pb.Listed:  # noqa: N802
        """Past memory: who reads everything wants what is stored, and would push out the rest."""
        if request.type not in COLLECTIONS:
            await refuse(context, "type: track, album or artist")
        if not 1 <= request.limit <= MAX_LISTED:
            await refuse(context, f"limit: 1 to {MAX_LISTED}")
        if request.page_token:
            await _check([request.page_token], context)
        async with outages_end(context, _OUTAGE):
            page = await self._catalogue.listing(request.type, request.page_token, request.limit)
            albums = await self._catalogue.albums({track.album_id for track in page.tracks})
            now = self._reader.now()
            return pb.Listed(
                tracks=[
                    messages.track(track, albums[track.album_id], now)
                    for track in page.tracks
                    if track.album_id in albums
                ],
                albums=map(messages.album, page.albums),
                artists=map(messages.artist, page.artists),
                next_page_token=page.next,
            )

    def evict(self, event: CatalogChanged) -> None:
        """Forgets the items that the event names."""
        for change in event.changes:
            self._reader.evict(change.type, change.id)

    def forget_all(self) -> None:
        """Forgets everything, after events may have been missed."""
        self._reader.clear()

    def _track(self, track: Track, album: Album, now: str) -> pb.Track:
        key = ("track", track.id)
        kept: pb.Track | None = self._messages.get(key, now, track, album)
        if kept is None:
            kept = messages.track(track, album, now)
            until = holds_until(track.terms, album.terms, now=now)
            self._messages.keep(key, kept, track, album, until=until)
        return kept

    def _message(self, type: str, make: Callable[[Item], Message], item: Item) -> Message:
        key = (type, item.id)
        kept: Message | None = self._messages.get(key, "", item)
        return kept if kept is not None else self._messages.keep(key, make(item), item)


async def _check(wanted: Sequence[str], context: Any) -> None:
    if len(wanted) > MAX_IDS:
        await refuse(context, f"ids: at most {MAX_IDS}")
    for id in wanted:
        if not ids.is_valid(id):
            await refuse(context, f"ids: {id!r} is not an id")


class Server(grpc_server.Server):
    """With the feed that keeps the service's caches true."""

    def __init__(self, service: CatalogService, feed: ChangeFeed) -> None:
        super().__init__(
            SERVICE,
            lambda server: add_CatalogServicer_to_server(service, server),
            grace_s=_GRACE_S,
        )
        self._service = service
        self._feed = feed

    async def start(self, address: str) -> int:
        """Serves, and only then subscribes: a cold start waits for neither. Returns the port."""
        port = await super().start(address)
        self.following = asyncio.create_task(self._follow())
        return port

    async def stop(self) -> None:
        """Takes no more calls, ends those under way, and deletes the subscription."""
        await super().stop()
        await self.following
        await self._feed.stop()

    async def _follow(self) -> None:
        if await self._feed.start():
            self._service.forget_all()


def create(configured: RpcSettings) -> Server:
    """The server on its real dependencies."""
    catalogue = FirestoreCatalogue(configured.google_cloud_project, configured.firestore_database)
    service = CatalogService(
        catalogue,
        configured.cache_ttl_s,
        configured.public_url,
        shelves=FirestoreShelves(catalogue),
    )
    feed = ChangeFeed(
        configured.google_cloud_project, configured.catalog_changed_topic, service.evict
    )
    return Server(service, feed)


if __name__ == "__main__":
    grpc_server.main(RpcSettings, create)
