"""People's libraries for other services: gRPC.

`python -m functions.library.rpc` serves on `PORT`. Cloud Run checks who calls and ends TLS.
"""

import asyncio
import logging
import os
import signal
from typing import Any

import grpc
import grpc.aio
from google.api_core.exceptions import Aborted, RetryError, ServerError, TooManyRequests
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from functions.library.chunks import Chunks
from functions.library.lists import Lists
from functions.library.model import Kind, is_user_id
from functions.library.reader import PlaylistReader
from functions.library.settings import RpcSettings
from functions.library.store import Documents, FirestoreDocuments
from shared import ids, settings, telemetry
from shared.errors import Forbidden, NotFound, Unavailable
from shared.protos import library_pb2 as pb
from shared.protos.library_pb2_grpc import LibraryServicer, add_LibraryServicer_to_server
from shared.snapshots import snapshot_id
from shared.telemetry import fields
from shared.uris import uri

MOST_TRACKS = 10_000
SERVICE = "cadenza.library.v1.Library"
# Cloud Run kills ten seconds after it asks to stop.
_GRACE_S = 8.0
_OUTAGES = (Aborted, RetryError, ServerError, TooManyRequests, Unavailable)

log = logging.getLogger(__name__)


class LibraryService(LibraryServicer):  # type: ignore[misc]  # generated without types
    """Reads; chunks are kept in memory."""

    def __init__(self, documents: Documents) -> None:
        chunks = Chunks(documents)
        self._playlists = PlaylistReader(documents, chunks)
        self._lists = Lists(documents, chunks)

    async def GetPlaylist(  # noqa: N802
        self, request: pb.PlaylistRequest, context: Any
    ) -> pb.PlaylistTracks:
        if not ids.is_valid(request.playlist_id):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "playlist_id: not an id")
        try:
            playlist, entries = await self._playlists.everything(request.playlist_id)
        except NotFound:
            await context.abort(grpc.StatusCode.NOT_FOUND, "there is no such playlist")
            raise
        except _OUTAGES as error:
            raise await _unavailable(context, error) from error
        if not playlist.shows_to(request.user_id):
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "the playlist is private")
        return pb.PlaylistTracks(
            playlist_id=playlist.id,
            name=playlist.name,
            owner=playlist.owner,
            snapshot_id=snapshot_id(playlist.id, playlist.version),
            uris=[uri("track", entry.id) for entry in entries],
        )

    async def GetSavedTracks(  # noqa: N802
        self, request: pb.SavedTracksRequest, context: Any
    ) -> pb.SavedTracks:
        if not is_user_id(request.user_id):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "user_id: not an id")
        if not 1 <= request.limit <= MOST_TRACKS:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"limit: between 1 and {MOST_TRACKS}"
            )
        try:
            found = await self._lists.page(
                request.user_id, Kind.tracks, limit=request.limit, offset=0
            )
        except Forbidden:
            return pb.SavedTracks()
        except _OUTAGES as error:
            raise await _unavailable(context, error) from error
        return pb.SavedTracks(uris=[uri("track", entry.id) for entry in found.entries])


async def _unavailable(context: Any, error: Exception) -> Exception:
    """Ends the call."""
    log.warning("the library cannot be read", exc_info=error)
    await context.abort(grpc.StatusCode.UNAVAILABLE, "the library cannot be read")
    return error


class Server:
    """The gRPC server with its health service."""

    def __init__(self, service: LibraryService) -> None:
        self._health = health.aio.HealthServicer()
        # Without port sharing a port that is taken is an error, not a fight.
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        add_LibraryServicer_to_server(service, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)

    async def start(self, address: str) -> int:
        """Returns the port."""
        port: int = self._server.add_insecure_port(address)
        await self._server.start()
        for name in ("", SERVICE):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        log.info("serving", extra=fields(port=port))
        return port

    async def stop(self) -> None:
        """Takes no more calls, and ends those under way."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(_GRACE_S)


async def serve(configured: RpcSettings, port: int) -> None:
    """Serves until the process is asked to stop."""
    documents = FirestoreDocuments(configured.google_cloud_project, configured.firestore_database)
    server = Server(LibraryService(documents))
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
