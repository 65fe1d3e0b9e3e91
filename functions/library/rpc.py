"""People's libraries for other services: gRPC.

`python -m functions.library.rpc` serves on `PORT`.
"""

from typing import Any

import grpc

from functions.library.chunks import Chunks
from functions.library.lists import Lists
from functions.library.mixes import Mixes
from functions.library.model import Kind, Playlist, is_user_id
from functions.library.reader import PlaylistReader
from functions.library.sequence import Entry
from functions.library.settings import RpcSettings
from functions.library.store import Documents
from shared import grpc_server, ids
from shared.audience import Audience
from shared.errors import Forbidden, NotFound
from shared.firestore import FirestoreDocuments
from shared.grpc_server import outages_end, refuse
from shared.protos import library_pb2 as pb
from shared.protos.library_pb2_grpc import LibraryServicer, add_LibraryServicer_to_server
from shared.recommendations_client import RecommendationsClient
from shared.snapshots import snapshot_id
from shared.uris import uri

MOST_TRACKS = 10_000
SERVICE = "cadenza.library.v1.Library"
_OUTAGE = "the library cannot be read"


class LibraryService(LibraryServicer):  # type: ignore[misc]  # generated without types
    """Reads; chunks are kept in memory. What is no playlist may be one of the person's mixes."""

    def __init__(self, documents: Documents, mixes: Mixes) -> None:
        chunks = Chunks(documents)
        self._playlists = PlaylistReader(documents, chunks)
        self._lists = Lists(documents, chunks)
        self._mixes = mixes

    async def GetPlaylist(  # noqa: N802
        self, request: pb.PlaylistRequest, context: Any
    ) -> pb.PlaylistTracks:
        if not ids.is_valid(request.playlist_id):
            await refuse(context, "playlist_id: not an id")
        async with outages_end(context, _OUTAGE):
            try:
                playlist, entries = await self._found(request)
            except NotFound:
                await context.abort(grpc.StatusCode.NOT_FOUND, "there is no such playlist")
                raise
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
            await refuse(context, "user_id: not an id")
        if not 1 <= request.limit <= MOST_TRACKS:
            await refuse(context, f"limit: between 1 and {MOST_TRACKS}")
        async with outages_end(context, _OUTAGE):
            try:
                found = await self._lists.page(
                    request.user_id, Kind.tracks, limit=request.limit, offset=0
                )
            except Forbidden:
                return pb.SavedTracks()
        return pb.SavedTracks(uris=[uri("track", entry.id) for entry in found.entries])

    async def _found(self, request: pb.PlaylistRequest) -> tuple[Playlist, list[Entry]]:
        try:
            return await self._playlists.everything(request.playlist_id)
        except NotFound:
            audience = Audience(request.country, request.explicit_filter)
            mix = await self._mixes.find(request.user_id, audience, request.playlist_id)
            if mix is None:
                raise
            return mix, list(mix.entries)


class Server(grpc_server.Server):
    """The gRPC server."""

    def __init__(self, service: LibraryService) -> None:
        super().__init__(SERVICE, lambda server: add_LibraryServicer_to_server(service, server))


def create(configured: RpcSettings) -> Server:
    """The server on its real dependencies."""
    documents = FirestoreDocuments(configured.google_cloud_project, configured.firestore_database)
    mixes = Mixes(RecommendationsClient(configured.recommendations_rpc_url))
    return Server(LibraryService(documents, mixes))


if __name__ == "__main__":
    grpc_server.main(RpcSettings, create)
