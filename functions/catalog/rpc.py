"""The catalogue for other services: gRPC, many items a call, the hot ones from memory.

`python -m functions.catalog.rpc` serves on `PORT`. Cloud Run checks who calls and ends TLS.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.api_core.exceptions import Aborted, RetryError, ServerError, TooManyRequests
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from functions.catalog import messages
from functions.catalog.cache import Cache
from functions.catalog.feed import ChangeFeed
from functions.catalog.settings import RpcSettings
from functions.catalog.store import Catalogue, FirestoreCatalogue
from shared import ids, settings, telemetry
from shared.events import CatalogChanged
from shared.protos import catalog_pb2 as pb
from shared.protos.catalog_pb2_grpc import CatalogServicer, add_CatalogServicer_to_server
from shared.telemetry import fields

MAX_IDS = 100
SERVICE = "cadenza.catalog.v1.Catalog"
# Some 40 MiB of tracks; albums and artists are fewer and smaller.
_MOST_ITEMS = 20_000
# Cloud Run kills ten seconds after it asks to stop; closing the feed needs some of them.
_GRACE_S = 5.0

Item = TypeVar("Item")
Message = TypeVar("Message", pb.Track, pb.Album, pb.Artist)

log = logging.getLogger(__name__)


class CatalogService(CatalogServicer):  # type: ignore[misc]  # generated without types
    """Answers from its caches; what they lack is read from the catalogue in one go."""

    def __init__(self, catalogue: Catalogue, ttl_s: float) -> None:
        self._tracks = _cache(catalogue.tracks, messages.track, ttl_s)
        self._albums = _cache(catalogue.albums, messages.album, ttl_s)
        self._artists = _cache(catalogue.artists, messages.artist, ttl_s)

    async def GetTracks(self, request: pb.GetRequest, context: Any) -> pb.Tracks:  # noqa: N802
        return pb.Tracks(tracks=await _items(self._tracks, request, context))

    async def GetAlbums(self, request: pb.GetRequest, context: Any) -> pb.Albums:  # noqa: N802
        return pb.Albums(albums=await _items(self._albums, request, context))

    async def GetArtists(self, request: pb.GetRequest, context: Any) -> pb.Artists:  # noqa: N802
        return pb.Artists(artists=await _items(self._artists, request, context))

    def evict(self, event: CatalogChanged) -> None:
        """Forgets the items that the event names."""
        caches: Mapping[str, Cache[Any]] = {
            "track": self._tracks,
            "album": self._albums,
            "artist": self._artists,
        }
        for change in event.changes:
            if (cache := caches.get(change.type)) is not None:
                cache.evict(change.id)

    def forget_all(self) -> None:
        """Forgets everything, after events may have been missed."""
        for cache in (self._tracks, self._albums, self._artists):
            cache.clear()


def _cache(
    read: Callable[[Iterable[str]], Awaitable[Mapping[str, Item]]],
    to_message: Callable[[Item], Message],
    ttl_s: float,
) -> Cache[Message]:
    async def load(wanted: Sequence[str]) -> Mapping[str, Message]:
        return {id: to_message(item) for id, item in (await read(wanted)).items()}

    return Cache(load, ttl_s=ttl_s, most_items=_MOST_ITEMS)


async def _items(cache: Cache[Message], request: pb.GetRequest, context: Any) -> list[Message]:
    """Ends the call with `INVALID_ARGUMENT` or `UNAVAILABLE` where it cannot be answered."""
    if len(request.ids) > MAX_IDS:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"ids: at most {MAX_IDS}")
    for id in request.ids:
        if not ids.is_valid(id):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"ids: {id!r} is not an id")
    try:
        return await cache.get(request.ids)
    except (Aborted, RetryError, ServerError, TooManyRequests) as error:
        log.warning("the catalogue cannot be read", exc_info=error)
        await context.abort(grpc.StatusCode.UNAVAILABLE, "the catalogue cannot be read")
        raise


class Server:
    """The gRPC server with its health service, and the feed that keeps its caches true."""

    def __init__(self, service: CatalogService, feed: ChangeFeed) -> None:
        self._service = service
        self._feed = feed
        self._health = health.aio.HealthServicer()
        # Without port sharing a port that is taken is an error, not a fight.
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        add_CatalogServicer_to_server(service, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)

    async def start(self, address: str) -> int:
        """Serves, and only then subscribes: a cold start waits for neither. Returns the port."""
        port: int = self._server.add_insecure_port(address)
        await self._server.start()
        for name in ("", SERVICE):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        self.following = asyncio.create_task(self._follow())
        log.info("serving", extra=fields(port=port))
        return port

    async def stop(self) -> None:
        """Takes no more calls, ends those under way, and deletes the subscription."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(_GRACE_S)
        await self.following
        await self._feed.stop()

    async def _follow(self) -> None:
        if await self._feed.start():
            self._service.forget_all()


async def serve(configured: RpcSettings, port: int) -> None:
    """Serves until the process is asked to stop."""
    catalogue = FirestoreCatalogue(configured.google_cloud_project, configured.firestore_database)
    service = CatalogService(catalogue, configured.cache_ttl_s)
    feed = ChangeFeed(
        configured.google_cloud_project, configured.catalog_changed_topic, service.evict
    )
    server = Server(service, feed)
    asked_to_stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, asked_to_stop.set)
    await server.start(f"[::]:{port}")
    await asked_to_stop.wait()
    await server.stop()


def main() -> None:
    configured = settings.load(RpcSettings)
    telemetry.configure(configured.google_cloud_project, configured.log_level)
    asyncio.run(serve(configured, int(os.environ.get("PORT", "8080"))))


if __name__ == "__main__":
    main()
