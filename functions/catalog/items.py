"""`/v1/tracks`, `/v1/albums`, `/v1/artists`: reading the catalogue, in the Web API's shapes."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.catalog.albums import groups
from functions.catalog.asked import IdsQuery, MarketQuery, id_of, ids_of, market_of
from functions.catalog.model import Album, AlbumGroup
from functions.catalog.objects import (
    AlbumObject,
    ArtistDiscographyAlbumObject,
    ArtistObject,
    SimplifiedTrackObject,
    TrackObject,
)
from functions.catalog.reader import Reader
from functions.catalog.shapes import Shapes
from functions.catalog.views import Views
from shared.caching import cacheable_json
from shared.errors import BadRequest, NotFound
from shared.openapi import Operation
from shared.paging import Page, Window, page
from shared.query import read_query
from shared.web import Api

MAX_TRACKS = 50
MAX_ALBUMS = 20
MAX_ARTISTS = 50
# Firestore counts what it skips in 32 bits.
_FARTHEST = 1_000_000_000
_TAG = "Catalogue"

Offset = Annotated[int, msgspec.Meta(ge=0, le=_FARTHEST)]


class AlbumTracksQuery(MarketQuery, frozen=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20
    offset: Offset = 0


class ArtistAlbumsQuery(MarketQuery, frozen=True):
    """The contract's pages are of 5 to 10; older clients ask for up to 50."""

    include_groups: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 5
    offset: Offset = 0


class Tracks(msgspec.Struct):
    tracks: list[TrackObject | None]


class Albums(msgspec.Struct):
    albums: list[AlbumObject | None]


class Artists(msgspec.Struct):
    artists: list[ArtistObject | None]


class Items:
    """The routes that read. Any valid token may; no scope is asked for."""

    def __init__(self, reader: Reader, views: Views, shapes: Shapes) -> None:
        self._reader = reader
        self._views = views
        self._shapes = shapes

    def routes(self, api: Api) -> list[Route]:
        return [
            api.get(
                "/v1/tracks",
                self.get_tracks,
                doc=Operation("Several tracks", _TAG, Tracks, query=IdsQuery, errors=(400,)),
            ),
            api.get(
                "/v1/tracks/{id}",
                self.get_track,
                doc=Operation("A track", _TAG, TrackObject, query=MarketQuery),
            ),
            api.get(
                "/v1/albums",
                self.get_albums,
                doc=Operation("Several albums", _TAG, Albums, query=IdsQuery, errors=(400,)),
            ),
            api.get(
                "/v1/albums/{id}",
                self.get_album,
                doc=Operation("An album", _TAG, AlbumObject, query=MarketQuery),
            ),
            api.get(
                "/v1/albums/{id}/tracks",
                self.get_album_tracks,
                doc=Operation(
                    "An album's tracks",
                    _TAG,
                    Page[SimplifiedTrackObject],
                    query=AlbumTracksQuery,
                ),
            ),
            api.get(
                "/v1/artists",
                self.get_artists,
                doc=Operation("Several artists", _TAG, Artists, query=IdsQuery, errors=(400,)),
            ),
            api.get(
                "/v1/artists/{id}",
                self.get_artist,
                doc=Operation("An artist", _TAG, ArtistObject),
            ),
            api.get(
                "/v1/artists/{id}/albums",
                self.get_artist_albums,
                doc=Operation(
                    "An artist's albums, the newest first",
                    _TAG,
                    Page[ArtistDiscographyAlbumObject],
                    query=ArtistAlbumsQuery,
                ),
            ),
        ]

    async def get_track(self, request: Request) -> Response:
        market = market_of(request, read_query(request, MarketQuery).market)
        shown = await self._views.tracks([id_of(request)], market.audience)
        return cacheable_json(request, _only(shown), public=market.is_public)

    async def get_tracks(self, request: Request) -> Response:
        query = read_query(request, IdsQuery)
        market = market_of(request, query.market)
        wanted = ids_of(query.ids, MAX_TRACKS)
        shown = _in_order(wanted, await self._views.tracks(wanted, market.audience))
        return cacheable_json(request, {"tracks": shown}, public=market.is_public)

    async def get_album(self, request: Request) -> Response:
        market = market_of(request, read_query(request, MarketQuery).market)
        shown = await self._views.full_albums([id_of(request)], market.audience)
        return cacheable_json(request, _only(shown), public=market.is_public)

    async def get_albums(self, request: Request) -> Response:
        query = read_query(request, IdsQuery)
        market = market_of(request, query.market)
        wanted = ids_of(query.ids, MAX_ALBUMS)
        shown = _in_order(wanted, await self._views.full_albums(wanted, market.audience))
        return cacheable_json(request, {"albums": shown}, public=market.is_public)

    async def get_album_tracks(self, request: Request) -> Response:
        query = read_query(request, AlbumTracksQuery)
        market = market_of(request, query.market)
        album = await self._album(id_of(request))
        window = Window(query.limit, query.offset)
        chosen = album.tracks[window.offset : window.offset + window.limit]
        instead = await self._reader.relinked(((each, album) for each in chosen), market.code)
        shown = self._shapes.tracks_of(
            album, window, market.audience, self._reader.now(), instead=instead
        )
        return cacheable_json(request, shown, public=market.is_public)

    async def get_artist(self, request: Request) -> Response:
        return cacheable_json(request, _only(await self._views.artists([id_of(request)])))

    async def get_artists(self, request: Request) -> Response:
        wanted = ids_of(read_query(request, IdsQuery).ids, MAX_ARTISTS)
        shown = _in_order(wanted, await self._views.artists(wanted))
        return cacheable_json(request, {"artists": shown})

    async def get_artist_albums(self, request: Request) -> Response:
        query = read_query(request, ArtistAlbumsQuery)
        market = market_of(request, query.market)
        wanted = _groups_of(query.include_groups)
        artist_id = id_of(request)
        if not await self._reader.artists([artist_id]):
            raise NotFound("Resource not found")
        albums, total = await self._reader.albums_of(
            artist_id, wanted, limit=query.limit, offset=query.offset
        )
        now = self._reader.now()
        items = [
            self._shapes.discography_album(album, groups(album)[artist_id], market.audience, now)
            for album in albums
        ]
        kept = {"include_groups": ",".join(wanted)}
        if market.is_named:
            kept["market"] = market.code
        url = self._shapes.href(f"artists/{artist_id}/albums")
        shown = page(items, Window(query.limit, query.offset), total, url, kept)
        return cacheable_json(request, shown, public=market.is_public)

    async def _album(self, album_id: str) -> Album:
        for album in await self._reader.albums([album_id]):
            return album
        raise NotFound("Resource not found")


def _only(shown: Mapping[str, msgspec.Raw]) -> msgspec.Raw:
    for each in shown.values():
        return each
    raise NotFound("Resource not found")


def _in_order(wanted: Sequence[str], shown: Mapping[str, Any]) -> list[Any]:
    """With None for what there is not, as the contract has it."""
    return [shown.get(each) for each in wanted]


def _groups_of(text: str) -> list[AlbumGroup]:
    if not text:
        return list(AlbumGroup)
    try:
        return list(dict.fromkeys(AlbumGroup(each.strip()) for each in text.split(",")))
    except ValueError:
        allowed = ", ".join(group.value for group in AlbumGroup)
        raise BadRequest(f"Invalid include_groups: each is one of {allowed}") from None
