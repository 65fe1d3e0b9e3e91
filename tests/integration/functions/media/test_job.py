"""The job on emulators of the services around it."""

import base64
import datetime
import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from google.api_core.exceptions import DeadlineExceeded
from google.cloud import firestore, pubsub_v1
from google.cloud import storage as google_storage

from functions.media import job_store, storage
from functions.media.embedding import Embedding
from functions.media.job import Job
from functions.media.job_store import JobStore, Outcome
from functions.media.model import Kind, Reason, Status, Upload, upload_id
from functions.media.settings import JobSettings
from functions.media.store import COLLECTION
from shared import ids
from shared.content_keys import DerivedKeys
from shared.documents import from_document, to_document
from shared.events import MediaReady
from tests.unit.functions.media import sounds

BUCKETS = ("uploads", "media", "images")
_PULL_TIMEOUT_S = 0.5
SECRET = base64.b64encode(bytes(32)).decode()


class Cloud:
    """What surrounds the job: an owner who uploads, and a catalogue that listens."""

    def __init__(self, project: str) -> None:
        name = ids.random()
        self.storage = google_storage.Client(project=project)
        self.buckets = {kind: f"{kind}-{name}".lower() for kind in BUCKETS}
        for bucket in self.buckets.values():
            self.storage.create_bucket(bucket)
        self.documents = firestore.Client(project=project, database="(default)")
        self.topic = f"projects/{project}/topics/media-ready-{name}"
        self._subscription = f"projects/{project}/subscriptions/media-ready-{name}"
        self._subscriber = pubsub_v1.SubscriberClient()
        with pubsub_v1.PublisherClient() as publisher:
            publisher.create_topic(name=self.topic)
        self._subscriber.create_subscription(name=self._subscription, topic=self.topic)
        self.store = JobStore(self.documents)
        self.job = Job(
            settings=JobSettings(
                google_cloud_project=project,
                log_level="INFO",
                firestore_database="(default)",
                uploads_bucket=self.buckets["uploads"],
                media_bucket=self.buckets["media"],
                images_bucket=self.buckets["images"],
                media_ready_topic=self.topic,
                content_key_secret=SECRET,
                max_duration_s=60,
                upload_id="",
                upload_generation=0,
            ),
            keys=DerivedKeys.from_base64(SECRET),
            store=self.store,
            storage_client=self.storage,
        )

    def upload(self, data: bytes, **details: Any) -> Upload:
        """An upload whose bytes have arrived, as the job finds it."""
        digest = hashlib.sha256(data).hexdigest()
        identity = upload_id(ids.random(), digest)
        now = datetime.datetime.now(datetime.UTC)
        upload = Upload(
            id=identity,
            owner="owner",
            filename="01 - Artist - Song.flac",
            size=len(data),
            sha256=digest,
            kind=Kind.audio,
            status=Status.processing,
            generation=self.put(identity, data),
            created_at=now,
            updated_at=now,
        )
        return self.save(msgspec.structs.replace(upload, **details))

    def put(self, name: str, data: bytes) -> int:
        blob = self.storage.bucket(self.buckets["uploads"]).blob(name)
        blob.upload_from_string(data)
        return int(blob.generation)

    def save(self, upload: Upload) -> Upload:
        self.documents.collection(COLLECTION).document(upload.id).set(to_document(upload))
        return upload

    def run(self, upload: Upload) -> Upload:
        """The upload after the job has run on it."""
        self.job.run(upload.id, upload.generation)
        snapshot = self.documents.collection(COLLECTION).document(upload.id).get()
        return from_document({**(snapshot.to_dict() or {}), "id": upload.id}, Upload)

    def objects(self, kind: str) -> dict[str, Any]:
        return {blob.name: blob for blob in self.storage.list_blobs(self.buckets[kind])}

    def heard(self) -> list[Any]:
        """The messages that the job has published since the last time."""
        heard: list[Any] = []
        while received := self._pull():
            heard += [message.message for message in received]
            self._subscriber.acknowledge(
                subscription=self._subscription, ack_ids=[message.ack_id for message in received]
            )
        return heard

    def _pull(self) -> list[Any]:
        try:
            answer = self._subscriber.pull(
                subscription=self._subscription, max_messages=10, timeout=_PULL_TIMEOUT_S
            )
        except DeadlineExceeded:
            return []
        return list(answer.received_messages)


@pytest.fixture
def cloud(
    project: str, firestore_emulator: str, pubsub_emulator: str, storage_emulator: str
) -> Cloud:
    return Cloud(project)


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sounds.write(tmp_path_factory.mktemp("song") / "a.flac", seconds=1).read_bytes()


def test_a_track_is_made(cloud: Cloud, song: bytes) -> None:
    cover = sounds.picture()
    cloud.put("cover", cover)
    upload = cloud.upload(song, cover_upload_id="cover", group="folder")

    done = cloud.run(upload)

    assert (done.status, done.reason, done.warnings) == (Status.encoded, None, [])
    [message] = cloud.heard()
    event = msgspec.json.decode(message.data, type=MediaReady)
    assert message.attributes["ce-id"] == event.event_id
    assert done.event == msgspec.to_builtins(event)
    assert (event.title, event.artists, event.track_number) == ("Song", ["Artist"], 1)
    assert (event.group, event.samples, event.duration_ms) == ("folder", 44_100, 1000)
    assert event.track_id == done.track_id == ids.derive("track", "owner", upload.sha256)
    assert event.prefix == f"media/{event.track_id}/{upload.generation}"

    media = cloud.objects("media")
    assert {name.removeprefix(event.prefix) for name in media} >= {
        "/master.m3u8", "/manifest.mpd", "/lossy.m3u8", "/lossy.mpd",
        "/aac96.m3u8", "/flac/init.mp4", "/flac/00001.m4s", "/vorbis320.ogg", "/peaks.bin",
        "/fingerprint.txt", "/analysis.json", "/embedding.json",
    }  # fmt: skip
    assert {blob.cache_control for blob in media.values()} == {storage.CACHE_FOREVER}
    assert media[f"{event.prefix}/master.m3u8"].content_type == "application/vnd.apple.mpegurl"
    assert media[f"{event.prefix}/flac/00001.m4s"].content_type == "audio/mp4"
    analysis = media[f"{event.prefix}/analysis.json"]
    assert analysis.content_type == "application/json"
    track = msgspec.json.decode(analysis.download_as_bytes())["track"]
    assert (track["loudness"], track["key"]) == (event.features.loudness, event.features.key)
    assert (event.features.loudness, event.features.key) == (event.integrated_lufs, 9)
    embedding = msgspec.json.decode(
        media[f"{event.prefix}/embedding.json"].download_as_bytes(), type=Embedding
    )
    assert (embedding.version, len(embedding.vector)) == (2, 64)
    assert embedding.network is not None
    assert len(embedding.network.vector) == 200
    assert any(embedding.network.vector)
    newest = max(media.values(), key=lambda blob: blob.generation)
    assert newest.name == f"{event.prefix}/master.m3u8"
    for download in event.downloads:
        assert media[f"{event.prefix}/{download.path}"].size == download.bytes
    assert set(cloud.objects("images")) == {
        f"images/{event.cover_id}/{size}.jpg" for size in (640, 300, 64)
    }


def test_a_second_run_only_repeats_the_event(cloud: Cloud, song: bytes) -> None:
    upload = cloud.upload(song)
    first = cloud.run(upload)
    before = {name: blob.generation for name, blob in cloud.objects("media").items()}

    assert cloud.run(upload) == first

    events = [message.data for message in cloud.heard()]
    assert len(events) == 2
    assert events[0] == events[1]
    assert {name: blob.generation for name, blob in cloud.objects("media").items()} == before


def test_a_run_that_died_before_its_end_is_completed(cloud: Cloud, song: bytes) -> None:
    upload = cloud.upload(song)
    first = cloud.run(upload)
    whole = {name: blob.md5_hash for name, blob in cloud.objects("media").items()}
    for name, blob in cloud.objects("media").items():
        if name.endswith(("master.m3u8", "00001.m4s")):
            blob.delete()
        elif name.endswith("aac96/init.mp4"):
            blob.upload_from_string("of another version")
    cloud.save(upload)

    second = cloud.run(upload)

    assert second.event == first.event
    assert {name: blob.md5_hash for name, blob in cloud.objects("media").items()} == whole


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"size": 5}, "digest_mismatch"),
        ({"sha256": "0" * 64}, "digest_mismatch"),
        ({"generation": 12345}, "missing"),
    ],
)
def test_bytes_that_are_not_those_announced(
    cloud: Cloud, song: bytes, details: dict[str, Any], code: str
) -> None:
    done = cloud.run(cloud.upload(song, **details))
    assert done.status is Status.rejected
    assert done.reason is not None
    assert done.reason.code == code
    assert (cloud.heard(), cloud.objects("media")) == ([], {})


def test_a_rejection_says_why(cloud: Cloud) -> None:
    upload = cloud.upload(b"no music")
    done = cloud.run(upload)
    assert done.reason == Reason("not_audio", "This is not an audio file of a kind that we know")
    assert cloud.run(upload) == done


def test_a_cover_that_never_came_is_a_warning(cloud: Cloud, song: bytes) -> None:
    done = cloud.run(cloud.upload(song, cover_upload_id="never"))
    assert (done.status, done.warnings) == (Status.encoded, ["The cover was not uploaded"])


def test_a_newer_generation_is_left_alone(cloud: Cloud, song: bytes) -> None:
    upload = cloud.upload(song)
    newer = cloud.save(msgspec.structs.replace(upload, generation=upload.generation + 1))
    assert cloud.run(upload) == newer
    assert (cloud.heard(), cloud.objects("media")) == ([], {})


def test_an_upload_that_nobody_knows(cloud: Cloud) -> None:
    cloud.job.run("unknown", 1)
    assert cloud.heard() == []


def test_the_outcome_of_an_older_generation_is_not_written(cloud: Cloud, song: bytes) -> None:
    upload = cloud.upload(song)
    rejection = Outcome(reason=Reason("empty", "The file is empty"))
    assert cloud.store.finish(upload.id, upload.generation - 1, rejection) == upload


def test_somebody_else_writing_between_is_noticed(
    cloud: Cloud, song: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = cloud.upload(song)
    document = cloud.documents.collection(COLLECTION).document(upload.id)
    settled = job_store.is_settled
    interruptions = iter(["execution-1", "execution-2"])

    def interrupted(upload: Upload, generation: int) -> bool:
        if execution := next(interruptions, None):
            document.update({"execution": execution})
        return settled(upload, generation)

    monkeypatch.setattr(job_store, "is_settled", interrupted)
    rejection = Outcome(reason=Reason("empty", "The file is empty"))
    finished = cloud.store.finish(upload.id, upload.generation, rejection)
    assert finished is not None
    assert (finished.status, finished.execution) == (Status.rejected, "execution-2")


def test_objects_are_not_fetched_beyond_the_limit(cloud: Cloud, tmp_path: Path) -> None:
    cloud.put("large", bytes(1000))
    target = tmp_path / "large"
    size = storage.download(cloud.storage, cloud.buckets["uploads"], "large", target, max_bytes=999)
    assert (size, target.exists()) == (1000, False)
