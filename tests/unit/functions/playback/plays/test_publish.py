import json
from typing import Any

import grpc
import grpc.aio
import pytest

from functions.playback.plays import publish
from functions.playback.plays.publish import PlaysTopic
from shared.errors import Unavailable
from tests.unit.functions.playback.plays.fakes import play

TOPIC = "projects/p/topics/plays"


class PubSub:
    """Answers each call with the next of `codes`, then takes it."""

    def __init__(self, *codes: grpc.StatusCode) -> None:
        self.codes = list(codes)
        self.requests: list[Any] = []

    async def __call__(self, request: Any, *, timeout: float) -> None:
        assert timeout > 0
        self.requests.append(request)
        if self.codes:
            nothing = grpc.aio.Metadata()
            raise grpc.aio.AioRpcError(self.codes.pop(0), nothing, nothing)


def topic(pubsub: PubSub) -> PlaysTopic:
    made = PlaysTopic(TOPIC)
    made._call = pubsub
    return made


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "_FIRST_PAUSE_S", 0.0)


async def test_a_batch_is_one_call() -> None:
    pubsub = PubSub()
    await topic(pubsub).publish([play(1), play(2)])

    [request] = pubsub.requests
    first, second = request.messages
    assert request.topic == TOPIC
    assert json.loads(first.data)["play_id"] == first.attributes["ce-id"] == "play-1"
    assert second.attributes["ce-type"] == "cadenza.Play"


async def test_a_short_outage_is_waited_out() -> None:
    pubsub = PubSub(grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
    await topic(pubsub).publish([play(1)])
    assert len(pubsub.requests) == 3


async def test_a_long_one_is_told() -> None:
    pubsub = PubSub(*[grpc.StatusCode.UNAVAILABLE] * 100)
    with pytest.raises(Unavailable) as raised:
        await topic(pubsub).publish([play(1)])
    assert raised.value.headers["Retry-After"]
    assert len(pubsub.requests) < 10


async def test_what_will_not_get_better_is_not_tried_again() -> None:
    pubsub = PubSub(grpc.StatusCode.INVALID_ARGUMENT)
    with pytest.raises(Unavailable):
        await topic(pubsub).publish([play(1)])
    assert len(pubsub.requests) == 1
