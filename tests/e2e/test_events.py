"""Events that come twice, late and in the wrong order change nothing."""

import base64
import json
from pathlib import Path
from typing import Any

import grpc
import httpx
import msgspec
import pytest
from google.cloud.firestore import Client
from google.cloud.pubsub_v1 import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from emulators.issuer import USER
from functions.media.model import upload_id
from shared.events import CatalogChanged, Change, MediaReady
from tests import sounds
from tests.platform import Platform

PROJECT = "demo-cadenza"


@pytest.fixture
def firestore(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", platform.status["firestore"])
    return Client(project=PROJECT)


def push(platform: Platform, unit: str, topic: str, event: Any) -> int:
    """A delivery, as Pub/Sub makes it; the answer's status."""
    data = base64.b64encode(msgspec.json.encode(event)).decode()
    url = f"{platform.status['services'][unit]}/events/{topic}"
    return httpx.post(
        url, json={"message": {"data": data, "messageId": "1"}}, timeout=30
    ).status_code


def documents(firestore: Client) -> dict[str, Any]:
    """All that is held of the catalogue and of uploads, but for the times of writing."""
    found = {}
    for collection in ("artists", "albums", "tracks", "uploads"):
        for snapshot in firestore.collection(collection).stream():
            content = snapshot.to_dict() or {}
            content.pop("updated_at", None)
            found[snapshot.reference.path] = content
    return found


def test_repeated_and_reordered_deliveries(
    platform: Platform, firestore: Client, tmp_path: Path
) -> None:
    paths = [
        sounds.write(
            tmp_path / f"{number}.flac",
            seconds=1,
            seed=300 + number,
            tags={
                "title": f"Movement {number}",
                "artist": "The Repeaters",
                "album": "Repeats",
                "tracknumber": str(number),
            },
        )
        for number in (1, 2, 3)
    ]
    assert platform.add(tmp_path).returncode == 0
    before = documents(firestore)
    events = [
        msgspec.convert(
            before[f"uploads/{upload_id(USER, sounds.sha256(path))}"]["event"], MediaReady
        )
        for path in paths
    ]

    for event in [*reversed(events), *events]:
        older = msgspec.structs.replace(event, generation=1, title="An older file's title")
        for ready in (event, older):
            assert push(platform, "catalog-events", "media-ready", ready) == 204
            news = CatalogChanged("e", event.upload_id, ready.generation, [Change("track", "t")])
            assert push(platform, "media-events", "catalog-changed", news) == 204
            finalised = {
                "bucket": f"{PROJECT}-uploads",
                "name": event.upload_id,
                "generation": str(ready.generation),
            }
            assert push(platform, "media-events", "uploads-finalised", finalised) == 204

    assert documents(firestore) == before


def test_poison_stops_nothing(platform: Platform, tmp_path: Path) -> None:
    """It is refused, comes again, and in the end goes to the dead letters; the rest goes on."""
    assert push(platform, "catalog-events", "media-ready", {"event_id": 1}) == 400
    channel = grpc.insecure_channel(platform.status["pubsub"])
    publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
    topic = f"projects/{PROJECT}/topics/uploads-finalised"
    publisher.publish(topic, json.dumps({"poison": True}).encode()).result(timeout=10)

    path = sounds.write(tmp_path / "after.flac", seconds=1, seed=310)

    assert platform.add(path).returncode == 0
