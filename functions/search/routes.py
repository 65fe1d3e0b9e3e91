"""`/v1/search`: what the catalogue, people and playlists have to a query."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from functions.search import query as queries
from functions.search.engine import MOST_FOUND, Engine, Found
from functions.search.live import LiveIndex
from functions.search.model import Kind, Stored
from functions.search.objects import BucketObjects
from functions.search.query import Query
from functions.search.settings import ApiSettings
from functions.search.views import FoundPlaylist, FoundUser, Views
from shared.auth import api_for
from shared.caching import cacheable_json
from shared.catalog_client import CatalogClient, Form
from shared.clock import Clock, utc_now
from shared.errors import BadRequest
from shared.openapi import AlbumJson, ArtistJson, Operation, TrackJson
from shared.paging import Page, Window, page
from shared.query import read_query
from shared.web import Api, caller_of, create_app

_FORMS = {Kind.track: Form.track, Kind.album: Form.album, Kind.artist: Form.artist}
# Types of the contract that this deployment has nothing of.
_EMPTY = ("show", "episode", "audiobook")
_TYPES = (*(kind.value for kind in Kind), *_EMPTY)
_MARKET = r"^([A-Z]{2}|from_token)$"


class SearchQuery(msgspec.Struct, frozen=True):
    """`type` is a comma-separated list; filters and operators of `q` are in docs/search.md."""

    q: Annotated[str, msgspec.Meta(min_length=1)]
    type: Annotated[str, msgspec.Meta(min_length=1)]
    market: Annotated[str, msgspec.Meta(pattern=_MARKET)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 5
    offset: Annotated[int, msgspec.Meta(ge=0, le=MOST_FOUND)] = 0
    include_external: Literal["audio"] | None = None


class SearchAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page for each type that was asked for."""

    tracks: Page[TrackJson] | None = None
    artists: Page[ArtistJson] | None = None
    albums: Page[AlbumJson] | None = None
    playlists: Page[FoundPlaylist] | None = None
    users: Page[FoundUser] | None = None
    shows: Page[msgspec.Raw] | None = None
    episodes: Page[msgspec.Raw] | None = None
    audiobooks: Page[msgspec.Raw] | None = None


_SEARCH = Operation(
    summary="Search for items",
    tag="search",
    answer=SearchAnswer,
    query=SearchQuery,
    errors=(400, 503),
)


def create(settings: ApiSettings) -> Starlette:
    """The API on its real dependencies."""
    objects = BucketObjects(settings.google_cloud_project, settings.search_index_bucket)
    return SearchApi(
        LiveIndex(objects), CatalogClient(settings.catalog_rpc_url), settings.public_url
    ).app(api_for(settings))


class SearchApi:
    """Answers from the index; the catalogue describes its own items."""

    def __init__(
        self, index: LiveIndex, catalogue: CatalogClient, public_url: str, now: Clock = utc_now
    ) -> None:
        self._index = index
        self._catalogue = catalogue
        self._public_url = public_url
        self._views = Views(public_url)
        self._now = now

    def app(self, api: Api) -> Starlette:
        return create_app([api.get("/v1/search", self.search, doc=_SEARCH)], cors=True)

    async def search(self, request: Request) -> Response:
        asked = read_query(request, SearchQuery)
        types = _types(asked.type)
        if not asked.q.strip():
            raise BadRequest("Invalid q: must not be empty")
        if asked.offset + asked.limit > MOST_FOUND:
            raise BadRequest(f"Invalid offset: limit and offset make more than {MOST_FOUND}")
        query = queries.parse(asked.q)
        country = caller_of(request).country
        market = country if asked.market in {None, "from_token"} else str(asked.market)
        pages = await asyncio.gather(*(self._page(type, query, asked, market) for type in types))
        # Clients take the pages apart in the order in which they asked for them.
        answer = {f"{type}s": found for type, found in zip(types, pages, strict=True)}
        # Never public: what is new would be hidden for as long as others' answers are kept.
        return cacheable_json(request, answer)

    async def _page(self, type: str, query: Query, asked: SearchQuery, market: str) -> Page[Any]:
        window = Window(asked.limit, asked.offset)
        items: list[Any] = []
        total = 0
        if type not in _EMPTY:
            kind = Kind(type)
            items, total = await self._items(kind, query, window, market)
        kept = {"q": asked.q, "type": type}
        if asked.market:
            kept["market"] = asked.market
        return page(items, window, total, f"{self._public_url}/v1/search", kept)

    async def _items(
        self, kind: Kind, query: Query, window: Window, market: str
    ) -> tuple[list[Any], int]:
        upto = window.offset + window.limit
        today = self._now().date()
        if kind in _FORMS:
            found = await self._index.run(
                lambda engine: engine.search(query, kind, today, upto=upto)
            )
            wanted = found.ids(window.offset, upto)
            shown = await self._catalogue.describe(_FORMS[kind], wanted, market)
            return [shown[id] for id in wanted if id in shown], _total(found, upto)

        def search(engine: Engine) -> tuple[Found, list[tuple[str, Stored]], dict[str, str]]:
            found = engine.search(query, kind, today, upto=upto)
            stored = _stored(engine, kind, found.ids(window.offset, upto))
            return found, stored, _names(engine, [each.owner for _, each in stored])

        found, stored, owners = await self._index.run(search)
        if kind is Kind.user:
            people = [self._views.user(id, each) for id, each in stored]
            return list(people), _total(found, upto)
        return [self._views.playlist(id, each, owners) for id, each in stored], _total(found, upto)


def _types(text: str) -> list[str]:
    types = list(dict.fromkeys(each.strip() for each in text.split(",")))
    if not set(types) <= set(_TYPES):
        raise BadRequest(f"Invalid type: each is one of {', '.join(_TYPES)}")
    return types


def _total(found: Found, upto: int) -> int:
    """No estimate goes on after the last page."""
    return found.total if len(found) > upto else len(found)


def _stored(engine: Engine, kind: Kind, found: Sequence[str]) -> list[tuple[str, Stored]]:
    stored = ((id, engine.stored(kind, id)) for id in found)
    return [(id, each) for id, each in stored if each is not None]


def _names(engine: Engine, people: Sequence[str]) -> dict[str, str]:
    stored = {id: engine.stored(Kind.user, id) for id in dict.fromkeys(people) if id}
    return {id: each.name for id, each in stored.items() if each is not None}
