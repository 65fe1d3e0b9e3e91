"""The recommendations' API: mixes, what is thought of them, and radio."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Protocol

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.recommendations.model import Opinion, Radio
from functions.recommendations.opinions import Opinions, is_hidden, remember, user_mixes
from functions.recommendations.reader import MixReader, Own
from functions.recommendations.settings import ApiSettings
from functions.recommendations.store import SEEDS, Documents, checked_user, mixes_path, radio_path
from functions.recommendations.views import FullMix, MixViews, SimplifiedMix
from shared import ids
from shared.audience import ANYBODY, Audience, audience_of
from shared.auth import api_for
from shared.caching import cacheable_json
from shared.catalog_client import CatalogClient, Form
from shared.documents import from_document
from shared.errors import BadRequest, NotFound
from shared.firestore import FirestoreDocuments
from shared.openapi import Operation, TrackJson
from shared.paging import Page, Window, WindowQuery
from shared.query import read_query
from shared.tokens import Caller
from shared.uris import InvalidUri, parse
from shared.web import Api, caller_of, create_app, read_json

if TYPE_CHECKING:
    from shared.protos.catalog_pb2 import Track

TAG = "Mixes"
READ = "user-top-read"


class Catalogue(Protocol):
    """What tracks there are, and what they look like."""

    async def tracks(self, ids: Sequence[str]) -> "Sequence[Track]": ...

    async def artist_tracks(self, artist_id: str, limit: int = 100) -> list[str]: ...

    async def describe(
        self, form: Form, ids: Iterable[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]: ...


class FeedbackKind(str, Enum):
    """Never again, less of it, more of it, or as if nothing had been said."""

    hide = "hide"
    less = "less"
    more = "more"
    undo = "undo"


class FeedbackBody(msgspec.Struct, frozen=True):
    """`uri` of a track or an artist."""

    uri: str
    kind: FeedbackKind


class Feedback(msgspec.Struct, frozen=True):
    """What was said of a track or an artist."""

    uri: str
    kind: Opinion


class AllFeedback(msgspec.Struct, frozen=True):
    """All that is still so, the oldest first."""

    items: list[Feedback]


class RadioQuery(msgspec.Struct, frozen=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


class RadioObject(msgspec.Struct, frozen=True):
    """Tracks that go with `seed`, a URI; a track's radio begins with itself, if it is played."""

    seed: str
    tracks: list[TrackJson]


def create(settings: ApiSettings) -> Starlette:
    """The recommendations' API on its real dependencies."""
    return RecommendationsApi(
        documents=FirestoreDocuments(settings.google_cloud_project, settings.firestore_database),
        catalogue=CatalogClient(settings.catalog_rpc_url),
        views=MixViews(settings.public_url),
    ).app(api_for(settings))


class RecommendationsApi:
    """The routes."""

    def __init__(
        self,
        *,
        documents: Documents,
        catalogue: Catalogue,
        views: MixViews,
        reader: MixReader | None = None,
    ) -> None:
        self._documents = documents
        self._catalogue = catalogue
        self._views = views
        self._reader = reader or MixReader(documents)

    def app(self, api: Api) -> Starlette:
        return create_app(self.routes(api), cors=True)

    def routes(self, api: Api) -> list[Route]:
        return [
            api.get(
                "/v1/me/mixes",
                self.get_mixes,
                scope=READ,
                doc=Operation(
                    "One's mixes", TAG, Page[SimplifiedMix], query=WindowQuery, errors=(400,)
                ),
            ),
            api.get(
                "/v1/me/mixes/{id}",
                self.get_mix,
                scope=READ,
                doc=Operation("A mix with its tracks, and why they are in it", TAG, FullMix),
            ),
            api.get(
                "/v1/me/feedback",
                self.get_feedback,
                scope=READ,
                doc=Operation("What one has said of music", TAG, AllFeedback, errors=()),
            ),
            api.post(
                "/v1/me/feedback",
                self.post_feedback,
                scope=READ,
                doc=Operation(
                    "Hide a track or an artist, or ask for less or more of it",
                    TAG,
                    status=204,
                    body=FeedbackBody,
                    errors=(400, 403, 413),
                ),
            ),
            api.get(
                "/v1/radio/{type}/{id}",
                self.get_radio,
                doc=Operation(
                    "Tracks that go with a track or an artist", TAG, RadioObject, query=RadioQuery
                ),
            ),
        ]

    async def get_mixes(self, request: Request) -> Response:
        query = read_query(request, WindowQuery)
        own = await self._own(request)
        answer = self._views.listed(own.listed(), Window(query.limit, query.offset))
        return _revalidated(request, answer)

    async def get_mix(self, request: Request) -> Response:
        mix_id = _id_of(request)
        found = (await self._own(request)).find(mix_id)
        if found is None:
            raise NotFound("Resource not found")
        described = await self._catalogue.describe(
            Form.track, [each.id for each in found.tracks], audience_of(caller_of(request))
        )
        return _revalidated(request, self._views.full(found, described))

    async def _own(self, request: Request) -> Own:
        caller = caller_of(request)
        return await self._reader.of(caller.subject, audience_of(caller))

    async def get_feedback(self, request: Request) -> Response:
        path = mixes_path(caller_of(request).subject)
        opinions = user_mixes((await self._documents.read([path])).get(path)).opinions
        items = [Feedback(f"spotify:{key}", kind) for key, kind in opinions.items()]
        return _revalidated(request, AllFeedback(items))

    async def post_feedback(self, request: Request) -> Response:
        body = await read_json(request, FeedbackBody)
        try:
            uri = parse(body.uri)
        except InvalidUri as error:
            raise BadRequest(f"Invalid uri: {error}") from error
        if uri.type not in SEEDS:
            raise BadRequest("Invalid uri: neither a track nor an artist")
        opinion = None if body.kind is FeedbackKind.undo else Opinion(body.kind.value)
        user = checked_user(caller_of(request).subject)
        await remember(self._documents, user, uri, opinion)
        return Response(status_code=204)

    async def get_radio(self, request: Request) -> Response:
        query = read_query(request, RadioQuery)
        type, id, caller = request.path_params["type"], _id_of(request), caller_of(request)
        if type not in SEEDS:
            raise NotFound("Resource not found")
        radio, mine = radio_path(type, id), mixes_path(caller.subject)
        stored = await self._documents.read([radio, mine])
        near = await self._near(type, id)
        if radio in stored:
            radioed = from_document(dict(stored[radio].data), Radio).near
            near = [*(each.id for each in radioed), *near]
        tracks = [id, *near] if type == "track" else near
        opinions = user_mixes(stored.get(mine)).opinions
        wanted = await self._wanted(list(dict.fromkeys(tracks)), opinions, caller)
        described = await self._catalogue.describe(
            Form.track, wanted[: query.limit], audience_of(caller)
        )
        answer = RadioObject(f"spotify:{type}:{id}", list(described.values()))
        return _revalidated(request, answer)

    async def _wanted(self, tracks: list[str], opinions: Opinions, caller: Caller) -> list[str]:
        """What tracks are is asked only where that makes a difference."""
        if not opinions and not caller.explicit_filter:
            return tracks
        known = {track.id: track for track in await self._catalogue.tracks(tracks)}
        return [
            each
            for each in tracks
            if each in known
            and not (caller.explicit_filter and known[each].explicit)
            and not is_hidden(each, [artist.id for artist in known[each].artists], opinions)
        ]

    async def _near(self, type: str, id: str) -> list[str]:
        """What the catalogue knows to go with it; raises `NotFound` where it knows nothing."""
        if type == "artist":
            tracks = await self._catalogue.artist_tracks(id)
            if not tracks:
                raise NotFound("Resource not found")
            return tracks
        for track in await self._catalogue.tracks([id]):
            return [
                each
                for artist in list(track.artists)[:2]
                for each in await self._catalogue.artist_tracks(artist.id)
            ]
        raise NotFound("Resource not found")


def _id_of(request: Request) -> str:
    """The id in the path; raises `BadRequest`."""
    id: str = request.path_params["id"]
    if not ids.is_valid(id):
        raise BadRequest("Invalid base62 id")
    return id


def _revalidated(request: Request, value: object) -> Response:
    """As `cacheable_json`, for what its reader may have changed a moment ago."""
    response = cacheable_json(request, value)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
