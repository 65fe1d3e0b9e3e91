"""What happens to an upload when its bytes arrive, when the catalogue has it, and when it hangs."""

import datetime
import logging
from collections.abc import Callable

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.media.erasure import MediaErasure
from functions.media.jobs import MediaJob
from functions.media.model import Kind, Reason, Status, Upload
from functions.media.objects import MediaObjects
from functions.media.sessions import UploadSessions
from functions.media.settings import EventsSettings
from functions.media.store import Stored, UploadStore
from shared.clock import utc_now
from shared.errors import Unavailable
from shared.events import CatalogChanged, MediaReady, ObjectFinalised, PersonErased
from shared.messaging import Publisher, on
from shared.telemetry import fields
from shared.web import create_app, json_response

SWEEP_BATCH = 200
_TRIES = 5

log = logging.getLogger(__name__)


def create(settings: EventsSettings) -> Starlette:
    """The event handlers on their real dependencies."""
    store = UploadStore(settings.google_cloud_project, settings.firestore_database)
    publisher = Publisher("media")
    return MediaEvents(
        store=store,
        job=MediaJob(settings.media_job, settings.cloud_run_emulator_host),
        publisher=publisher,
        erasure=MediaErasure(
            store=store,
            objects=MediaObjects(
                settings.google_cloud_project,
                uploads_bucket=settings.uploads_bucket,
                media_bucket=settings.media_bucket,
                images_bucket=settings.images_bucket,
            ),
            sessions=UploadSessions(settings.google_cloud_project, settings.uploads_bucket),
            publisher=publisher,
            topic=settings.person_erased_here_topic,
        ),
        media_ready_topic=settings.media_ready_topic,
        stale_after=datetime.timedelta(seconds=settings.stale_after_s),
        max_attempts=settings.max_attempts,
    ).app()


class MediaEvents:
    """Moves uploads along: pending → processing → encoded → ready, or rejected."""

    def __init__(
        self,
        *,
        store: UploadStore,
        job: MediaJob,
        publisher: Publisher,
        erasure: MediaErasure,
        media_ready_topic: str,
        stale_after: datetime.timedelta,
        max_attempts: int,
    ) -> None:
        self._store = store
        self._job = job
        self._publisher = publisher
        self._erasure = erasure
        self._media_ready_topic = media_ready_topic
        self._stale_after = stale_after
        self._max_attempts = max_attempts

    def app(self) -> Starlette:
        return create_app(
            [
                on("uploads-finalised", ObjectFinalised, self.uploads_finalised),
                on("catalog-changed", CatalogChanged, self.catalog_changed),
                on("person-erased", PersonErased, self._erasure.person_erased),
                Route("/tasks/sweep", self.sweep, methods=["POST"]),
            ]
        )

    async def uploads_finalised(self, event: ObjectFinalised) -> None:
        """Starts the job on a track that has arrived; a cover is ready as it is."""
        generation = int(event.generation)

        def arrived(upload: Upload) -> Upload | None:
            if generation < upload.generation or _is_taken_care_of(upload, generation):
                return None
            status = Status.ready if upload.kind is Kind.image else Status.processing
            return msgspec.structs.replace(
                upload,
                status=status,
                generation=generation,
                execution="",
                attempts=0,
                reason=None,
                warnings=[],
                event=None,
            )

        upload = await self._change(event.name, arrived)
        if upload is not None and upload.status is Status.processing:
            await self._start_job(upload)

    async def catalog_changed(self, event: CatalogChanged) -> None:
        """An upload is ready once the catalogue has its track."""
        if not event.upload_id:
            return

        def listed(upload: Upload) -> Upload | None:
            if upload.status is not Status.encoded or upload.generation != event.generation:
                return None
            return msgspec.structs.replace(upload, status=Status.ready)

        await self._change(event.upload_id, listed)

    async def sweep(self, _: Request) -> Response:
        """Takes up again what hangs: a job that died for good, an event that was lost."""
        stale = await self._store.unfinished_since(utc_now() - self._stale_after, SWEEP_BATCH)
        for stored in stale:
            await self._take_up(stored)
        return json_response({"taken_up": len(stale)})

    async def _take_up(self, stored: Stored) -> None:
        upload = stored.upload
        log.warning("upload hangs", extra=fields(upload_id=upload.id, status=upload.status.value))
        if upload.status is Status.processing and upload.attempts >= self._max_attempts:
            failed = Reason("failed", "The file could not be processed; it may be tried again")
            await self._store.replace(
                stored,
                msgspec.structs.replace(
                    upload, status=Status.rejected, reason=failed, updated_at=utc_now()
                ),
            )
        elif await self._store.replace(
            stored, msgspec.structs.replace(upload, updated_at=utc_now())
        ):
            if upload.status is Status.processing:
                await self._start_job(upload)
            elif upload.event is not None:
                ready = msgspec.convert(upload.event, MediaReady, strict=False)
                await self._publisher.publish(
                    self._media_ready_topic, ready, event_id=ready.event_id
                )

    async def _start_job(self, upload: Upload) -> None:
        """Writes the execution down only when it runs: if we die between, the event comes again."""
        execution = await self._job.run(upload.id, upload.generation)
        log.info("job started", extra=fields(upload_id=upload.id, execution=execution))

        def started(current: Upload) -> Upload | None:
            if current.generation != upload.generation or current.status is not Status.processing:
                return None
            return msgspec.structs.replace(
                current, execution=execution, attempts=current.attempts + 1
            )

        await self._change(upload.id, started)

    async def _change(
        self, upload_id: str, change: Callable[[Upload], Upload | None]
    ) -> Upload | None:
        """Writes what `change` makes of the upload; None if it has nothing to change."""
        for _ in range(_TRIES):
            stored = await self._store.get(upload_id)
            if stored is None:
                log.info("no such upload", extra=fields(upload_id=upload_id))
                return None
            changed = change(stored.upload)
            if changed is None:
                return None
            changed = msgspec.structs.replace(changed, updated_at=utc_now())
            if await self._store.replace(stored, changed):
                return changed
        raise Unavailable("the upload changes too often; the event will come again")


def _is_taken_care_of(upload: Upload, generation: int) -> bool:
    if generation != upload.generation:
        return False
    return upload.status is not Status.processing or upload.execution != ""
