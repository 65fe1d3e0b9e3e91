"""Finding one's way without a name: new releases, genres, an artist's best, who goes with whom."""

import re
import unicodedata
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.catalog.asked import id_of, market_of
from functions.catalog.availability import Reason, restriction_of
from functions.catalog.markets import MARKETS
from functions.catalog.objects import Image
from functions.catalog.popular import Popular, PopularTracks
from functions.catalog.reader import Reader
from functions.catalog.related import Related
from functions.catalog.shapes import Shapes
from functions.catalog.shelves import Shelves
from functions.catalog.views import Views
from shared import ids
from shared.caching import cacheable_json
from shared.errors import NotFound
from shared.openapi import AlbumJson, ArtistJson, Operation, TrackJson
from shared.paging import Page, Window, page
from shared.query import read_query
from shared.web import Api

TAG = "Browse"
TOP_TRACKS = 10
# Among so many there are ten that may be played wherever one is, if there are any.
_TOP_CANDIDATES = 50

Limit = Annotated[int, msgspec.Meta(ge=1, le=50)]
# Firestore counts what it skips in 32 bits.
Offset = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Market = Annotated[str, msgspec.Meta(description="ISO 3166-1 alpha-2, or from_token")]
Country = Annotated[str, msgspec.Meta(description="The older name of `market`")]
Locale = Annotated[str, msgspec.Meta(description="Genres are named in English in every locale")]


class NewReleasesQuery(msgspec.Struct, frozen=True):
    limit: Limit = 20
    offset: Offset = 0
    market: Market = ""
    country: Country = ""


class CategoriesQuery(msgspec.Struct, frozen=True):
    limit: Limit = 20
    offset: Offset = 0
    locale: Locale = ""


class CategoryQuery(msgspec.Struct, frozen=True):
    locale: Locale = ""


class TopTracksQuery(msgspec.Struct, frozen=True):
    market: Market = ""
    country: Country = ""


class CategoryObject(msgspec.Struct, frozen=True):
    """A genre. `icons` are a cover of its most popular album that has one."""

    href: str
    icons: list[Image]
    id: str
    name: str


class Categories(msgspec.Struct, frozen=True):
    categories: Page[CategoryObject]


class NewReleases(msgspec.Struct, frozen=True):
    albums: Page[AlbumJson]


class TopTracks(msgspec.Struct, frozen=True):
    tracks: list[TrackJson]


class RelatedArtists(msgspec.Struct, frozen=True):
    artists: list[ArtistJson]


class Markets(msgspec.Struct, frozen=True):
    markets: list[str]


class Browse:
    """The routes. Any valid token may read; no scope is asked for."""

    def __init__(
        self,
        *,
        reader: Reader,
        views: Views,
        shapes: Shapes,
        shelves: Shelves,
        popular: Popular,
        related: Related,
    ) -> None:
        self._reader = reader
        self._views = views
        self._shapes = shapes
        self._shelves = shelves
        self._popular = popular
        self._related = related

    def routes(self, api: Api) -> list[Route]:
        return [
            api.get(
                "/v1/browse/new-releases",
                self.get_new_releases,
                doc=Operation(
                    "New releases", TAG, NewReleases, query=NewReleasesQuery, errors=(400,)
                ),
            ),
            api.get(
                "/v1/browse/categories",
                self.get_categories,
                doc=Operation(
                    "The genres of the catalogue",
                    TAG,
                    Categories,
                    query=CategoriesQuery,
                    errors=(400,),
                ),
            ),
            api.get(
                "/v1/browse/categories/{category_id}",
                self.get_category,
                doc=Operation("One genre", TAG, CategoryObject, query=CategoryQuery),
            ),
            api.get(
                "/v1/artists/{id}/top-tracks",
                self.get_top_tracks,
                doc=Operation("An artist's top tracks", TAG, TopTracks, query=TopTracksQuery),
            ),
            api.get(
                "/v1/artists/{id}/related-artists",
                self.get_related_artists,
                doc=Operation("Artists that go with an artist", TAG, RelatedArtists),
            ),
            api.get(
                "/v1/markets",
                self.get_markets,
                doc=Operation("The markets that there are", TAG, Markets, errors=()),
            ),
        ]

    async def get_new_releases(self, request: Request) -> Response:
        query = read_query(request, NewReleasesQuery)
        market = market_of(request, query.market or query.country)
        window = Window(query.limit, query.offset)
        found, total = await self._shelves.newest_albums(window.limit, window.offset)
        shown = await self._views.albums(found, market.audience)
        items = [shown[each] for each in found if each in shown]
        kept = {"market": market.code} if market.is_named else {}
        url = self._shapes.href("browse/new-releases")
        answer = NewReleases(page(items, window, total, url, kept))
        return cacheable_json(request, answer, public=market.is_public)

    async def get_categories(self, request: Request) -> Response:
        query = read_query(request, CategoriesQuery)
        window = Window(query.limit, query.offset)
        tracks = await self._popular.get()
        genres = genres_of(tracks)
        chosen = genres[window.offset : window.offset + window.limit]
        items = [self._category(tracks, genre) for genre in chosen]
        url = self._shapes.href("browse/categories")
        answer = Categories(page(items, window, len(genres), url))
        return cacheable_json(request, answer, public=True)

    async def get_category(self, request: Request) -> Response:
        read_query(request, CategoryQuery)
        wanted = request.path_params["category_id"]
        tracks = await self._popular.get()
        for genre in tracks.by_genre:
            if category_id(genre) == wanted:
                return cacheable_json(request, self._category(tracks, genre), public=True)
        raise NotFound("Resource not found")

    async def get_top_tracks(self, request: Request) -> Response:
        query = read_query(request, TopTracksQuery)
        market = market_of(request, query.market or query.country)
        artist_id = await self._artist_id(request)
        best = await self._shelves.best_tracks(artist_id, _TOP_CANDIDATES)
        now = self._reader.now()
        restrictions = {
            track.id: restriction_of(track, album, market.audience, now)
            for track, album in await self._reader.tracks(best)
        }
        here = [each for each in restrictions if restrictions[each] is not Reason.market]
        # Stable: what may be played first, and each kind by popularity.
        here.sort(key=lambda each: restrictions[each] is not None)
        shown = await self._views.tracks(here[:TOP_TRACKS], market.audience)
        answer = TopTracks([shown[each] for each in here[:TOP_TRACKS] if each in shown])
        return cacheable_json(request, answer, public=market.is_public)

    async def get_related_artists(self, request: Request) -> Response:
        found = await self._related.artists(await self._artist_id(request))
        shown = await self._views.artists(found)
        answer = RelatedArtists([shown[each] for each in found if each in shown])
        return cacheable_json(request, answer, public=True)

    async def get_markets(self, request: Request) -> Response:
        return cacheable_json(request, Markets(MARKETS), public=True)

    async def _artist_id(self, request: Request) -> str:
        artist_id = id_of(request)
        if not await self._reader.artists([artist_id]):
            raise NotFound("Resource not found")
        return artist_id

    def _category(self, tracks: PopularTracks, genre: str) -> CategoryObject:
        id = category_id(genre)
        covers = (tracks.rows[place].cover_id for place in tracks.by_genre[genre])
        return CategoryObject(
            href=self._shapes.href(f"browse/categories/{id}"),
            icons=self._shapes.images(next((cover for cover in covers if cover), "")),
            id=id,
            name=genre.title(),
        )


def genres_of(tracks: PopularTracks) -> list[str]:
    """Those with the most tracks first."""
    return sorted(tracks.by_genre, key=lambda genre: (-len(tracks.by_genre[genre]), genre))


def category_id(genre: str) -> str:
    """Readable where the genre is written in Latin letters; always the same for the same genre."""
    plain = unicodedata.normalize("NFKD", genre).encode("ascii", "ignore").decode()
    if len(plain) < len(genre):
        return ids.derive("category", genre)
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or ids.derive("category", genre)
