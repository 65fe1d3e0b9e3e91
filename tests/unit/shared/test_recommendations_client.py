import time
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
import pytest

from shared.audience import Audience
from shared.errors import ApiError, NotFound, Unavailable
from shared.protos import recommendations_pb2 as pb
from shared.protos.recommendations_pb2_grpc import (
    RecommendationsServicer,
    add_RecommendationsServicer_to_server,
)
from shared.recommendations_client import QUICK_S, RecommendationsClient

_FAILURES = {
    "missing": grpc.StatusCode.NOT_FOUND,
    "refused": grpc.StatusCode.INVALID_ARGUMENT,
    "broken": grpc.StatusCode.INTERNAL,
}


class Fake(RecommendationsServicer):  # type: ignore[misc]  # generated without types
    async def ListMixes(self, request: pb.ListMixesRequest, context: Any) -> pb.Mixes:  # noqa: N802
        name = _whose(request)
        return pb.Mixes(mixes=[pb.Mix(name=name)] if request.of_a_night else [])

    async def GetMix(self, request: pb.GetMixRequest, context: Any) -> pb.Mix:  # noqa: N802
        if request.mix_id in _FAILURES:
            await context.abort(_FAILURES[request.mix_id], "")
        return pb.Mix(id=request.mix_id, name=_whose(request))

    async def GetRadios(self, request: pb.RadiosRequest, context: Any) -> pb.Radios:  # noqa: N802
        return pb.Radios(
            radios=[pb.Radio(seed=seed, track_ids=["t"]) for seed in request.seeds],
            hidden=[request.user_id, "filtered" if request.explicit_filter else "all"],
        )

    async def GetRelatedArtists(  # noqa: N802
        self, request: pb.RelatedArtistsRequest, context: Any
    ) -> pb.ArtistIds:
        return pb.ArtistIds(ids=[request.artist_id, "other"])


def _whose(request: pb.ListMixesRequest | pb.GetMixRequest) -> str:
    filtered = ", filtered" if request.explicit_filter else ""
    return f"{request.user_id} in {request.country}{filtered}"


@pytest.fixture
async def client() -> AsyncIterator[RecommendationsClient]:
    server = grpc.aio.server()
    add_RecommendationsServicer_to_server(Fake(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    client = RecommendationsClient(f"http://127.0.0.1:{port}")
    yield client
    await client.close()
    await server.stop(0)


async def test_what_is_asked_is_answered(client: RecommendationsClient) -> None:
    filtered = Audience("SE", explicit_filter=True)
    assert [mix.name for mix in await client.mixes("anna", Audience("SE"))] == ["anna in SE"]
    assert [mix.name for mix in await client.mixes("anna", filtered)] == ["anna in SE, filtered"]
    assert (await client.mix("anna", "m", Audience("SE"))).name == "anna in SE"
    assert (await client.mix("anna", "m", filtered)).name == "anna in SE, filtered"
    radios = await client.radios([("track", "1"), ("artist", "2")], "anna")
    assert [(each.seed.type, each.seed.id) for each in radios.radios] == [
        ("track", "1"),
        ("artist", "2"),
    ]
    assert list(radios.hidden) == ["anna", "all"]
    assert list((await client.radios([], explicit_filter=True)).hidden) == ["", "filtered"]
    assert await client.related_artists("a") == ["a", "other"]


@pytest.mark.parametrize(
    ("mix", "error"), [("missing", NotFound), ("refused", Unavailable), ("broken", Unavailable)]
)
async def test_failures(client: RecommendationsClient, mix: str, error: type[ApiError]) -> None:
    with pytest.raises(error):
        await client.mix("anna", mix)


async def test_nobody_waits_long_where_nobody_listens() -> None:
    client = RecommendationsClient("http://127.0.0.1:9")
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await client.mixes("ada")
    assert time.monotonic() - started < QUICK_S
    await client.close()
