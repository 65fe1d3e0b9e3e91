"""The gRPC server in this process, on the emulators of Firestore and Pub/Sub."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from functions.catalog.feed import ChangeFeed
from functions.catalog.handlers import CatalogEvents
from functions.catalog.names import artist
from functions.catalog.rpc import SERVICE, CatalogService, Server
from functions.catalog.store import FirestoreCatalogue
from functions.catalog.tags import track_of
from shared import ids
from shared.events import CatalogChanged
from shared.messaging import Publisher
from shared.protos.catalog_pb2 import GetRequest
from shared.protos.catalog_pb2_grpc import CatalogStub
from tests.unit.functions.catalog.factories import media_ready
from tests.unit.functions.catalog.fakes import catalog_events

LONG_S = 3600.0
UNKNOWN = ids.derive("nothing")


@pytest.fixture
def topic(pubsub_emulator: str, project: str) -> str:
    from google.cloud.pubsub_v1 import PublisherClient

    name = f"projects/{project}/topics/changed-{secrets.token_hex(4)}"
    PublisherClient().create_topic(name=name)
    return name


@pytest.fixture
def store(firestore_emulator: str, project: str) -> FirestoreCatalogue:
    return FirestoreCatalogue(project, f"test-{secrets.token_hex(4)}")


@pytest.fixture
def events(store: FirestoreCatalogue, topic: str) -> CatalogEvents:
    return catalog_events(
        store=store,
        publisher=Publisher("catalog"),
        catalog_changed_topic=topic,
        person_erased_here_topic="",
    )


@pytest.fixture
async def stub(store: FirestoreCatalogue, topic: str, project: str) -> AsyncIterator[Any]:
    """A client of a server that has subscribed."""
    service = CatalogService(store, LONG_S, "https://music.example")
    server = Server(service, ChangeFeed(project, topic, service.evict))
    port = await server.start("127.0.0.1:0")
    await server.following
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield CatalogStub(channel)
    await server.stop()


async def eventually(holds: Callable[[], Awaitable[bool]], timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not await holds():  # noqa: ASYNC110  # nothing here to wait for but the answer
            await asyncio.sleep(0.02)


async def test_items_come_in_the_order_asked_for(stub: Any, events: CatalogEvents) -> None:
    one, two = media_ready("one"), media_ready("two", track_number=2)
    await events.media_ready(one)
    await events.media_ready(two)
    wanted = [two.track_id, UNKNOWN, one.track_id]
    for _ in range(2):  # from Firestore, then from memory
        tracks = (await stub.GetTracks(GetRequest(ids=wanted))).tracks
        assert [track.name for track in tracks] == ["two", "one"]
        assert tracks[0].media.prefix == two.prefix
    albums = (await stub.GetAlbums(GetRequest(ids=[track_of(one).album_id, UNKNOWN]))).albums
    assert [list(album.track_ids) for album in albums] == [[one.track_id, two.track_id]]
    artists = (await stub.GetArtists(GetRequest(ids=[artist("the artist").id]))).artists
    assert [each.name for each in artists] == ["The Artist"]


async def test_a_change_is_seen_though_items_are_kept(stub: Any, events: CatalogEvents) -> None:
    await events.media_ready(media_ready(title="old"))
    request = GetRequest(ids=[media_ready().track_id])

    async def title() -> str:
        return str((await stub.GetTracks(request)).tracks[0].name)

    assert await title() == "old"
    await events.media_ready(media_ready(title="new", generation=2))

    async def is_new() -> bool:
        return await title() == "new"

    await eventually(is_new)


@pytest.mark.parametrize("wanted", [["not-an-id"], [UNKNOWN] * 101])
async def test_malformed_requests_are_refused(stub: Any, wanted: list[str]) -> None:
    for call in (stub.GetTracks, stub.GetAlbums, stub.GetArtists):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(GetRequest(ids=wanted))
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_nothing_asked_for_is_nothing_answered(stub: Any) -> None:
    assert list((await stub.GetTracks(GetRequest())).tracks) == []


async def test_health_tells_when_it_stops(
    store: FirestoreCatalogue, topic: str, project: str
) -> None:
    service = CatalogService(store, LONG_S, "https://music.example")
    server = Server(service, ChangeFeed(project, topic, service.evict))
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


async def test_the_subscription_is_deleted_at_the_end(topic: str, project: str) -> None:
    from google.cloud.pubsub_v1 import PublisherClient

    def subscriptions() -> list[str]:
        return list(PublisherClient().list_topic_subscriptions(topic=topic))

    seen: list[CatalogChanged] = []
    feed = ChangeFeed(project, topic, seen.append)
    assert await feed.start()
    assert len(subscriptions()) == 1
    event = CatalogChanged("e", "u", 1, [])
    await Publisher("catalog").publish(topic, event, event_id="e")

    async def has_come() -> bool:
        return seen == [event]

    await eventually(has_come)
    await feed.stop()
    assert subscriptions() == []


async def test_without_a_topic_items_are_served_all_the_same(
    store: FirestoreCatalogue,
    pubsub_emulator: str,
    project: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = CatalogService(store, LONG_S, "https://music.example")
    feed = ChangeFeed(project, f"projects/{project}/topics/none", service.evict)
    server = Server(service, feed)
    port = await server.start("127.0.0.1:0")
    await server.following
    assert "no subscription" in caplog.text
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        answer = await CatalogStub(channel).GetTracks(GetRequest(ids=[UNKNOWN]))
        assert list(answer.tracks) == []
    await server.stop()
