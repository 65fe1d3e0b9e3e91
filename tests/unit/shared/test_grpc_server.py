"""A service beside its health, on a port of this machine."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
import pytest
from google.api_core.exceptions import ServiceUnavailable
from grpc_health.v1 import health_pb2, health_pb2_grpc

from shared.errors import Unavailable
from shared.grpc_server import Server, outages_end, refuse
from shared.protos.library_pb2 import SavedTracks, SavedTracksRequest
from shared.protos.library_pb2_grpc import (
    LibraryServicer,
    LibraryStub,
    add_LibraryServicer_to_server,
)

NAME = "cadenza.library.v1.Library"
FAILURES: dict[str, Exception] = {
    "firestore": ServiceUnavailable("away"),  # type: ignore[no-untyped-call]
    "other": Unavailable("away"),
}


class Service(LibraryServicer):  # type: ignore[misc]  # generated without types
    async def GetSavedTracks(  # noqa: N802
        self, request: SavedTracksRequest, context: Any
    ) -> SavedTracks:
        if not request.user_id:
            await refuse(context, "user_id: missing")
        async with outages_end(context, "it cannot be read"):
            if request.user_id in FAILURES:
                raise FAILURES[request.user_id]
            if request.user_id == "mistaken":
                raise ZeroDivisionError
            return SavedTracks(uris=[request.user_id])


def server() -> Server:
    return Server(NAME, lambda made: add_LibraryServicer_to_server(Service(), made), grace_s=1)


@pytest.fixture
async def channel() -> AsyncIterator[grpc.aio.Channel]:
    running = server()
    port = await running.start("127.0.0.1:0")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await running.stop()


async def test_it_answers_and_says_that_it_does(channel: grpc.aio.Channel) -> None:
    answer = await LibraryStub(channel).GetSavedTracks(SavedTracksRequest(user_id="anna"))
    assert list(answer.uris) == ["anna"]
    for name in ("", NAME):
        request = health_pb2.HealthCheckRequest(service=name)
        state = await health_pb2_grpc.HealthStub(channel).Check(request)
        assert state.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize(
    ("user", "code", "details"),
    [
        ("firestore", grpc.StatusCode.UNAVAILABLE, "it cannot be read"),
        ("other", grpc.StatusCode.UNAVAILABLE, "it cannot be read"),
        ("", grpc.StatusCode.INVALID_ARGUMENT, "user_id: missing"),
    ],
)
async def test_calls_end_with_a_reason(
    channel: grpc.aio.Channel, user: str, code: grpc.StatusCode, details: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as ended:
        await LibraryStub(channel).GetSavedTracks(SavedTracksRequest(user_id=user))
    assert (ended.value.code(), ended.value.details()) == (code, details)


async def test_a_mistake_is_no_outage(channel: grpc.aio.Channel) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as ended:
        await LibraryStub(channel).GetSavedTracks(SavedTracksRequest(user_id="mistaken"))
    assert ended.value.code() == grpc.StatusCode.UNKNOWN


async def test_a_port_that_is_taken_is_an_error() -> None:
    first, second = server(), server()
    port = await first.start("127.0.0.1:0")
    with pytest.raises(RuntimeError):
        await second.start(f"127.0.0.1:{port}")
    await first.stop()


async def test_it_stops_when_it_is_asked_to() -> None:
    running = asyncio.create_task(server().run(0))
    await asyncio.sleep(0.2)
    assert not running.done()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 5)
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(each)
