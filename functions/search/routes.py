"""`/v1/search`: what the catalogue, people and playlists have to a query."""

import asyncio
import datetime
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from functions.search import query as queries
from functions.search.engine import MOST_FOUND, Engine
from functions.search.live import LiveIndex
from functions.search.model import Kind, Stored
from functions.search.objects import BucketObjects
from functions.search.query import Query
from functions.search.settings import ApiSettings
from functions.search.views import FoundPlaylist, FoundUser, Views
from shared.audience import Audience, audience_of
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


class _Hits(NamedTuple):
    """A page of ids and how many there are; of playlists and people what the index keeps, too."""

    ids: list[str]
    total: int
    stored: Sequence[tuple[str, Stored]] = ()
    owners: Mapping[str, str] = MappingProxyType({})


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
        audience = audience_of(caller_of(request))
        if asked.market not in {None, "from_token"}:
            audience = audience._replace(market=str(asked.market))
        hits = await self._hits(types, query, Window(asked.limit, asked.offset))
        pages = await asyncio.gather(*(self._page(type, hits, asked, audience) for type in types))
        # Clients take the pages apart in the order in which they asked for them.
        answer = {f"{type}s": found for type, found in zip(types, pages, strict=True)}
        # Never public: what is new would be hidden for as long as others' answers are kept.
        return cacheable_json(request, answer)

    async def _hits(self, types: Sequence[str], query: Query, window: Window) -> dict[str, _Hits]:
        """By type, those of the page; all of them in one turn of the index."""
        today = self._now().date()
        kinds = [Kind(type) for type in types if type not in _EMPTY]

        def search(engine: Engine) -> dict[str, _Hits]:
            return {kind.value: _hits(engine, kind, query, window, today) for kind in kinds}

        return await self._index.run(search) if kinds else {}

    async def _page(
        self, type: str, hits: Mapping[str, _Hits], asked: SearchQuery, audience: Audience
    ) -> Page[Any]:
        items: list[Any] = []
        total = 0
        if type in hits:
            items, total = await self._items(Kind(type), hits[type], audience), hits[type].total
        kept = {"q": asked.q, "type": type}
        if asked.market:
            kept["market"] = asked.market
        window = Window(asked.limit, asked.offset)
        return page(items, window, total, f"{self._public_url}/v1/search", kept)

    async def _items(self, kind: Kind, hits: _Hits, audience: Audience) -> list[Any]:
        if kind in _FORMS:
            shown = await self._catalogue.describe(_FORMS[kind], hits.ids, audience)
            return [shown[id] for id in hits.ids if id in shown]
        if kind is Kind.user:
            return [self._views.user(id, each) for id, each in hits.stored]
        return [self._views.playlist(id, each, hits.owners) for id, each in hits.stored]


def _types(text: str) -> list[str]:
    types = list(dict.fromkeys(each.strip() for each in text.split(",")))
    if not set(types) <= set(_TYPES):
        raise BadRequest(f"Invalid type: each is one of {', '.join(_TYPES)}")
    return types


def _hits(engine: Engine, kind: Kind, query: Query, window: Window, today: datetime.date) -> _Hits:
    upto = window.offset + window.limit
    found = engine.search(query, kind, today, upto=upto)
    ids = found.ids(window.offset, upto)
    # No estimate goes on after the last page.
    total = found.total if len(found) > upto else len(found)
    if kind in _FORMS:
        return _Hits(ids, total)
    stored = _stored(engine, kind, ids)
    return _Hits(ids, total, stored, _names(engine, [each.owner for _, each in stored]))


def _stored(engine: Engine, kind: Kind, found: Sequence[str]) -> list[tuple[str, Stored]]:
    stored = ((id, engine.stored(kind, id)) for id in found)
    return [(id, each) for id, each in stored if each is not None]


def _names(engine: Engine, people: Sequence[str]) -> dict[str, str]:
    stored = {id: engine.stored(Kind.user, id) for id in dict.fromkeys(people) if id}
    return {id: each.name for id, each in stored.items() if each is not None}
