"""Events of the library: what people are called, who leaves, and what was not told yet."""

import logging

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.library.activity import Activity
from functions.library.announce import Announcer
from functions.library.chunks import Chunks
from functions.library.covers import BucketCovers, Covers
from functions.library.erasure import LibraryErasure
from functions.library.items import Items
from functions.library.lists import Lists
from functions.library.model import is_user_id
from functions.library.people import People
from functions.library.playlists import Playlists
from functions.library.settings import EventsSettings
from functions.library.store import Documents
from shared.clock import Clock, utc_now
from shared.errors import BadRequest
from shared.events import PersonErased, ProfileChanged
from shared.firestore import FirestoreDocuments
from shared.messaging import Publisher, on
from shared.telemetry import fields
from shared.web import create_app

log = logging.getLogger(__name__)


def create(settings: EventsSettings) -> Starlette:
    """The event handlers on their real dependencies."""
    return LibraryEvents(
        documents=FirestoreDocuments(settings.google_cloud_project, settings.firestore_database),
        covers=BucketCovers(settings.google_cloud_project, settings.images_bucket),
        publisher=Publisher("library"),
        library_events_topic=settings.library_events_topic,
        playlist_changed_topic=settings.playlist_changed_topic,
        person_erased_here_topic=settings.person_erased_here_topic,
    ).app()


class LibraryEvents:
    """Handles events: in any order, any number of times."""

    def __init__(
        self,
        *,
        documents: Documents,
        covers: Covers,
        publisher: Publisher,
        library_events_topic: str,
        playlist_changed_topic: str,
        person_erased_here_topic: str,
        clock: Clock = utc_now,
    ) -> None:
        chunks = Chunks(documents)
        self._announcer = Announcer(documents, publisher, playlist_changed_topic, covers, clock)
        self._activity = Activity(documents, publisher, library_events_topic, clock)
        self._people = People(documents)
        lists = Lists(documents, chunks)
        self._erasure = LibraryErasure(
            documents=documents,
            lists=lists,
            playlists=Playlists(documents, lists, self._announcer, clock),
            items=Items(documents, chunks, self._announcer, self._activity),
            activity=self._activity,
            people=self._people,
            covers=covers,
            publisher=publisher,
            topic=person_erased_here_topic,
        )

    def app(self) -> Starlette:
        return create_app(
            [
                on("profile-changed", ProfileChanged, self.profile_changed),
                on("person-erased", PersonErased, self.person_erased),
                Route("/tasks/tick", self.tick, methods=["POST"]),
            ]
        )

    async def profile_changed(self, event: ProfileChanged) -> None:
        """Keeps the newest name."""
        if not is_user_id(event.user_id):
            raise BadRequest("Invalid user_id: not an id")
        await self._people.changed(event)

    async def person_erased(self, event: PersonErased) -> None:
        await self._erasure.person_erased(event)

    async def tick(self, _: Request) -> Response:
        """Tells the changes that were made but not told. Doing it twice does no harm."""
        told = await self._announcer.tell_overdue()
        done = await self._activity.tell_overdue()
        if told or done:
            log.info("told", extra=fields(playlists=told, changes=done))
        return Response(status_code=204)
