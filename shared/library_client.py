"""People's libraries as the player reads them: gRPC."""

from typing import Any

from shared.audience import ANYBODY, Audience
from shared.errors import Forbidden, NotFound, Unavailable
from shared.grpc_channel import Channel
from shared.protos.library_pb2 import PlaylistTracks


class LibraryClient:
    """A connection to `library-rpc`, made when first used. Every call raises `Unavailable`."""

    def __init__(self, url: str) -> None:
        self._channel = Channel(url)
        self._stub: Any = None

    async def playlist(
        self, playlist_id: str, user_id: str, audience: Audience = ANYBODY
    ) -> PlaylistTracks:
        """A playlist, or a mix, as a person may see it; raises `NotFound` and `Forbidden`."""
        from shared.protos.library_pb2 import PlaylistRequest

        request = PlaylistRequest(
            playlist_id=playlist_id,
            user_id=user_id,
            country=audience.market,
            explicit_filter=audience.explicit_filter,
        )
        found: PlaylistTracks = await self._call("GetPlaylist", request)
        return found

    async def saved_tracks(self, user_id: str, limit: int) -> list[str]:
        """The URIs of a person's saved tracks, newest first, at most 10,000."""
        from shared.protos.library_pb2 import SavedTracksRequest

        request = SavedTracksRequest(user_id=user_id, limit=limit)
        return list((await self._call("GetSavedTracks", request)).uris)

    async def close(self) -> None:
        await self._channel.close()

    async def _call(self, method: str, request: Any) -> Any:
        import grpc.aio

        if self._stub is None:
            from shared.protos.library_pb2_grpc import LibraryStub

            self._stub = LibraryStub(self._channel.open())
        try:
            return await self._channel.call(getattr(self._stub, method), request)
        except grpc.aio.AioRpcError as error:
            match error.code():
                case grpc.StatusCode.NOT_FOUND:
                    raise NotFound("Resource not found") from error
                case grpc.StatusCode.PERMISSION_DENIED:
                    raise Forbidden("This playlist is private") from error
                case _:
                    raise Unavailable("The library is not answering; try again") from error
