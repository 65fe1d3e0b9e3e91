"""A batch of plays into Pub/Sub, in one call.

The client library's publisher costs eighteen times as much of a core for each message
(docs/decisions/0025): this is the call that it makes underneath.
"""

import asyncio
import importlib
import logging
import os
import random
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from shared.errors import Unavailable
from shared.events import Play, attributes
from shared.telemetry import fields

_METHOD = "/google.pubsub.v1.Publisher/Publish"
_CALL_TIMEOUT_S = 5.0
_TRIES = 4
_FIRST_PAUSE_S = 0.1
_RETRY_AFTER_S = 5

log = logging.getLogger(__name__)


class Plays(Protocol):
    """Where plays go."""

    async def publish(self, plays: Sequence[Play]) -> None:
        """Returns when all of them are safe; raises `Unavailable`."""
        ...


class PlaysTopic:
    """The topic `name` (its full name). A batch that is tried again may arrive twice."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._call: Any = None

    async def publish(self, plays: Sequence[Play]) -> None:
        if self._call is None:
            # In a thread, for it takes most of a second, and others are being answered.
            await asyncio.to_thread(importlib.import_module, "google.pubsub_v1")
            self._call = self._call or _connect()
        import grpc.aio

        transient = _transient()
        request = _request(self._name, plays)
        for attempt in range(_TRIES):
            try:
                await self._call(request, timeout=_CALL_TIMEOUT_S)
            except grpc.aio.AioRpcError as error:
                log.warning("plays not published", extra=fields(code=str(error.code())))
                if error.code() not in transient or attempt == _TRIES - 1:
                    raise Unavailable(
                        "Plays cannot be taken now; send them again",
                        retry_after_s=_RETRY_AFTER_S,
                    ) from error
                await asyncio.sleep(random.uniform(0, _FIRST_PAUSE_S * 2**attempt))  # noqa: S311  # not for secrets
            else:
                return


def _request(topic: str, plays: Sequence[Play]) -> Any:
    from google.pubsub_v1 import types

    message = types.PubsubMessage.pb()
    return types.PublishRequest.pb()(
        topic=topic,
        messages=[
            message(
                data=msgspec.json.encode(play),
                attributes=attributes(play, event_id=play.play_id, source="playback"),
            )
            for play in plays
        ],
    )


def _connect() -> Any:
    import grpc.aio
    from google.pubsub_v1 import types
    from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport

    emulator = os.environ.get("PUBSUB_EMULATOR_HOST")
    channel = (
        grpc.aio.insecure_channel(emulator)
        if emulator
        else PublisherGrpcAsyncIOTransport.create_channel()
    )
    return channel.unary_unary(
        _METHOD,
        request_serializer=types.PublishRequest.pb().SerializeToString,
        response_deserializer=types.PublishResponse.pb().FromString,
    )


def _transient() -> frozenset[Any]:
    from grpc import StatusCode

    return frozenset(
        {
            StatusCode.ABORTED,
            StatusCode.DEADLINE_EXCEEDED,
            StatusCode.INTERNAL,
            StatusCode.RESOURCE_EXHAUSTED,
            StatusCode.UNAVAILABLE,
            StatusCode.UNKNOWN,
        }
    )
