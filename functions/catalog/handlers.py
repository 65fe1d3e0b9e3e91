"""Puts what was encoded into the catalogue, and says so."""

import asyncio
import logging
import random

from starlette.applications import Starlette

from functions.catalog import update
from functions.catalog.settings import EventsSettings
from functions.catalog.store import CatalogueWriter, Conflict, FirestoreCatalogue
from functions.catalog.tags import track_of
from shared import ids
from shared.errors import BadRequest, Unavailable
from shared.events import CatalogChanged, Change, MediaReady
from shared.messaging import Publisher, on
from shared.telemetry import fields
from shared.web import create_app

# Twelve tracks of one album at once settle within these: in each round at least one is written.
_TRIES = 20
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0

log = logging.getLogger(__name__)


def create(settings: EventsSettings) -> Starlette:
    """The event handlers on their real dependencies."""
    return CatalogEvents(
        store=FirestoreCatalogue(settings.google_cloud_project, settings.firestore_database),
        publisher=Publisher("catalog"),
        catalog_changed_topic=settings.catalog_changed_topic,
    ).app()


class CatalogEvents:
    """Handles `media-ready`: in any order, any number of times, any number at once."""

    def __init__(
        self, *, store: CatalogueWriter, publisher: Publisher, catalog_changed_topic: str
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._catalog_changed_topic = catalog_changed_topic

    def app(self) -> Starlette:
        return create_app([on("media-ready", MediaReady, self.media_ready)])

    async def media_ready(self, event: MediaReady) -> None:
        """Writes the track, its album and its artists, then publishes `catalog-changed`.

        An event for a state that is already written only publishes, in case that was lost; one
        for an older state does nothing.
        """
        if not ids.is_valid(event.track_id):
            raise BadRequest("Invalid track_id: not an id")
        changes = await self._write(event)
        if changes is None:
            log.info("outdated", extra=fields(track_id=event.track_id, generation=event.generation))
            return
        event_id = ids.derive("catalog-changed", event.upload_id, str(event.generation))
        await self._publisher.publish(
            self._catalog_changed_topic,
            CatalogChanged(event_id, event.upload_id, event.generation, changes),
            event_id=event_id,
        )

    async def _write(self, event: MediaReady) -> list[Change] | None:
        """What the event's write changed, now or when it came first; None if it is outdated."""
        track = track_of(event)
        for attempt in range(_TRIES):
            previous = await self._store.stored_track(track.id)
            if previous is not None and previous.item.generation > track.generation:
                return None
            if previous is not None and previous.item.generation == track.generation:
                return previous.item.changes
            before = previous.item if previous else None
            albums = await self._store.stored_albums(update.albums_of(track, before))
            known = {album_id: stored.item for album_id, stored in albums.items()}
            planned = update.plan(track, before, known)
            try:
                await self._store.commit(planned, previous, albums)
            except Conflict:
                await asyncio.sleep(_pause(attempt))
            else:
                log.info("catalogued", extra=fields(track_id=track.id, album_id=track.album_id))
                return planned.changes
        raise Unavailable("the album changes too often; the event will come again")


def _pause(attempt: int) -> float:
    """Full jitter, so that those who met once do not meet again."""
    return random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt))  # noqa: S311  # not for secrets
