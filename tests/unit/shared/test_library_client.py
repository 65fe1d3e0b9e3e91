from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
import pytest

from shared.audience import Audience
from shared.errors import ApiError, Forbidden, NotFound, Unavailable
from shared.library_client import LibraryClient
from shared.protos.library_pb2 import (
    PlaylistRequest,
    PlaylistTracks,
    SavedTracks,
    SavedTracksRequest,
)
from shared.protos.library_pb2_grpc import LibraryServicer, add_LibraryServicer_to_server

_FAILURES = {
    "missing": grpc.StatusCode.NOT_FOUND,
    "private": grpc.StatusCode.PERMISSION_DENIED,
    "broken": grpc.StatusCode.INTERNAL,
}


class FakeLibrary(LibraryServicer):  # type: ignore[misc]  # generated without types
    async def GetPlaylist(  # noqa: N802
        self, request: PlaylistRequest, context: Any
    ) -> PlaylistTracks:
        if request.playlist_id in _FAILURES:
            await context.abort(_FAILURES[request.playlist_id], "")
        name = f"{request.country} {request.explicit_filter}"
        return PlaylistTracks(
            playlist_id=request.playlist_id, name=name, owner=request.user_id, uris=["a"]
        )

    async def GetSavedTracks(  # noqa: N802
        self, request: SavedTracksRequest, context: Any
    ) -> SavedTracks:
        return SavedTracks(uris=[request.user_id] * request.limit)


@pytest.fixture
async def client() -> AsyncIterator[LibraryClient]:
    server = grpc.aio.server()
    add_LibraryServicer_to_server(FakeLibrary(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    client = LibraryClient(f"http://127.0.0.1:{port}")
    yield client
    await client.close()
    await server.stop(0)


async def test_a_playlist_as_somebody_sees_it(client: LibraryClient) -> None:
    playlist = await client.playlist("p", "anna")

    assert (playlist.playlist_id, playlist.owner, list(playlist.uris)) == ("p", "anna", ["a"])
    assert playlist.name == " False"
    theirs = await client.playlist("p", "anna", Audience("SE", explicit_filter=True))
    assert theirs.name == "SE True"


async def test_saved_tracks(client: LibraryClient) -> None:
    assert await client.saved_tracks("anna", 2) == ["anna", "anna"]


@pytest.mark.parametrize(
    ("playlist", "error"), [("missing", NotFound), ("private", Forbidden), ("broken", Unavailable)]
)
async def test_failures(client: LibraryClient, playlist: str, error: type[ApiError]) -> None:
    with pytest.raises(error):
        await client.playlist(playlist, "anna")
