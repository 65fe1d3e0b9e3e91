"""Events over Pub/Sub: CloudEvents out, push deliveries in.

Delivery is at least once and in no order. A handler that returns acknowledges; one that raises
gets the message again, and in the end the dead-letter topic gets it.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.errors import BadRequest
from shared.events import attributes
from shared.web import read_json

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import PublisherClient

E = TypeVar("E")

PUBLISH_TIMEOUT_S = 20.0


class _Message(msgspec.Struct):
    data: str = ""
    attributes: dict[str, str] = {}


class _Push(msgspec.Struct):
    message: _Message


def on(topic: str, into: type[E], handler: Callable[[E], Awaitable[None]]) -> Route:
    """The route that Pub/Sub pushes a topic's events to: `POST /events/<topic>`."""

    async def receive(request: Request) -> Response:
        push = await read_json(request, _Push)
        await handler(decode(push.message.data, into))
        return Response(status_code=204)

    return Route(f"/events/{topic}", receive, methods=["POST"])


def decode(data: str, into: type[E]) -> E:
    """The event in a message's base64 data; raises `BadRequest`."""
    try:
        return msgspec.json.decode(base64.b64decode(data, validate=True), type=into)
    except (ValueError, msgspec.DecodeError) as error:
        raise BadRequest(f"not a {into.__name__}: {error}") from error


class Publisher:
    """Publishes events from a coroutine; the client is made when first used."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._client: PublisherClient | None = None

    async def publish(self, topic: str, event: msgspec.Struct, *, event_id: str) -> None:
        """Returns when Pub/Sub has the event; `topic` is the full name."""
        if self._client is None:
            from google.cloud.pubsub_v1 import PublisherClient

            self._client = PublisherClient()
        future = self._client.publish(
            topic,
            msgspec.json.encode(event),
            **attributes(event, event_id=event_id, source=self._source),
        )
        await asyncio.wait_for(asyncio.wrap_future(future), PUBLISH_TIMEOUT_S)
