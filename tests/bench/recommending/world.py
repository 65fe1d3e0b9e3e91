"""A made-up world of listening whose every probability is known.

Taste is a point on a sphere. Genres lie on it, artists around their genre, tracks around their
artist; a listener has a few moods, each a point near some artist. In a session of one mood the
listener takes an artist in proportion to exp(taste · cosine) and popularity, then a track of the
artist likewise. A share of the plays is not taste but the shelf that all are shown, its first
places most. What is near to the mood is heard to its end, what is far is skipped.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Shape:
    """How large a world is and how strong what is in it."""

    users: int = 50_000
    tracks: int = 20_000
    plays: int = 5_000_000
    seed: int = 7
    genres: int = 60
    dimensions: int = 16
    moods: int = 2
    taste_in_artists: float = 14.0
    taste_in_tracks: float = 3.0
    # How far from it, against how far it is from the middle:
    artists_apart: float = 0.3  # from the genre
    tracks_apart: float = 0.3  # from the artist
    moods_apart: float = 0.15  # from the artist that it is near
    days: int = 120
    test_days: int = 12
    new_tracks: float = 0.02  # come out when the test begins
    late_tracks: float = 0.10  # come out in the course of the log
    late_users: float = 0.15  # join in the course of the log
    shelf: int = 50  # places
    shelf_share: float = 0.05  # of the plays
    embedding: int = 32  # dimensions of what audio tells of a track
    embedding_noise: float = 0.5  # against the track's own place

    @property
    def split(self) -> int:
        """The day on which the test begins."""
        return self.days - self.test_days

    @property
    def artists(self) -> int:
        return max(2 * self.genres, self.tracks // 10)

    def without_structure(self) -> "Shape":
        """The same, but nobody likes one thing better than another."""
        return Shape(**{**self.__dict__, "taste_in_artists": 0.0, "taste_in_tracks": 0.0})


@dataclass(frozen=True)
class World:
    """Tracks of an artist lie side by side: artist a has those from `first[a]` to `first[a+1]`."""

    shape: Shape
    artist_genre: Ints
    artist_place: Floats  # artists x dimensions, of length 1
    artist_log_popularity: Floats
    first: Ints  # artists + 1
    track_artist: Ints
    track_place: Floats
    track_log_popularity: Floats  # within the artist
    released: Floats  # day
    embedding: Floats  # tracks x embedding, of length 1
    shelf_tracks: Ints
    shelf_chance: Floats
    mood_place: Floats  # users x moods x dimensions
    mood_before: Floats  # users x moods, chances on day 0
    mood_after: Floats  # from the split on
    joined: Floats  # day

    def moods_on(self, users: Ints, day: Floats) -> Floats:
        """Chances of each mood: they drift until the test begins, and then stay."""
        way = np.clip(day / self.shape.split, 0, 1)[:, None]
        mixed = self.mood_before[users] * (1 - way) + self.mood_after[users] * way
        return mixed.astype(np.float32)

    def artist_chances(self, places: Floats) -> Floats:
        """places (n x dimensions) → n x artists, each row 1 in sum."""
        scores = self.shape.taste_in_artists * (places @ self.artist_place.T)
        return softmax(scores + self.artist_log_popularity)

    def skip_chances(self, cosines: Floats) -> Floats:
        if not self.shape.taste_in_tracks:
            return np.full_like(cosines, 0.3)
        chances: Floats = 1 / (1 + np.exp(4 * cosines - 1.5))
        return chances

    def chances(self, places: Floats) -> Floats:
        """Of each track to be the next play in a mood during the test: n x tracks."""
        cosines = places @ self.track_place.T
        return self._chances(places, cosines)

    def oracle(self, users: Ints) -> Floats:
        """Of each track to be played next in the test and not skipped: users x tracks."""
        total = np.zeros((len(users), self.shape.tracks), np.float32)
        for mood in range(self.shape.moods):
            places = self.mood_place[users, mood]
            cosines = places @ self.track_place.T
            heard = self._chances(places, cosines) * (1 - self.skip_chances(cosines))
            total += self.mood_after[users, mood][:, None] * heard
        return total

    def _chances(self, places: Floats, cosines: Floats) -> Floats:
        # Within an artist exp() needs no shift: the exponents are a few units at most.
        weights = np.exp(self.shape.taste_in_tracks * cosines + self.track_log_popularity)
        sums = np.add.reduceat(weights, self.first[:-1], axis=1)
        by_artist = self.artist_chances(places) / sums
        weights *= by_artist[:, self.track_artist]
        weights *= 1 - self.shape.shelf_share
        weights[:, self.shelf_tracks] += self.shape.shelf_share * self.shelf_chance
        out: Floats = weights
        return out


def softmax(scores: Floats) -> Floats:
    scores = scores - scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def make(shape: Shape) -> World:
    rng = np.random.default_rng(shape.seed)
    genre_place = _unit(_normal(rng, shape.genres, shape.dimensions))
    artist_genre = _zipf(rng, shape.genres, shape.artists, 0.5)
    artist_place = _near(rng, genre_place[artist_genre], shape.artists_apart)
    artist_rank = rng.permutation(shape.artists)
    first = _sizes(rng, shape, artist_rank)
    track_artist = np.repeat(np.arange(shape.artists), np.diff(first))
    track_place = _near(rng, artist_place[track_artist], shape.tracks_apart)
    within = np.arange(shape.tracks) - first[track_artist]
    artist_log = -0.8 * np.log(artist_rank + 5.0)
    track_log = -0.8 * np.log(within + 1.0)
    released = _released(rng, shape, within)
    shelf, chance = _shelf(shape, artist_log[track_artist] + track_log, within)
    turned = track_place @ _normal(rng, shape.dimensions, shape.embedding)
    before, after = (
        rng.dirichlet(np.full(shape.moods, 1.5), shape.users).astype(np.float32) for _ in "ab"
    )
    return World(
        shape=shape,
        artist_genre=artist_genre,
        artist_place=artist_place,
        artist_log_popularity=artist_log.astype(np.float32),
        first=first,
        track_artist=track_artist,
        track_place=track_place,
        track_log_popularity=track_log.astype(np.float32),
        released=released,
        embedding=_near(rng, _unit(turned), shape.embedding_noise),
        shelf_tracks=shelf,
        shelf_chance=chance,
        mood_place=_moods(rng, shape, artist_place, artist_log),
        mood_before=before,
        mood_after=((before + after) / 2).astype(np.float32),
        joined=np.where(
            rng.random(shape.users) < shape.late_users,
            rng.random(shape.users) * (shape.split - 1),
            0,
        ).astype(np.float32),
    )


def _moods(
    rng: np.random.Generator, shape: Shape, artist_place: Floats, artist_log: NDArray[np.float64]
) -> Floats:
    """Near artists, who draw listeners by the root of their popularity."""
    chances = np.exp(artist_log / 2)
    chosen = rng.choice(
        shape.artists, (shape.users, shape.moods), p=chances / chances.sum(), shuffle=False
    )
    return _near(rng, artist_place[chosen], shape.moods_apart)


def _sizes(rng: np.random.Generator, shape: Shape, artist_rank: Ints) -> Ints:
    """Where each artist's tracks begin; the popular have more of them, everybody has one."""
    weights = rng.gamma(2.0, size=shape.artists) / np.sqrt(artist_rank + 10.0)
    more = rng.multinomial(shape.tracks - shape.artists, weights / weights.sum())
    return np.concatenate([[0], np.cumsum(1 + more)]).astype(np.int64)


def _released(rng: np.random.Generator, shape: Shape, within: Ints) -> Floats:
    """An artist's most popular track is out from the first day."""
    draw = rng.random(shape.tracks)
    days = np.zeros(shape.tracks)
    late = draw < shape.new_tracks + shape.late_tracks
    days[late] = rng.random(int(late.sum())) * shape.split
    days[draw < shape.new_tracks] = shape.split
    days[within == 0] = 0
    return days.astype(np.float32)


def _shelf(shape: Shape, log_popularity: NDArray[np.float64], within: Ints) -> tuple[Ints, Floats]:
    out = np.flatnonzero(within == 0)
    best = out[np.argsort(-log_popularity[out], kind="stable")[: shape.shelf]]
    weights = 1 / (1.0 + np.arange(len(best)))
    return best, (weights / weights.sum()).astype(np.float32)


def _zipf(rng: np.random.Generator, kinds: int, count: int, exponent: float) -> Ints:
    weights = (1.0 + np.arange(kinds)) ** -exponent
    return rng.choice(kinds, count, p=weights / weights.sum())


def _normal(rng: np.random.Generator, *size: int) -> Floats:
    return rng.standard_normal(size, dtype=np.float32)


def _unit(places: Floats) -> Floats:
    out: Floats = places / np.linalg.norm(places, axis=-1, keepdims=True)
    return out


def _near(rng: np.random.Generator, places: Floats, noise: float) -> Floats:
    """Points of the sphere around `places`; noise 1 is as long as the way to the place itself."""
    dimensions = places.shape[-1]
    return _unit(places + noise * _normal(rng, *places.shape) / np.float32(dimensions**0.5))
