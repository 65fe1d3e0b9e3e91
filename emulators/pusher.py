"""Pub/Sub's push subscriptions: what they get is posted to the declared endpoints.

Google's emulator pushes too, but loses what is under way when an endpoint dies, and pushes one
message at a time to an endpoint that answers late. It pulls well, so this stands in between: it
counts attempts, waits before the next one and keeps dead letters, as declared.
"""

import asyncio
import base64
import contextlib
import logging
from typing import Any

import aiohttp
import grpc.aio
from google.api_core.exceptions import GoogleAPIError
from google.pubsub_v1.services.subscriber import SubscriberAsyncClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport

from emulators.gather import Program, Resource
from emulators.pubsub import SUBSCRIPTION

# As many as the emulator hands out in one call, and as one instance of a function takes.
_AT_ONCE = 100
_PULL_TIMEOUT_S = 30.0
_SETTLE_EVERY_S = 0.01
_PAUSE_S = 1.0

log = logging.getLogger(__name__)


async def run(program: Program, pubsub_address: str) -> None:
    """Serves every declared push subscription until cancelled."""
    channel = grpc.aio.insecure_channel(pubsub_address)
    client = SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=channel))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        declared = [each for each in program.all(SUBSCRIPTION) if "pushConfig" in each.inputs]
        try:
            await asyncio.gather(*(Pusher(each, client, session).run() for each in declared))
        finally:
            with contextlib.suppress(Exception):
                await channel.close()


class Pusher:
    """One subscription."""

    def __init__(
        self, declared: Resource, client: SubscriberAsyncClient, session: aiohttp.ClientSession
    ) -> None:
        self._name = declared.id
        self._endpoint = declared.inputs["pushConfig"]["pushEndpoint"]
        self._timeout = aiohttp.ClientTimeout(total=declared.inputs.get("ackDeadlineSeconds", 10))
        self._client = client
        self._session = session
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._down_until = 0.0
        self._taken: list[str] = []
        self._refused: list[str] = []
        self._pushes: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        settling = asyncio.create_task(self._settle_all())
        try:
            while True:
                try:
                    await self._pull()
                except (GoogleAPIError, OSError) as error:
                    log.warning("%s: %s", self._name, error)
                    await asyncio.sleep(_PAUSE_S)
        finally:
            for task in (settling, *self._pushes):
                task.cancel()
            await asyncio.gather(settling, *self._pushes, return_exceptions=True)

    async def _pull(self) -> None:
        """Takes as many messages as there is room for, and leaves the others for the next.

        While nobody answers none is taken, or it would use up its attempts.
        """
        await self._room.acquire()
        self._room.release()
        await asyncio.sleep(max(0.0, self._down_until - asyncio.get_running_loop().time()))
        room = _AT_ONCE - len(self._pushes)
        try:
            answer = await self._client.pull(
                subscription=self._name, max_messages=max(1, room), timeout=_PULL_TIMEOUT_S
            )
        except GoogleAPIError as error:
            if getattr(error, "code", None) == 504:  # nothing came while we waited
                return
            raise
        for received in answer.received_messages:
            await self._room.acquire()
            task = asyncio.create_task(self._push(received))
            self._pushes.add(task)
            task.add_done_callback(self._pushes.discard)

    async def _push(self, received: Any) -> None:
        try:
            async with self._session.post(
                self._endpoint, json=self._wrapped(received), timeout=self._timeout
            ) as answer:
                taken = answer.status < 300
                if not taken:
                    log.warning("%s: the endpoint answered %d", self._name, answer.status)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            now = asyncio.get_running_loop().time()
            if now >= self._down_until:
                log.warning("%s: %r", self._name, error)
            self._down_until = now + _PAUSE_S
            taken = False
        finally:
            self._room.release()
        (self._taken if taken else self._refused).append(received.ack_id)

    def _wrapped(self, received: Any) -> dict[str, Any]:
        """As Pub/Sub wraps a message for an endpoint."""
        message = received.message
        return {
            "message": {
                "data": base64.b64encode(message.data).decode(),
                "attributes": dict(message.attributes),
                "messageId": message.message_id,
                "publishTime": message.publish_time.isoformat(),
                **({"orderingKey": message.ordering_key} if message.ordering_key else {}),
            },
            "subscription": self._name,
            "deliveryAttempt": received.delivery_attempt,
        }

    async def _settle_all(self) -> None:
        """Tells Pub/Sub what became of the messages, of many in one call."""
        while True:
            await asyncio.sleep(_SETTLE_EVERY_S)
            taken, self._taken = self._taken, []
            refused, self._refused = self._refused, []
            try:
                await self._settle(taken, refused)
            except (GoogleAPIError, OSError) as error:
                log.warning("%s: %s", self._name, error)

    async def _settle(self, taken: list[str], refused: list[str]) -> None:
        """What cannot be told comes again when its deadline is over."""
        if taken:
            await self._client.acknowledge(subscription=self._name, ack_ids=taken)
        if refused:
            await self._client.modify_ack_deadline(
                subscription=self._name, ack_ids=refused, ack_deadline_seconds=0
            )
