"""What a push subscription gets is posted to its endpoint, until that says it has it."""

import asyncio
import base64
import contextlib
import datetime
import itertools
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from emulators import pusher
from emulators.gather import Resource
from emulators.processes import free_port
from emulators.pusher import Pusher
from emulators.serving import serving

SUBSCRIPTION = "projects/p/subscriptions/s"


class Message:
    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.attributes = {"ce-id": text}
        self.message_id = text
        self.publish_time = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
        self.ordering_key = ""


class Received:
    def __init__(self, ack_id: str, message: Message, attempt: int) -> None:
        self.ack_id, self.message, self.delivery_attempt = ack_id, message, attempt


class Queue:
    """Pub/Sub: what is refused comes again at once, with its next attempt."""

    def __init__(self, *texts: str) -> None:
        self.waiting = [(Message(text), 1) for text in texts]
        self.leased: dict[str, tuple[Message, int]] = {}
        self.acknowledged: list[str] = []
        self._ids = itertools.count()

    async def pull(self, *, max_messages: int, **_: object) -> Any:
        while not self.waiting:  # noqa: ASYNC110  # as long polling does
            await asyncio.sleep(0.001)
        taken, self.waiting = self.waiting[:max_messages], self.waiting[max_messages:]
        self.received_messages = []
        for message, attempt in taken:
            ack_id = str(next(self._ids))
            self.leased[ack_id] = (message, attempt)
            self.received_messages.append(Received(ack_id, message, attempt))
        return self

    async def acknowledge(self, *, ack_ids: list[str], **_: object) -> None:
        self.acknowledged += [self.leased.pop(ack_id)[0].message_id for ack_id in ack_ids]

    async def modify_ack_deadline(self, *, ack_ids: list[str], **_: object) -> None:
        for ack_id in ack_ids:
            message, attempt = self.leased.pop(ack_id)
            self.waiting.append((message, attempt + 1))


class Endpoint:
    """Answers with the next of `statuses`, then with 204."""

    def __init__(self) -> None:
        self.port = free_port()
        self.bodies: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.at_once = self.most_at_once = 0

    async def take(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(0.01)
        self.at_once -= 1
        self.bodies.append(await request.json())
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/events/x", self.take)
        return app


@contextlib.asynccontextmanager
async def pushing(queue: Any, endpoint: Endpoint) -> AsyncIterator[None]:
    declared = Resource(
        type="", name="s", outputs={}, id=SUBSCRIPTION, urn="", parent="", protect=False,
        depends_on=(), secret_paths=(),
        inputs={
            "pushConfig": {"pushEndpoint": f"http://127.0.0.1:{endpoint.port}/events/x"},
            "ackDeadlineSeconds": 30,
        },
    )  # fmt: skip
    async with aiohttp.ClientSession() as session:
        task = asyncio.create_task(Pusher(declared, queue, session).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until(queue: Queue, count: int) -> None:
    async with asyncio.timeout(20):
        while len(queue.acknowledged) < count:  # noqa: ASYNC110  # a test may poll
            await asyncio.sleep(0.005)


async def test_as_pubsub_wraps_it() -> None:
    queue, endpoint = Queue("one"), Endpoint()
    async with serving(endpoint.app(), endpoint.port), pushing(queue, endpoint):
        await until(queue, 1)
    [body] = endpoint.bodies
    assert base64.b64decode(body["message"].pop("data")) == b"one"
    assert body == {
        "message": {
            "attributes": {"ce-id": "one"},
            "messageId": "one",
            "publishTime": "2026-11-23T00:00:00+00:00",
        },
        "subscription": SUBSCRIPTION,
        "deliveryAttempt": 1,
    }


async def test_many_at_once_but_not_all() -> None:
    queue, endpoint = Queue(*(str(number) for number in range(500))), Endpoint()
    async with serving(endpoint.app(), endpoint.port), pushing(queue, endpoint):
        await until(queue, 500)
    assert sorted(queue.acknowledged) == sorted(str(number) for number in range(500))
    assert 10 < endpoint.most_at_once <= 100


async def test_what_is_not_taken_comes_again() -> None:
    queue, endpoint = Queue("a", "b"), Endpoint()
    endpoint.statuses = [500, 404, 503]
    async with serving(endpoint.app(), endpoint.port), pushing(queue, endpoint):
        await until(queue, 2)
    assert sorted(queue.acknowledged) == ["a", "b"]
    assert len(endpoint.bodies) == 5


async def test_while_nobody_answers_attempts_are_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pusher, "_PAUSE_S", 0.1)
    queue, endpoint = Queue(*"abc"), Endpoint()
    async with pushing(queue, endpoint):
        await asyncio.sleep(0.5)
        assert queue.acknowledged == []
        async with serving(endpoint.app(), endpoint.port):
            await until(queue, 3)
    assert max(body["deliveryAttempt"] for body in endpoint.bodies) < 12
