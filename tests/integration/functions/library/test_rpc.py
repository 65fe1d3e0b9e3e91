"""The gRPC server in this process, on Firestore's emulator."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from functions.library.mixes import Mixes
from functions.library.rpc import SERVICE, LibraryService, Server
from shared import ids
from shared.audience import Audience
from shared.errors import Forbidden, NotFound, Unavailable
from shared.firestore import FirestoreDocuments
from shared.library_client import LibraryClient
from tests.integration.functions.library.conftest import Instance
from tests.unit.functions.library.fakes import FakeRecommendations
from tests.unit.functions.library.harness import TRACKS, uris

UNKNOWN = ids.derive("nothing")


@pytest.fixture
def recommendations() -> FakeRecommendations:
    return FakeRecommendations()


@pytest.fixture
async def client(
    documents: FirestoreDocuments, recommendations: FakeRecommendations
) -> AsyncIterator[LibraryClient]:
    server = Server(LibraryService(documents, Mixes(recommendations)))
    port = await server.start("127.0.0.1:0")
    client = LibraryClient(f"http://127.0.0.1:{port}")
    yield client
    await client.close()
    await server.stop()


async def test_a_playlists_items_in_order(client: LibraryClient, instance: Instance) -> None:
    anna = instance("anna")
    made = (await anna.post("/v1/me/playlists", json={"name": "Long"})).json()
    path = f"/v1/playlists/{made['id']}/items"
    for at in (0, 100, 200):
        await anna.post(path, json={"uris": uris(TRACKS[at : at + 100])})
    last = await anna.put(path, json={"range_start": 0, "insert_before": 300})
    found = await client.playlist(made["id"], "ben")
    assert list(found.uris) == uris([*TRACKS[1:], TRACKS[0]])
    assert (found.name, found.owner) == ("Long", "anna")
    assert found.snapshot_id == last.json()["snapshot_id"]


async def test_a_private_playlist_is_its_owners(client: LibraryClient, instance: Instance) -> None:
    made = await instance("anna").post("/v1/me/playlists", json={"name": "x", "public": False})
    playlist_id = made.json()["id"]
    assert (await client.playlist(playlist_id, "anna")).name == "x"
    with pytest.raises(Forbidden):
        await client.playlist(playlist_id, "ben")
    with pytest.raises(NotFound):
        await client.playlist(UNKNOWN, "anna")
    with pytest.raises(Unavailable):
        await client.playlist("no id", "anna")


async def test_saved_tracks_newest_first(client: LibraryClient, instance: Instance) -> None:
    anna = instance("anna")
    await anna.put("/v1/me/tracks", json=TRACKS[:2])
    await anna.put("/v1/me/tracks", json=[TRACKS[2]])
    assert await client.saved_tracks("anna", 2) == uris([TRACKS[2], TRACKS[0]])
    assert await client.saved_tracks("nobody", 10) == []
    for user, limit in (("anna", 0), ("anna", 10_001), ("", 10)):
        with pytest.raises(Unavailable):
            await client.saved_tracks(user, limit)


async def test_a_mix_is_a_context_of_its_listener(
    client: LibraryClient, recommendations: FakeRecommendations
) -> None:
    mix = recommendations.add("anna", TRACKS[:3])
    found = await client.playlist(mix.id, "anna", Audience("SE", explicit_filter=True))
    assert list(found.uris) == uris(TRACKS[:3])
    assert (found.name, found.owner) == (mix.name, "cadenza")
    assert recommendations.audiences == [Audience("SE", explicit_filter=True)]
    with pytest.raises(NotFound):
        await client.playlist(mix.id, "ben")
    recommendations.away = True
    with pytest.raises(Unavailable):
        await client.playlist(mix.id, "anna")


async def test_health_tells_when_it_stops(
    documents: FirestoreDocuments, recommendations: FakeRecommendations
) -> None:
    server = Server(LibraryService(documents, Mixes(recommendations)))
    port = await server.start("127.0.0.1:0")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        watching = health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(service=SERVICE)
        )
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.SERVING
        stopping = asyncio.create_task(server.stop())
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watching.cancel()
        await stopping
