"""How often tracks are played while they are there: what is new is not held to be unloved."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.recommendations.training.sequences import Floats, Plays
from functions.recommendations.training.tracks import Tracks

_DAY_S = 86_400.0
# Added to the plays of each track, and to the days that it has been there.
_PLAYS, _DAYS = 1.0, 2.0
# An artist whom nobody has played is held to be so popular as others in the mean, times this.
_UNKNOWN = 0.5
_LEAST_THERE = 1e-3


@dataclass(frozen=True)
class Rates:
    """By the number of the track, or of the artist.

    `plays` are those that were not skipped. `there` is the part of all the time, from 0 to 1,
    since somebody first played it, 0 if nobody did. Biases are logarithms of plays a day: `bias`
    of a track against its artist's usual, and 0 of what nobody has played.
    """

    plays: NDArray[np.float64]
    there: NDArray[np.float64]
    bias: Floats
    bias_of_artist: Floats


def rates(plays: Plays, tracks: Tracks) -> Rates:
    size, artists = len(tracks.artist), int(tracks.artist.max()) + 1
    track, at = plays.track[plays.liked], plays.at[plays.liked]
    counts = np.bincount(track, minlength=size).astype(float)
    played = counts > 0
    first = np.full(size, np.inf)
    np.minimum.at(first, track, at)
    begin, end = (float(at.min()), float(at.max())) if len(at) else (0.0, 0.0)
    since = np.where(played, end - np.where(played, first, end), 0.0)
    there = np.where(played, _LEAST_THERE + since / max(1.0, end - begin), 0.0)
    rate = (counts + _PLAYS) / (since / _DAY_S + _DAYS)
    of = tracks.artist[played]
    sums = np.bincount(of, rate[played], artists)
    count = np.bincount(of, minlength=artists)
    mean = float(rate[played].mean()) if played.any() else 1.0
    usual = np.where(count > 0, sums / np.maximum(1, count), _UNKNOWN * mean)
    bias = np.where(played, np.log(rate / usual[tracks.artist]), 0.0)
    return Rates(
        plays=counts,
        there=there,
        bias=bias.astype(np.float32),
        bias_of_artist=np.log(usual).astype(np.float32),
    )
