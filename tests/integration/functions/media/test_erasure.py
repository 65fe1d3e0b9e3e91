"""Erasure on Google's Firestore emulator and a real object store."""

import secrets

import msgspec
import pytest
from google.cloud.storage import Client

from functions.media.erasure import MediaErasure
from functions.media.model import Kind, Status
from functions.media.objects import MediaObjects
from functions.media.sessions import UploadSessions
from functions.media.store import UploadStore
from shared import ids
from shared.events import PersonErased
from tests.unit.functions.media.fakes import SHA256, FakePublisher, an_upload

ANNA = PersonErased("e", "anna", "")
MINE = ids.derive("upload", "anna")
THEIRS = ids.derive("upload", "ben")
BUCKETS = ("uploads", "media", "images")


@pytest.fixture
def buckets(storage_emulator: str, project: str) -> dict[str, str]:
    """The three buckets, by their use, in a world of their own."""
    client = Client(project=project)
    names = {use: f"{use}-{secrets.token_hex(4)}" for use in BUCKETS}
    for name in names.values():
        client.create_bucket(name)
    return names


@pytest.fixture
def store(firestore_emulator: str, project: str) -> UploadStore:
    return UploadStore(project, f"test-{secrets.token_hex(4)}")


def erasure(
    store: UploadStore, buckets: dict[str, str], project: str, publisher: FakePublisher
) -> MediaErasure:
    return MediaErasure(
        store=store,
        objects=MediaObjects(
            project,
            uploads_bucket=buckets["uploads"],
            media_bucket=buckets["media"],
            images_bucket=buckets["images"],
        ),
        sessions=UploadSessions(project, buckets["uploads"]),
        publisher=publisher,  # type: ignore[arg-type]  # the same method, in memory
        topic="t",
    )


def names_in(project: str, bucket: str) -> list[str]:
    return sorted(blob.name for blob in Client(project=project).list_blobs(bucket))


async def test_only_what_is_others_is_left(
    store: UploadStore, buckets: dict[str, str], project: str
) -> None:
    client = Client(project=project)
    for owner, upload_id in (("anna", MINE), ("ben", THEIRS)):
        track = ids.derive("track", owner, SHA256)
        for use, name in (
            ("uploads", upload_id),
            ("media", f"media/{track}/1/master.m3u8"),
            ("media", f"media/{track}/2/flac/00001.m4s"),
            ("images", f"images/cover-of-{owner}/64.jpg"),
        ):
            client.bucket(buckets[use]).blob(name).upload_from_string(b"x")
        event: dict[str, object] = {"cover_id": f"cover-of-{owner}"}
        await store.create(an_upload(upload_id, owner=owner, status=Status.ready, event=event))
    publisher = FakePublisher()
    for _ in range(2):
        await erasure(store, buckets, project, publisher).person_erased(ANNA)
    assert await store.get(MINE) is None
    assert await store.get(THEIRS) is not None
    track = ids.derive("track", "ben", SHA256)
    assert names_in(project, buckets["uploads"]) == [THEIRS]
    assert names_in(project, buckets["media"]) == [
        f"media/{track}/1/master.m3u8",
        f"media/{track}/2/flac/00001.m4s",
    ]
    assert names_in(project, buckets["images"]) == ["images/cover-of-ben/64.jpg"]
    assert len(publisher.published) == 2
    assert await store.is_erased("anna")
    assert not await store.is_erased("ben")


async def test_a_cover_that_others_show_stays(store: UploadStore) -> None:
    for owner, upload_id in (("anna", MINE), ("ben", THEIRS)):
        await store.create(an_upload(upload_id, owner=owner, event={"cover_id": "one"}))
    assert await store.shows_cover("one", besides="anna")
    assert not await store.shows_cover("other", besides="anna")


async def test_an_open_session_is_closed(
    store: UploadStore, buckets: dict[str, str], project: str
) -> None:
    sessions = UploadSessions(project, buckets["uploads"])
    upload = an_upload(MINE, kind=Kind.image)
    url = await sessions.open(upload, None)
    await store.create(msgspec.structs.replace(upload, session_url=url))
    await erasure(store, buckets, project, FakePublisher()).person_erased(ANNA)
    assert await store.get(MINE) is None


async def test_uploads_are_listed_in_pages(store: UploadStore) -> None:
    names = sorted(ids.derive("upload", str(number)) for number in range(5))
    for name in names:
        await store.create(an_upload(name))
    first = await store.of_owner("anna", limit=3)
    rest = await store.of_owner("anna", after=first[-1].upload.id, limit=3)
    assert [stored.upload.id for stored in [*first, *rest]] == names
    assert await store.of_owner("ben", limit=3) == []
