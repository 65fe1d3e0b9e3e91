import datetime
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from functions.media.erasure import MediaErasure
from functions.media.handlers import MediaEvents
from functions.media.model import Kind, Status, Upload
from shared import ids
from shared.events import CatalogChanged, Change, MediaReady, ObjectFinalised
from tests.unit.functions.media.fakes import (
    FakeJob,
    FakeObjects,
    FakePublisher,
    FakeSessions,
    FakeStore,
    an_upload,
)

UPLOAD = ids.derive("upload", "one")
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
TOPIC = "projects/p/topics/media-ready"
READY = MediaReady(
    event_id="e", upload_id=UPLOAD, track_id=ids.derive("track", "one"), owner="anna",
    generation=5, prefix="media/t/5", title="T", artists=["A"], album="B", album_artists=[],
    compilation=False, group="", disc_number=0, track_number=0, release_date="", genres=[],
    isrc="", upc="", label="", copyright="", explicit=False, cover_id="", duration_ms=1,
    samples=1, sample_rate=44100, channels=2, integrated_lufs=-14.0, true_peak_db=-1.0,
    renditions=[], downloads=[],
)  # fmt: skip


class World:
    """The handlers and everything around them."""

    def __init__(self, *uploads: Upload) -> None:
        self.store = FakeStore(*uploads)
        self.job = FakeJob()
        self.publisher = FakePublisher()
        self.events = MediaEvents(
            store=self.store,  # type: ignore[arg-type]  # the same methods, in memory
            job=self.job,  # type: ignore[arg-type]  # likewise
            publisher=self.publisher,  # type: ignore[arg-type]  # likewise
            erasure=MediaErasure(
                store=self.store,  # type: ignore[arg-type]  # likewise
                objects=FakeObjects(),  # type: ignore[arg-type]  # likewise
                sessions=FakeSessions(),  # type: ignore[arg-type]  # likewise
                publisher=self.publisher,  # type: ignore[arg-type]  # likewise
                topic="projects/p/topics/person-erased-here",
            ),
            media_ready_topic=TOPIC,
            stale_after=datetime.timedelta(minutes=15),
            max_attempts=3,
        )

    async def arrive(self, generation: int) -> None:
        await self.events.uploads_finalised(ObjectFinalised("uploads", UPLOAD, str(generation)))

    def sweep(self) -> Any:
        return TestClient(self.events.app()).post("/tasks/sweep").json()


def listed(generation: int) -> CatalogChanged:
    return CatalogChanged("e", UPLOAD, generation, [Change("track", "t")])


async def test_an_arrival_starts_the_job_once() -> None:
    world = World(an_upload(UPLOAD))

    for _ in range(3):
        await world.arrive(5)

    assert world.job.runs == [(UPLOAD, 5)]
    upload = world.store[UPLOAD]
    assert (upload.status, upload.generation) == (Status.processing, 5)
    assert (upload.execution, upload.attempts) == ("executions/1", 1)


async def test_a_job_that_could_not_be_started_is_started_by_the_next_delivery() -> None:
    world = World(an_upload(UPLOAD))
    world.job.away = True
    with pytest.raises(ConnectionError):
        await world.arrive(5)
    world.job.away = False

    await world.arrive(5)

    assert world.job.runs == [(UPLOAD, 5)]


async def test_an_older_object_is_ignored() -> None:
    world = World(an_upload(UPLOAD, status=Status.ready, generation=6))

    await world.arrive(5)

    assert world.job.runs == []
    assert world.store[UPLOAD].status is Status.ready


@pytest.mark.parametrize("status", [Status.encoded, Status.ready, Status.rejected])
async def test_what_has_ended_is_not_begun_again(status: Status) -> None:
    world = World(an_upload(UPLOAD, status=status, generation=5))

    await world.arrive(5)

    assert world.job.runs == []
    assert world.store[UPLOAD].status is status


async def test_a_newer_object_is_worked_on_anew() -> None:
    world = World(an_upload(UPLOAD, status=Status.rejected, generation=5, attempts=3))

    await world.arrive(6)

    assert world.job.runs == [(UPLOAD, 6)]
    assert world.store[UPLOAD].attempts == 1


async def test_a_cover_is_ready_as_it_is() -> None:
    world = World(an_upload(UPLOAD, kind=Kind.image))

    await world.arrive(5)

    assert world.job.runs == []
    assert world.store[UPLOAD].status is Status.ready


async def test_an_object_that_nobody_asked_for_is_left_alone() -> None:
    world = World()

    await world.arrive(5)

    assert world.job.runs == []


async def test_conflicting_writes_are_tried_again() -> None:
    world = World(an_upload(UPLOAD))
    world.store.conflicts = 2

    await world.arrive(5)

    assert world.store[UPLOAD].status is Status.processing


async def test_an_upload_is_ready_when_the_catalogue_has_it() -> None:
    world = World(an_upload(UPLOAD, status=Status.encoded, generation=5))

    await world.events.catalog_changed(listed(5))

    assert world.store[UPLOAD].status is Status.ready


@pytest.mark.parametrize(
    ("status", "generation"),
    [(Status.encoded, 4), (Status.processing, 5), (Status.rejected, 5), (Status.pending, 5)],
)
async def test_news_of_something_else_changes_nothing(status: Status, generation: int) -> None:
    before = an_upload(UPLOAD, status=status, generation=5)
    world = World(before)

    await world.events.catalog_changed(listed(generation))
    await world.events.catalog_changed(CatalogChanged("e", "", 5, []))

    assert world.store[UPLOAD] == before


def test_a_sweep_runs_a_lost_job_again() -> None:
    world = World(
        an_upload(UPLOAD, status=Status.processing, generation=5, attempts=1, updated_at=LONG_AGO)
    )

    assert world.sweep() == {"taken_up": 1}
    assert world.job.runs == [(UPLOAD, 5)]
    assert world.store[UPLOAD].attempts == 2
    assert world.sweep() == {"taken_up": 0}


def test_a_sweep_gives_up_in_the_end() -> None:
    world = World(
        an_upload(UPLOAD, status=Status.processing, generation=5, attempts=3, updated_at=LONG_AGO)
    )

    world.sweep()

    upload = world.store[UPLOAD]
    assert upload.status is Status.rejected
    assert upload.reason is not None
    assert upload.reason.code == "failed"
    assert world.job.runs == []


def test_a_sweep_tells_the_catalogue_again() -> None:
    event = msgspec.to_builtins(READY)
    world = World(
        an_upload(UPLOAD, status=Status.encoded, generation=5, updated_at=LONG_AGO, event=event)
    )

    world.sweep()

    assert world.publisher.published == [(TOPIC, READY)]
    assert world.store[UPLOAD].status is Status.encoded


def test_a_sweep_leaves_alone_what_moves() -> None:
    recently = datetime.datetime.now(datetime.UTC)
    world = World(
        an_upload(UPLOAD, status=Status.processing, generation=5, updated_at=recently),
        an_upload(ids.derive("upload", "two"), status=Status.pending, updated_at=LONG_AGO),
    )

    assert world.sweep() == {"taken_up": 0}
