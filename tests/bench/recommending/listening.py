"""The log of plays that listeners of a made-up world leave behind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.bench.recommending.world import Floats, Ints, World

_USERS_AT_A_TIME = 1_000
_PLAYS_AT_A_TIME = 100_000
_PLAYS_OF_SESSION = 10
_MINUTES = 3.5
# Hours of a day in proportion to which sessions begin.
_HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 7, 8, 7, 6, 6, 7, 7, 6, 6, 7, 8, 9, 9, 8, 7, 5, 3])
_OWN = -1


@dataclass(frozen=True)
class Log:
    """One entry a play, in the order of users, sessions and time."""

    user: Ints
    track: Ints
    session: Ints
    mood: Ints  # which of the user's: hidden from every model
    day: Floats  # since the log began
    position: Ints  # on the shelf, -1: the listener's own choice
    completed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.user)

    def where(self, chosen: NDArray[np.bool_]) -> "Log":
        return Log(**{name: values[chosen] for name, values in self.__dict__.items()})


def listen(world: World) -> Log:
    """About `shape.plays` plays; the same seed makes the same log."""
    rng = np.random.default_rng([world.shape.seed, 1])
    user, begins, mood, length = _sessions(world, rng)
    session = np.repeat(np.arange(len(user)), length)
    nth = np.arange(len(session)) - np.repeat(np.cumsum(length) - length, length)
    day = begins[session] + nth * (_MINUTES / 1440)
    user, mood = user[session], mood[session]
    track, position = _tracks(world, rng, user, mood, day)
    cosine = np.empty(len(user), np.float32)
    for at in range(0, len(user), _PLAYS_AT_A_TIME):
        here = slice(at, at + _PLAYS_AT_A_TIME)
        cosine[here] = _dot(
            world.mood_place[user[here], mood[here]], world.track_place[track[here]]
        )
    completed = rng.random(len(user)) >= world.skip_chances(cosine)
    return Log(user, track, session, mood, day.astype(np.float32), position, completed)


def _sessions(world: World, rng: np.random.Generator) -> tuple[Ints, Floats, Ints, Ints]:
    """User, beginning, mood and length of each; nobody plays before joining."""
    shape = world.shape
    activity = rng.lognormal(0, 0.8, shape.users) * (1 - world.joined / shape.days)
    expected = activity * (shape.plays / _PLAYS_OF_SESSION / activity.sum())
    count = np.maximum(1, rng.poisson(expected))
    user = np.repeat(np.arange(shape.users), count)
    day = np.floor(world.joined[user] + rng.random(len(user)) * (shape.days - world.joined[user]))
    hour = rng.choice(24, len(user), p=_HOURS / _HOURS.sum()) + rng.random(len(user))
    # A session of the first day may begin before the hour of joining: that hour is not known.
    begins = np.minimum(day, shape.days - 1) + hour / 24
    order = np.lexsort((begins, user))
    sorted_begins: Floats = begins[order].astype(np.float32)
    chances = np.cumsum(world.moods_on(user, sorted_begins), axis=1)
    mood = (rng.random(len(user))[:, None] > chances[:, :-1]).sum(axis=1)
    length = rng.geometric(1 / _PLAYS_OF_SESSION, len(user))
    return user, sorted_begins, mood, length


def _tracks(
    world: World, rng: np.random.Generator, user: Ints, mood: Ints, day: Floats
) -> tuple[Ints, Ints]:
    track = np.empty(len(user), np.int64)
    position = np.full(len(user), _OWN)
    shelf = rng.random(len(user)) < world.shape.shelf_share
    shown = rng.choice(len(world.shelf_tracks), int(shelf.sum()), p=_exact(world.shelf_chance))
    position[shelf] = shown
    track[shelf] = world.shelf_tracks[shown]
    for first_user in range(0, world.shape.users, _USERS_AT_A_TIME):
        low, high = np.searchsorted(user, [first_user, first_user + _USERS_AT_A_TIME])
        own = low + np.flatnonzero(~shelf[low:high])
        artist = _artists(world, rng, user[own] - first_user, mood[own], first_user)
        for at in range(0, len(own), _PLAYS_AT_A_TIME):
            here = own[at : at + _PLAYS_AT_A_TIME]
            places = world.mood_place[user[here], mood[here]]
            of = artist[at : at + _PLAYS_AT_A_TIME]
            track[here] = _of_artists(world, rng, places, of, day[here])
    return track, position


def _artists(
    world: World, rng: np.random.Generator, user: Ints, mood: Ints, first_user: int
) -> Ints:
    """Draws from each play's own row of chances; `user` counts from `first_user`."""
    places = world.mood_place[first_user : first_user + _USERS_AT_A_TIME]
    flat = places.reshape(-1, places.shape[-1])
    totals = np.cumsum(world.artist_chances(flat), axis=1, dtype=np.float64)
    totals /= totals[:, -1:]
    rows = user * world.shape.moods + mood
    # Rows are laid end to end, the n-th from n to n + 1, so that one search serves all.
    ends = (totals + np.arange(len(flat))[:, None]).ravel()
    found = np.searchsorted(ends, rows + rng.random(len(rows)), side="right")
    return np.minimum(found - rows * world.shape.artists, world.shape.artists - 1)


def _of_artists(
    world: World, rng: np.random.Generator, places: Floats, artist: Ints, day: Floats
) -> Ints:
    """A released track of each play's artist, by the greatest of Gumbel draws."""
    sizes = np.diff(world.first)[artist]
    begins = np.cumsum(sizes) - sizes
    play = np.repeat(np.arange(len(artist)), sizes)
    track = np.arange(len(play)) - begins[play] + world.first[artist][play]
    score = world.shape.taste_in_tracks * _dot(places[play], world.track_place[track])
    score += world.track_log_popularity[track] + rng.gumbel(size=len(play))
    score[world.released[track] > day[play]] = -np.inf
    best = np.maximum.reduceat(score, begins)
    hits = np.flatnonzero(score == best[play])
    out = np.empty(len(artist), np.int64)
    out[play[hits]] = track[hits]
    return out


def _dot(left: Floats, right: Floats) -> Floats:
    out: Floats = np.einsum("nd,nd->n", left, right)
    return out


def _exact(chances: Floats) -> NDArray[np.float64]:
    wide: NDArray[np.float64] = chances.astype(np.float64)
    wide /= wide.sum()
    return wide
