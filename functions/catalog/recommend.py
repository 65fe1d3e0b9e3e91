"""`/v1/recommendations`: tracks that go with artists, tracks and genres."""

import math
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.catalog.asked import ids_of, market_of
from functions.catalog.availability import restriction_of
from functions.catalog.browse import category_id, genres_of
from functions.catalog.names import folded
from functions.catalog.popular import ATTRIBUTES, Popular
from functions.catalog.reader import Reader
from functions.catalog.recommender import Pool, Recommender, Seed, Wish
from functions.catalog.shapes import Shapes
from functions.catalog.views import Views
from shared.caching import cacheable_json
from shared.errors import BadRequest
from shared.openapi import Operation, TrackJson
from shared.query import read_query
from shared.web import Api, caller_of

TAG = "Recommendations"
MOST_SEEDS = 5
# Read so many at a time until enough of them may be played.
_CHUNK = 100

_SHARE = Annotated[float, msgspec.Meta(ge=0, le=1)] | None
_TYPES: dict[str, Any] = {
    "duration_ms": Annotated[int, msgspec.Meta(ge=0)] | None,
    "key": Annotated[int, msgspec.Meta(ge=0, le=11)] | None,
    "loudness": float | None,
    "mode": Annotated[int, msgspec.Meta(ge=0, le=1)] | None,
    "popularity": Annotated[int, msgspec.Meta(ge=0, le=100)] | None,
    "tempo": float | None,
    "time_signature": Annotated[int, msgspec.Meta(ge=0, le=11)] | None,
}
_MARKET = Annotated[str, msgspec.Meta(description="ISO 3166-1 alpha-2, or from_token")]
_SEEDS = Annotated[str, msgspec.Meta(description="Up to five in all three, separated by commas")]

# The contract has 45 parameters, three for each attribute.
RecommendationsQuery: Any = msgspec.defstruct(
    "RecommendationsQuery",
    [
        ("limit", Annotated[int, msgspec.Meta(ge=1, le=100)], 20),
        ("market", _MARKET, ""),
        ("seed_artists", _SEEDS, ""),
        ("seed_genres", _SEEDS, ""),
        ("seed_tracks", _SEEDS, ""),
        *(
            (f"{kind}_{name}", _TYPES.get(name, _SHARE), None)
            for name in ATTRIBUTES
            for kind in ("min", "max", "target")
        ),
    ],
    frozen=True,
    module=__name__,
)


class SeedObject(msgspec.Struct, frozen=True, rename="camel"):
    """What there was for a seed: at all, within the limits, and in the market too.

    Where the contract's text says null for a genre, its schema says text: a genre has a category.
    """

    id: str
    type: str
    href: str
    initial_pool_size: int
    after_filtering_size: int
    after_relinking_size: int


class RecommendationsObject(msgspec.Struct, frozen=True):
    seeds: list[SeedObject]
    tracks: list[TrackJson]


class GenreSeeds(msgspec.Struct, frozen=True):
    genres: list[str]


class Recommendations:
    """The routes. Any valid token may read; no scope is asked for."""

    def __init__(
        self,
        *,
        reader: Reader,
        views: Views,
        shapes: Shapes,
        popular: Popular,
        recommender: Recommender,
    ) -> None:
        self._reader = reader
        self._views = views
        self._shapes = shapes
        self._popular = popular
        self._recommender = recommender

    def routes(self, api: Api) -> list[Route]:
        return [
            api.get(
                "/v1/recommendations",
                self.get_recommendations,
                doc=Operation(
                    "Tracks that go with artists, tracks and genres",
                    TAG,
                    RecommendationsObject,
                    query=RecommendationsQuery,
                    errors=(400,),
                ),
            ),
            api.get(
                "/v1/recommendations/available-genre-seeds",
                self.get_genre_seeds,
                doc=Operation("The genres to ask for", TAG, GenreSeeds, errors=()),
            ),
        ]

    async def get_recommendations(self, request: Request) -> Response:
        query = read_query(request, RecommendationsQuery)
        market = market_of(request, query.market)
        seeds = _seeds(query)
        wish = Wish(
            seeds=seeds,
            least=_tuned(query, "min"),
            most=_tuned(query, "max"),
            target=_tuned(query, "target"),
            audience=market.audience,
            now=self._reader.now(),
            # An answer that everybody gets leaves out what nobody may see, and no more.
            listener="" if market.is_public else caller_of(request).subject,
        )
        ranking = await self._recommender.recommend(wish)
        chosen = await self._playable(ranking.tracks, query.limit, wish)
        shown = await self._views.tracks(chosen, market.audience)
        answer = RecommendationsObject(
            seeds=[self._seed(*each) for each in zip(seeds, ranking.pools, strict=True)],
            tracks=[shown[each] for each in chosen if each in shown],
        )
        return cacheable_json(request, answer, public=market.is_public)

    async def get_genre_seeds(self, request: Request) -> Response:
        genres = sorted(genres_of(await self._popular.get()))
        # One with a comma could not be asked for.
        answer = GenreSeeds([genre for genre in genres if "," not in genre])
        return cacheable_json(request, answer, public=True)

    async def _playable(self, ranked: Sequence[str], limit: int, wish: Wish) -> list[str]:
        """The first of the ranked tracks that may be played, by their albums' terms too."""
        found: list[str] = []
        for start in range(0, len(ranked), _CHUNK):
            for track, album in await self._reader.tracks(ranked[start : start + _CHUNK]):
                if restriction_of(track, album, wish.audience, wish.now) is None:
                    found.append(track.id)
            if len(found) >= limit:
                break
        return found[:limit]

    def _seed(self, seed: Seed, pool: Pool) -> SeedObject:
        is_genre = seed.type == "genre"
        path = (
            f"browse/categories/{category_id(seed.id)}" if is_genre else f"{seed.type}s/{seed.id}"
        )
        return SeedObject(
            id=seed.id,
            type=seed.type,
            href=self._shapes.href(path),
            initial_pool_size=pool.initial,
            after_filtering_size=pool.after_filtering,
            after_relinking_size=pool.after_relinking,
        )


def _seeds(query: Any) -> list[Seed]:
    """Raises `BadRequest` for too few or too many, or one that is no id."""
    artists, tracks = (
        ids_of(text, MOST_SEEDS) if text.strip(" ,") else []
        for text in (query.seed_artists, query.seed_tracks)
    )
    genres = [folded(text) for text in query.seed_genres.split(",") if text.strip()]
    given = {"artist": artists, "genre": genres, "track": tracks}
    seeds = list(dict.fromkeys(Seed(type, each) for type in given for each in given[type]))
    if not seeds:
        raise BadRequest("Missing required field: seed_artists, seed_genres or seed_tracks")
    if len(seeds) > MOST_SEEDS:
        raise BadRequest(f"Too many seeds: at most {MOST_SEEDS} in all")
    return seeds


def _tuned(query: Any, kind: str) -> dict[str, float]:
    """By attribute, what `min_…`, `max_…` or `target_…` ask for."""
    asked = {name: getattr(query, f"{kind}_{name}") for name in ATTRIBUTES}
    for name, value in asked.items():
        if value is not None and not math.isfinite(value):
            raise BadRequest(f"Invalid {kind}_{name}: must be a number")
    return {name: float(value) for name, value in asked.items() if value is not None}
