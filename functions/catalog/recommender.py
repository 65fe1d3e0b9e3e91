"""Which tracks go with some others, by what the catalogue knows of them."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from functions.catalog.popular import ATTRIBUTES, Popular, PopularTracks
from shared.audience import ANYBODY, Audience

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]

# How much what counts; likeness of sound is 1 for the same sound.
_SAME_GENRE = 0.5
_SAME_ARTIST = 0.25
_POPULARITY = 0.1
_TARGETS = 1.0
# At this distance two sounds are half alike.
_HALF_ALIKE = 0.5
# Each further track of an artist is worth this much of the one before.
_MORE_OF_THE_SAME = 0.9
_MOST_RANKED = 300
_MOST_MEMBERS = 200
# What a difference counts against: 1, or the span that music has.
_SPANS = {
    "key": 11.0,
    "loudness": 30.0,
    "tempo": 100.0,
    "time_signature": 4.0,
    "duration_ms": 240_000.0,
    "popularity": 100.0,
}


@dataclass(frozen=True)
class Seed:
    """Something to find the like of. `type`: artist, track or genre."""

    type: str
    id: str


@dataclass(frozen=True)
class Wish:
    """At least one seed. Limits and targets by attribute.

    `listener`: what this person has hidden is left out; "": it is for everybody.
    """

    seeds: Sequence[Seed]
    least: Mapping[str, float] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)
    target: Mapping[str, float] = field(default_factory=dict)
    audience: Audience = ANYBODY
    now: str = ""
    listener: str = ""


@dataclass(frozen=True)
class Pool:
    """How many tracks there are for a seed: at all, within the limits, and playable too."""

    initial: int
    after_filtering: int
    after_relinking: int


@dataclass(frozen=True)
class Ranking:
    """Tracks by id, the best first, and what each seed had to offer, in the seeds' order."""

    tracks: list[str]
    pools: list[Pool]


class Recommender(Protocol):
    """Finds what goes with the seeds. Seeds that it does not know have empty pools."""

    async def recommend(self, wish: Wish) -> Ranking: ...


class NearestInSound:
    """Those of the popular tracks that sound like the seeds, or are of their genres."""

    def __init__(self, popular: Popular) -> None:
        self._popular = popular

    async def recommend(self, wish: Wish) -> Ranking:
        return rank(await self._popular.get(), wish)


def rank(tracks: PopularTracks, wish: Wish) -> Ranking:
    """The ranking among these tracks; the same question has the same answer."""
    import numpy as np

    if not len(tracks):
        return Ranking([], [Pool(0, 0, 0) for _ in wish.seeds])
    fitting = _within(tracks, wish)
    playable = tracks.available(wish.audience, wish.now)
    offered = np.zeros(len(tracks), np.bool_)
    score = np.zeros(len(tracks), np.float32)
    pools = []
    for seed in wish.seeds:
        pool, likeness = _like(tracks, seed)
        offered |= pool
        score += np.where(pool, likeness, 0) / len(wish.seeds)
        fits = pool & fitting
        pools.append(Pool(int(pool.sum()), int(fits.sum()), int((fits & playable).sum())))
    for seed in wish.seeds:
        if seed.type == "track" and seed.id in tracks.place:
            offered[tracks.place[seed.id]] = False
    score += _POPULARITY * tracks.values[:, ATTRIBUTES.index("popularity")] / 100
    score += _TARGETS * _nearness(tracks, wish)
    candidates = np.flatnonzero(offered & fitting & playable)
    if len(candidates) > _MOST_RANKED:
        least = np.partition(score[candidates], -_MOST_RANKED)[-_MOST_RANKED]
        candidates = candidates[score[candidates] >= least]
    order = candidates[np.argsort(-score[candidates], kind="stable")][:_MOST_RANKED]
    return Ranking(_varied(tracks, order.tolist(), score), pools)


def rank_near(tracks: PopularTracks, near: Mapping[str, float], wish: Wish) -> list[str]:
    """Those of the tracks that fit, the best first. `near`: how near each is, from 0 to 1."""
    import numpy as np

    if not len(tracks):
        return []
    score = np.array([near.get(row.id, 0.0) for row in tracks.rows], np.float32)
    score += _POPULARITY * tracks.values[:, ATTRIBUTES.index("popularity")] / 100
    score += _TARGETS * _nearness(tracks, wish)
    candidates = np.flatnonzero(_within(tracks, wish) & tracks.available(wish.audience, wish.now))
    order = candidates[np.argsort(-score[candidates], kind="stable")]
    return _varied(tracks, order.tolist(), score)


def _like(tracks: PopularTracks, seed: Seed) -> "tuple[Mask, Floats]":
    """The tracks that a seed may stand for, and how well each goes with it."""
    import numpy as np

    members, artists, genres = _members(tracks, seed)
    pool, likeness = np.zeros(len(tracks), np.bool_), np.zeros(len(tracks), np.float32)
    if not members:
        return pool, likeness
    for genre in genres:
        likeness[tracks.by_genre[genre]] = _SAME_GENRE
    for artist in artists:
        likeness[tracks.by_artist[artist]] += _SAME_ARTIST
    pool |= likeness > 0
    # So many of them are like all of them.
    distances = tracks.distances(members[:_MOST_MEMBERS])
    if distances is not None:
        closeness = 1 / (1 + (distances / _HALF_ALIKE) ** 2)
        likeness += np.where(tracks.measured, closeness, 0)
        # A genre is its own tracks; what sounds like an artist or a track may be of any genre.
        if seed.type != "genre":
            pool |= tracks.measured
    return pool, likeness


def _members(tracks: PopularTracks, seed: Seed) -> tuple[list[int], list[str], list[str]]:
    """The tracks that the seed is, their artists, and their genres."""
    if seed.type == "genre":
        return tracks.by_genre.get(seed.id, []), [], [seed.id] * (seed.id in tracks.by_genre)
    if seed.type == "artist":
        members = tracks.by_artist.get(seed.id, [])
        artists = [seed.id] if members else []
    else:
        members = [tracks.place[seed.id]] if seed.id in tracks.place else []
        artists = [artist.id for place in members for artist in tracks.rows[place].artists]
    genres = {genre for place in members for genre in tracks.rows[place].genres}
    return members, artists, sorted(genres)


def _within(tracks: PopularTracks, wish: Wish) -> "Mask":
    """What was not measured is within no limits."""
    import numpy as np

    found = np.ones(len(tracks), np.bool_)
    for name, least in wish.least.items():
        found &= tracks.values[:, ATTRIBUTES.index(name)] >= least
    for name, most in wish.most.items():
        found &= tracks.values[:, ATTRIBUTES.index(name)] <= most
    return found


def _nearness(tracks: PopularTracks, wish: Wish) -> "Floats":
    """To the targets, all weighing the same: from 0 to 1."""
    import numpy as np

    found = np.zeros(len(tracks), np.float32)
    for name, target in wish.target.items():
        difference = np.abs(tracks.values[:, ATTRIBUTES.index(name)] - np.float32(target))
        nearness = np.maximum(0, 1 - difference / np.float32(_SPANS.get(name, 1.0)))
        found += np.nan_to_num(nearness) / len(wish.target)
    return found


def _varied(tracks: PopularTracks, order: Sequence[int], score: "Floats") -> list[str]:
    """Best first, an artist's tracks being worth less the more of them came before."""
    heap = [(-float(score[place]), rank, place, 0) for rank, place in enumerate(order)]
    heapq.heapify(heap)
    heard: Counter[str] = Counter()
    found = []
    while heap:
        _, rank_, place, seen = heapq.heappop(heap)
        row = tracks.rows[place]
        first = row.artists[0].id if row.artists else ""
        if heard[first] > seen:
            worth = float(score[place]) * _MORE_OF_THE_SAME ** heard[first]
            heapq.heappush(heap, (-worth, rank_, place, heard[first]))
            continue
        heard[first] += 1
        found.append(row.id)
    return found
