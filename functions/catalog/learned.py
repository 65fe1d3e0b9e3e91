"""What the recommendations have learned of who listens to what, before what the catalogue knows.

Where they know nothing, or are not answering, the catalogue's own answer stands.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from functions.catalog.popular import Popular, PopularTracks
from functions.catalog.reader import Reader
from functions.catalog.recommender import Pool, Ranking, Recommender, Seed, Wish, rank_near
from functions.catalog.related import MOST_RELATED, Related
from functions.catalog.shelves import Row
from shared.errors import Unavailable
from shared.protos import recommendations_pb2 as pb
from shared.telemetry import count

# What is not among the popular tracks is read, and all of these may be shown.
_MOST_NEAR = 100
# A radio's first track is worth 1, the one at this place half of it.
_HALF_AS_NEAR = 20
_WITH_RADIO = ("artist", "track")

log = logging.getLogger(__name__)


class Recommendations(Protocol):
    """What is asked of `shared.recommendations_client.RecommendationsClient`."""

    async def radios(
        self, seeds: Sequence[tuple[str, str]], user_id: str = "", *, explicit_filter: bool = False
    ) -> pb.Radios: ...

    async def related_artists(self, artist_id: str) -> list[str]: ...


class RadioFirst:
    """A `Recommender`: tracks of the seeds' radios, and then those that `nearest` finds."""

    def __init__(
        self,
        recommendations: Recommendations,
        *,
        nearest: Recommender,
        popular: Popular,
        reader: Reader,
    ) -> None:
        self._recommendations = recommendations
        self._nearest = nearest
        self._popular = popular
        self._reader = reader

    async def recommend(self, wish: Wish) -> Ranking:
        nearest, heard = await asyncio.gather(self._nearest.recommend(wish), self._radios(wish))
        radios = {Seed(each.seed.type, each.seed.id): each.track_ids for each in heard.radios}
        if not radios and not heard.hidden:
            return nearest
        popular = await self._popular.get()
        near = _worth(radios.values())
        for seed in wish.seeds:
            near.pop(seed.id, None)
        best = sorted(near, key=lambda track: (-near[track], track))[:_MOST_NEAR]
        rows = await self._rows(best, popular)
        learned = rank_near(PopularTracks(list(rows.values())), near, wish)
        hidden = set(heard.hidden)
        others = [each for each in nearest.tracks if not _is_hidden(each, popular, hidden)]
        beyond = {id: row for id, row in rows.items() if id not in popular.place}
        pools = [
            _more(pool, [beyond[each] for each in radios.get(seed, ()) if each in beyond], wish)
            for seed, pool in zip(wish.seeds, nearest.pools, strict=True)
        ]
        return Ranking(list(dict.fromkeys([*learned, *others])), pools)

    async def _radios(self, wish: Wish) -> pb.Radios:
        seeds = [(seed.type, seed.id) for seed in wish.seeds if seed.type in _WITH_RADIO]
        if not seeds and not wish.listener:
            return pb.Radios()
        try:
            return await self._recommendations.radios(
                seeds, wish.listener, explicit_filter=wish.audience.explicit_filter
            )
        except Unavailable as error:
            _warn(error)
            return pb.Radios()

    async def _rows(self, wanted: Sequence[str], popular: PopularTracks) -> dict[str, Row]:
        """Those that can be played, from memory as far as they are there."""
        rows = {each: popular.rows[popular.place[each]] for each in wanted if each in popular.place}
        for track, _ in await self._reader.tracks(each for each in wanted if each not in rows):
            if track.playable:
                rows[track.id] = Row(
                    id=track.id,
                    album_id=track.album_id,
                    artists=track.artists,
                    genres=track.genres,
                    popularity=track.popularity,
                    duration_ms=track.duration_ms,
                    explicit=track.explicit,
                    terms=track.terms,
                    features=track.features,
                )
        return rows


class RelatedByListening:
    """A `Related`: whom the same people listen to, and then those whom the catalogue finds."""

    def __init__(self, recommendations: Recommendations, catalogue: Related) -> None:
        self._recommendations = recommendations
        self._catalogue = catalogue

    async def artists(self, artist_id: str, limit: int = MOST_RELATED) -> list[str]:
        known, learned = await asyncio.gather(
            self._catalogue.artists(artist_id, limit), self._learned(artist_id)
        )
        return list(dict.fromkeys([*learned, *known]))[:limit]

    async def _learned(self, artist_id: str) -> list[str]:
        try:
            return await self._recommendations.related_artists(artist_id)
        except Unavailable as error:
            _warn(error)
            return []


def _worth(radios: Collection[Sequence[str]]) -> dict[str, float]:
    """By track, from 0 to 1: how near it is to all the seeds that have a radio."""
    worth: dict[str, float] = {}
    for radio in radios:
        for place, track in enumerate(radio):
            nearness = 1 / (1 + place / _HALF_AS_NEAR)
            worth[track] = worth.get(track, 0.0) + nearness / len(radios)
    return worth


def _is_hidden(track_id: str, popular: PopularTracks, hidden: Collection[str]) -> bool:
    if f"track:{track_id}" in hidden:
        return True
    artists = popular.rows[popular.place[track_id]].artists if track_id in popular.place else []
    return any(f"artist:{artist.id}" in hidden for artist in artists)


def _more(pool: Pool, rows: Sequence[Row], wish: Wish) -> Pool:
    """With those tracks of a seed's radio that are none of the popular ones."""
    tracks = PopularTracks(rows)
    near: Mapping[str, float] = {row.id: 1.0 for row in rows}
    anywhere = Wish(wish.seeds, wish.least, wish.most, now=wish.now)
    return Pool(
        pool.initial + len(rows),
        pool.after_filtering + len(rank_near(tracks, near, anywhere)),
        pool.after_relinking + len(rank_near(tracks, near, wish)),
    )


def _warn(error: Exception) -> None:
    count("catalog_without_recommendations")
    log.warning("the catalogue recommends by itself", exc_info=error)
