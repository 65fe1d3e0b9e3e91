import base64
import json
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from shared.errors import Unavailable
from shared.events import CatalogChanged, Change, ObjectFinalised, attributes
from shared.messaging import on
from shared.web import create_app

EVENT = CatalogChanged("e1", "u1", 7, [Change("track", "t1")])


def push(data: bytes) -> dict[str, Any]:
    return {
        "message": {
            "data": base64.b64encode(data).decode(),
            "messageId": "1",
            "attributes": {"ce-id": "e1"},
            "publishTime": "2026-01-01T00:00:00Z",
        },
        "subscription": "projects/p/subscriptions/s",
        "deliveryAttempt": 3,
    }


def client_of(handler: Any, into: Any = CatalogChanged) -> TestClient:
    return TestClient(create_app([on("catalog-changed", into, handler)]))


def test_a_delivery_reaches_the_handler() -> None:
    seen = []

    async def handler(event: CatalogChanged) -> None:
        seen.append(event)

    answer = client_of(handler).post(
        "/events/catalog-changed", json=push(msgspec.json.encode(EVENT))
    )

    assert answer.status_code == 204
    assert seen == [EVENT]


def test_a_failing_handler_is_asked_again_later() -> None:
    async def handler(_: CatalogChanged) -> None:
        raise Unavailable("Firestore is away")

    answer = client_of(handler).post(
        "/events/catalog-changed", json=push(msgspec.json.encode(EVENT))
    )

    assert answer.status_code == 503


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": {"data": "§"}},
        push(b"not json"),
        push(b'{"event_id": 1}'),
        push(b""),
    ],
)
def test_poison_is_refused_so_that_it_ends_among_the_dead_letters(body: dict[str, Any]) -> None:
    async def handler(_: CatalogChanged) -> None:
        pytest.fail("poison reached the handler")

    answer = client_of(handler).post("/events/catalog-changed", json=body)

    assert answer.status_code == 400


def test_reads_cloud_storages_own_notification() -> None:
    seen = []

    async def handler(event: ObjectFinalised) -> None:
        seen.append(event)

    notification = {
        "kind": "storage#object",
        "bucket": "b",
        "name": "n",
        "generation": "17",
        "size": "3",
        "metadata": {},
    }
    client_of(handler, ObjectFinalised).post(
        "/events/catalog-changed", json=push(json.dumps(notification).encode())
    )

    assert seen == [ObjectFinalised("b", "n", "17")]


def test_events_carry_cloudevents_attributes() -> None:
    assert attributes(EVENT, event_id="e1", source="catalog") == {
        "ce-specversion": "1.0",
        "ce-id": "e1",
        "ce-source": "//cadenza/catalog",
        "ce-type": "cadenza.CatalogChanged",
        "content-type": "application/json",
    }
