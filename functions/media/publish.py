"""Makes a finished track public: its files first, then the playlists that make it playable."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from functions.media import storage
from functions.media.package import LOSSY_MASTER, LOSSY_MPD, MASTER, MPD
from functions.media.pipeline import Result
from shared.events import MediaReady, attributes

if TYPE_CHECKING:
    from google.cloud.storage import Client

_PUBLISH_TIMEOUT_S = 30
# In this order, after everything that they list.
_MANIFESTS = (LOSSY_MPD, MPD, LOSSY_MASTER, MASTER)


def files(
    client: "Client", result: Result, *, media_bucket: str, images_bucket: str, prefix: str
) -> None:
    """Upload everything of a track. Without the manifests, which come last, nobody can play it."""
    covers = _uploads(result.images, "images")
    storage.upload(client, images_bucket, list(covers))
    media = list(_uploads(result.media, prefix))
    manifests = [upload for name in _MANIFESTS for upload in media if upload.path.name == name]
    storage.upload(client, media_bucket, [upload for upload in media if upload not in manifests])
    for manifest in manifests:
        storage.upload(client, media_bucket, [manifest])


def media_ready(topic: str, event: MediaReady) -> None:
    """Returns when Pub/Sub has the event."""
    from google.cloud.pubsub_v1 import PublisherClient

    with PublisherClient() as publisher:
        publisher.publish(
            topic,
            msgspec.json.encode(event),
            **attributes(event, event_id=event.event_id, source="media"),
        ).result(timeout=_PUBLISH_TIMEOUT_S)


def _uploads(folder: Path, prefix: str) -> Iterator[storage.Upload]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield storage.Upload(path, f"{prefix}/{path.relative_to(folder).as_posix()}")
