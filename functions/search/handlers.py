"""Keeps the index up with the catalogue, with people and with playlists."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.search import documents
from functions.search.appender import Appender, Item, Load
from functions.search.compaction import Compaction
from functions.search.model import Document, Kind
from functions.search.objects import BucketObjects
from functions.search.settings import EventsSettings
from shared import ids
from shared.catalog_client import CatalogClient
from shared.errors import BadRequest
from shared.events import (
    CatalogChanged,
    PersonErased,
    PersonErasedHere,
    PlaylistChanged,
    ProfileChanged,
)
from shared.messaging import Publisher, on
from shared.web import create_app, json_response

SERVICE = "search"
# The catalogue's readers hear of a change when we do, and may still answer from before it.
_LOOK_AGAIN_AFTER_S = 2.0


def create(settings: EventsSettings) -> Starlette:
    """The event handlers on their real dependencies."""
    objects = BucketObjects(settings.google_cloud_project, settings.search_index_bucket)
    client = CatalogClient(settings.catalog_rpc_url)
    load = documents.CatalogueReader(client, _now_ms).load
    return SearchEvents(
        appender=Appender(objects, load),
        load=load,
        compaction=Compaction(objects, client),
        publisher=Publisher("search"),
        person_erased_here_topic=settings.person_erased_here_topic,
    ).app()


class SearchEvents:
    """Handles events: in any order, any number of times, any number at once."""

    def __init__(
        self,
        *,
        appender: Appender,
        load: Load,
        compaction: Compaction,
        publisher: Publisher,
        person_erased_here_topic: str,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._appender = appender
        self._load = load
        self._compaction = compaction
        self._publisher = publisher
        self._person_erased_here_topic = person_erased_here_topic
        self._pause = pause

    def app(self) -> Starlette:
        return create_app(
            [
                on("catalog-changed", CatalogChanged, self.catalog_changed),
                on("profile-changed", ProfileChanged, self.profile_changed),
                on("playlist-changed", PlaylistChanged, self.playlist_changed),
                on("person-erased", PersonErased, self.person_erased),
                Route("/tasks/compact", self.compact, methods=["POST"]),
                Route("/tasks/rebuild", self.rebuild, methods=["POST"]),
            ]
        )

    async def catalog_changed(self, event: CatalogChanged) -> None:
        """Reads the items anew: whatever order events come in, the index has what is."""
        items = _items(event)
        if not items:
            return
        written = await self._appender.append(items=items)
        await self._pause(_LOOK_AGAIN_AFTER_S)
        changed = _differences(written, await self._load(items))
        if changed:
            await self._appender.append(items=changed)

    async def profile_changed(self, event: ProfileChanged) -> None:
        _check_user(event.user_id)
        await self._appender.append([documents.of_profile(event)])

    async def playlist_changed(self, event: PlaylistChanged) -> None:
        if not ids.is_valid(event.playlist_id):
            raise BadRequest("Invalid playlist_id: not an id")
        await self._appender.append([documents.of_playlist(event, _now_ms())])

    async def person_erased(self, event: PersonErased) -> None:
        """Nothing of theirs is found any more; the next compaction leaves nothing to be found.

        Their tracks leave as the catalogue takes them out.
        """
        _check_user(event.user_id)
        await self._appender.append([documents.of_erased(event.user_id, _now_ms())])
        event_id = ids.derive("person-erased-here", event.user_id, SERVICE)
        confirmed = PersonErasedHere(event_id, event.user_id, SERVICE)
        await self._publisher.publish(self._person_erased_here_topic, confirmed, event_id=event_id)

    async def compact(self, _: Request) -> Response:
        return json_response({"built": await self._compaction.compact()})

    async def rebuild(self, _: Request) -> Response:
        return json_response({"built": await self._compaction.rebuild()})


def _items(event: CatalogChanged) -> list[Item]:
    """Each once; what is of no type that is searched for is passed over."""
    types = {"track", "album", "artist"}
    return list(
        dict.fromkeys(
            (Kind(change.type), change.id)
            for change in event.changes
            if change.type in types and ids.is_valid(change.id)
        )
    )


def _differences(before: Sequence[Document], after: Sequence[Document]) -> list[Item]:
    known = {(each.kind, each.id): each for each in before}

    def differs(document: Document) -> bool:
        earlier = known.get((document.kind, document.id))
        if earlier is not None and earlier.is_gone and document.is_gone:
            return False
        return earlier != document

    return [(each.kind, each.id) for each in after if differs(each)]


def _check_user(user_id: str) -> None:
    if not user_id or "/" in user_id:
        raise BadRequest("Invalid user_id: not an id")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
