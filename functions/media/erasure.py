"""`person-erased`: everything that a person has uploaded goes, and what was made of it."""

import logging

from functions.media.model import Kind, Status, Upload
from functions.media.objects import MediaObjects
from functions.media.sessions import UploadSessions
from functions.media.store import Stored, UploadStore
from shared import ids
from shared.errors import BadRequest, Unavailable
from shared.events import PersonErased, PersonErasedHere
from shared.messaging import Publisher
from shared.telemetry import fields

SERVICE = "media"
_AT_ONCE = 100

log = logging.getLogger(__name__)


class MediaErasure:
    """Erases, and confirms once nothing is left. An event that comes again goes on."""

    def __init__(
        self,
        *,
        store: UploadStore,
        objects: MediaObjects,
        sessions: UploadSessions,
        publisher: Publisher,
        topic: str,
    ) -> None:
        self._store = store
        self._objects = objects
        self._sessions = sessions
        self._publisher = publisher
        self._topic = topic

    async def person_erased(self, event: PersonErased) -> None:
        """Raises `Unavailable` while a job is at work on an upload: it would write after us."""
        if not event.user_id or "/" in event.user_id:
            raise BadRequest("Invalid user_id: not an id")
        await self._store.mark_erased(event.user_id)
        at_work = await self._erase_all_of(event.user_id)
        if at_work:
            raise Unavailable(f"{at_work} uploads are being encoded; the event will come again")
        event_id = ids.derive("person-erased-here", event.user_id, SERVICE)
        confirmed = PersonErasedHere(event_id, event.user_id, SERVICE)
        await self._publisher.publish(self._topic, confirmed, event_id=event_id)

    async def _erase_all_of(self, owner: str) -> int:
        """How many uploads had to stay for now."""
        stayed, after = 0, ""
        while True:
            page = await self._store.of_owner(owner, after=after, limit=_AT_ONCE)
            for stored in page:
                stayed += not await self._erase(stored)
            if len(page) < _AT_ONCE:
                return stayed
            after = page[-1].upload.id

    async def _erase(self, stored: Stored) -> bool:
        """False if the upload is being worked on, or has changed since it was read.

        The document goes last: as long as it is there, a crash leaves nothing that nobody finds.
        """
        upload = stored.upload
        if upload.status is Status.processing:
            return False
        if upload.status is Status.pending:
            # Or its bytes would still be taken, after everything else is gone.
            await self._sessions.cancel(upload)
        await self._objects.delete_upload(upload.id)
        if upload.kind is Kind.audio:
            await self._objects.delete_track(ids.derive("track", upload.owner, upload.sha256))
            await self._erase_cover(upload)
        log.info("erased", extra=fields(upload_id=upload.id))
        return await self._store.delete(stored)

    async def _erase_cover(self, upload: Upload) -> None:
        """The same picture is one cover, whoever sends it: others may show it too."""
        cover_id = str((upload.event or {}).get("cover_id", ""))
        if cover_id and not await self._store.shows_cover(cover_id, besides=upload.owner):
            await self._objects.delete_cover(cover_id)
