import base64

import msgspec
import pytest
from starlette.testclient import TestClient

from functions.media.erasure import MediaErasure
from functions.media.model import Kind, Status, Upload
from shared import ids
from shared.errors import BadRequest, Unavailable
from shared.events import PersonErased, PersonErasedHere
from shared.messaging import on
from shared.web import create_app
from tests.unit.functions.media.fakes import (
    SHA256,
    FakeObjects,
    FakePublisher,
    FakeSessions,
    FakeStore,
    an_upload,
)

TOPIC = "projects/p/topics/person-erased-here"
ANNA = PersonErased("e", "anna", "2026-01-01T00:00:00+00:00")
ONE, TWO = sorted(ids.derive("upload", name) for name in ("one", "two"))
TRACK = ids.derive("track", "anna", SHA256)


class World:
    def __init__(self, *uploads: Upload) -> None:
        self.store = FakeStore(*uploads)
        self.objects = FakeObjects()
        self.sessions = FakeSessions()
        self.publisher = FakePublisher()
        self.erasure = MediaErasure(
            store=self.store,  # type: ignore[arg-type]  # the same methods, in memory
            objects=self.objects,  # type: ignore[arg-type]  # likewise
            sessions=self.sessions,  # type: ignore[arg-type]  # likewise
            publisher=self.publisher,  # type: ignore[arg-type]  # likewise
            topic=TOPIC,
        )

    async def erase(self) -> None:
        await self.erasure.person_erased(ANNA)


def confirmation() -> tuple[str, PersonErasedHere]:
    event_id = ids.derive("person-erased-here", "anna", "media")
    return TOPIC, PersonErasedHere(event_id, "anna", "media")


@pytest.mark.parametrize("status", [Status.encoded, Status.ready, Status.rejected])
async def test_an_upload_goes_with_all_that_was_made_of_it(status: Status) -> None:
    world = World(an_upload(ONE, status=status, event={"cover_id": "cover"}))

    await world.erase()

    assert len(world.store) == 0
    assert world.objects.deleted == [f"uploads/{ONE}", f"media/{TRACK}", "images/cover"]
    assert world.publisher.published == [confirmation()]
    assert world.sessions.cancelled == []


async def test_nothing_is_taken_any_more_for_an_upload_that_waits() -> None:
    world = World(an_upload(ONE), an_upload(TWO, kind=Kind.image))

    await world.erase()

    assert world.sessions.cancelled == [ONE, TWO]
    assert world.objects.deleted == [f"uploads/{ONE}", f"media/{TRACK}", f"uploads/{TWO}"]


async def test_others_keep_theirs_and_the_cover_that_they_share() -> None:
    shared = {"cover_id": "cover"}
    world = World(
        an_upload(ONE, status=Status.ready, event=dict(shared)),
        an_upload(TWO, owner="ben", status=Status.ready, event=dict(shared)),
    )

    await world.erase()

    assert world.store[TWO].owner == "ben"
    assert len(world.store) == 1
    assert "images/cover" not in world.objects.deleted


async def test_a_job_that_is_at_work_is_waited_for() -> None:
    world = World(an_upload(ONE, status=Status.processing), an_upload(TWO, status=Status.ready))

    with pytest.raises(Unavailable):
        await world.erase()

    assert [stored.upload.id for stored in await world.store.of_owner("anna", limit=9)] == [ONE]
    assert world.publisher.published == []
    [stored] = await world.store.of_owner("anna", limit=1)
    ready = msgspec.structs.replace(stored.upload, status=Status.encoded)
    await world.store.replace(stored, ready)
    await world.erase()
    assert len(world.store) == 0
    assert world.publisher.published == [confirmation()]


async def test_an_upload_that_changes_meanwhile_is_left_for_the_next_time() -> None:
    world = World(an_upload(ONE, status=Status.ready))
    world.store.conflicts = 1

    with pytest.raises(Unavailable):
        await world.erase()
    await world.erase()

    assert len(world.store) == 0


async def test_more_than_a_page_of_them() -> None:
    uploads = [an_upload(ids.derive("upload", str(n)), status=Status.ready) for n in range(250)]
    world = World(*uploads)

    await world.erase()

    assert len(world.store) == 0


async def test_who_has_nothing_is_confirmed_too() -> None:
    world = World()

    await world.erase()
    await world.erase()

    assert world.publisher.published == [confirmation()] * 2
    assert world.store.erased == {"anna"}


@pytest.mark.parametrize("user_id", ["", "../uploads/x"])
async def test_an_id_that_is_none_is_refused(user_id: str) -> None:
    with pytest.raises(BadRequest):
        await World().erasure.person_erased(PersonErased("e", user_id, ""))


def test_it_comes_as_an_event() -> None:
    world = World(an_upload(ONE, status=Status.ready))
    client = TestClient(
        create_app([on("person-erased", PersonErased, world.erasure.person_erased)])
    )

    data = base64.b64encode(msgspec.json.encode(ANNA)).decode()
    answer = client.post("/events/person-erased", json={"message": {"data": data}})

    assert answer.status_code == 204
    assert len(world.store) == 0
