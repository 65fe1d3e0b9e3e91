"""Puts what was encoded into the catalogue, takes out what is of people who leave; says so."""

import logging

from starlette.applications import Starlette

from functions.catalog import update
from functions.catalog.documents import COLLECTIONS
from functions.catalog.edit_store import FirestoreEdits
from functions.catalog.popularity import FirestorePopularity, PopularityStore
from functions.catalog.retry import until_it_holds
from functions.catalog.settings import EventsSettings
from functions.catalog.store import CatalogueWriter, FirestoreCatalogue
from functions.catalog.tags import track_of
from functions.catalog.telling import Teller
from shared import ids
from shared.errors import BadRequest
from shared.events import (
    CatalogChanged,
    Change,
    MediaReady,
    PersonErased,
    PersonErasedHere,
    PopularityChanged,
)
from shared.messaging import Publisher, on
from shared.telemetry import fields
from shared.web import create_app

_REMOVED_AT_ONCE = 50
_RANKED_AT_ONCE = 300
_SERVICE = "catalog"

log = logging.getLogger(__name__)


def create(settings: EventsSettings) -> Starlette:
    """The event handlers on their real dependencies."""
    store = FirestoreCatalogue(settings.google_cloud_project, settings.firestore_database)
    publisher = Publisher(_SERVICE)
    return CatalogEvents(
        store=store,
        popularity=FirestorePopularity(store),
        teller=Teller(FirestoreEdits(store), publisher, settings.catalog_changed_topic),
        publisher=publisher,
        catalog_changed_topic=settings.catalog_changed_topic,
        person_erased_here_topic=settings.person_erased_here_topic,
    ).app()


class CatalogEvents:
    """Handles events: in any order, any number of times, any number at once."""

    def __init__(
        self,
        *,
        store: CatalogueWriter,
        popularity: PopularityStore,
        teller: Teller,
        publisher: Publisher,
        catalog_changed_topic: str,
        person_erased_here_topic: str,
    ) -> None:
        self._store = store
        self._popularity = popularity
        self._teller = teller
        self._publisher = publisher
        self._catalog_changed_topic = catalog_changed_topic
        self._person_erased_here_topic = person_erased_here_topic

    def app(self) -> Starlette:
        return create_app(
            [
                on("media-ready", MediaReady, self.media_ready),
                on("person-erased", PersonErased, self.person_erased),
                on("popularity-changed", PopularityChanged, self.popularity_changed),
            ]
        )

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
        # Looked at after the write: either the erasure finds this track, or we find the erasure.
        if await self._store.is_erased(event.owner):
            await self._remove_all_of(event.owner)

    async def person_erased(self, event: PersonErased) -> None:
        """Removes the person's tracks, and whatever albums and artists that leaves empty."""
        if not event.user_id or "/" in event.user_id:
            raise BadRequest("Invalid user_id: not an id")
        await self._store.mark_erased(event.user_id)
        await self._remove_all_of(event.user_id)
        event_id = ids.derive("person-erased-here", event.user_id, _SERVICE)
        await self._publisher.publish(
            self._person_erased_here_topic,
            PersonErasedHere(event_id, event.user_id, _SERVICE),
            event_id=event_id,
        )

    async def popularity_changed(self, event: PopularityChanged) -> None:
        """Writes what is newer than what is known, then publishes `catalog-changed`.

        Everything that the event names is published, in case that was lost the first time.
        """
        for item in event.items:
            if item.type not in COLLECTIONS or not ids.is_valid(item.id):
                raise BadRequest(f"Invalid items: {item.type[:20]} {item.id[:30]}")
            if not 0 <= item.popularity <= 100:
                raise BadRequest(f"Invalid items: a popularity of {item.popularity}")
        await self._teller.tell()
        for start in range(0, len(event.items), _RANKED_AT_ONCE):
            await self._rank(event, start)

    async def _rank(self, event: PopularityChanged, start: int) -> None:
        items = event.items[start : start + _RANKED_AT_ONCE]
        known = await until_it_holds(lambda: self._popularity.put(event.computed_at, items))
        if known:
            event_id = ids.derive("catalog-changed", event.event_id, str(start))
            changed = CatalogChanged(event_id, "", 0, known)
            await self._publisher.publish(self._catalog_changed_topic, changed, event_id=event_id)

    async def _remove_all_of(self, owner: str) -> None:
        """What each removal changes is noted with it, so that a crash leaves none untold."""
        while True:
            if changes := await self._store.untold(owner):
                texts = (f"{change.type}:{change.id}" for change in changes)
                event_id = ids.derive("catalog-changed", owner, *texts)
                await self._publisher.publish(
                    self._catalog_changed_topic,
                    CatalogChanged(event_id, "", 0, changes),
                    event_id=event_id,
                )
                await self._store.told(owner, changes)
            track_ids = await self._store.tracks_of(owner, _REMOVED_AT_ONCE)
            if not track_ids:
                return
            for track_id in track_ids:
                await self._remove(track_id)

    async def _remove(self, track_id: str) -> None:
        async def attempt() -> None:
            previous = await self._store.stored_track(track_id)
            if previous is None:
                return
            albums = await self._store.stored_albums([previous.item.album_id])
            known = {album_id: stored.item for album_id, stored in albums.items()}
            planned = update.removal(previous.item, known)
            await self._store.commit(planned, previous, albums, erased_owner=previous.item.owner)
            log.info("removed", extra=fields(track_id=track_id))

        await until_it_holds(attempt)

    async def _write(self, event: MediaReady) -> list[Change] | None:
        """What the event's write changed, now or when it came first; None if it is outdated."""
        track = track_of(event)

        async def attempt() -> list[Change] | None:
            previous = await self._store.stored_track(track.id)
            if previous is not None and previous.item.generation > track.generation:
                return None
            if previous is not None and previous.item.generation == track.generation:
                return previous.item.changes
            before = previous.item if previous else None
            albums = await self._store.stored_albums(update.albums_of(track, before))
            known = {album_id: stored.item for album_id, stored in albums.items()}
            planned = update.plan(track, before, known)
            await self._store.commit(planned, previous, albums)
            log.info("catalogued", extra=fields(track_id=track.id, album_id=track.album_id))
            return planned.changes

        return await until_it_holds(attempt)
