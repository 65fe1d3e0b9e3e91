"""The platform's sequential model, on the bench's data: trained as its job trains it."""

import dataclasses
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from functions.recommendations.training import fitting
from functions.recommendations.training.sequences import Plays, histories, ordered
from functions.recommendations.training.tracks import Tracks
from tests.bench.recommending.data import Data, Part
from tests.bench.recommending.models import Scores
from tests.bench.recommending.world import Floats, Ints

_DAY_S = 86_400.0
# So much of what is learned from, the last of it, says when to stop.
_VALIDATED = 0.05


def plays_of(data: Data) -> Plays:
    """All of them; tracks count from 1."""
    at = data.day.astype(np.float64) * _DAY_S
    return ordered(data.user, data.item + 1, at, at, data.liked)


def tracks_of(data: Data) -> Tracks:
    nothing = np.zeros((1, data.embedding.shape[1]), np.float32)
    return Tracks(
        np.concatenate([nothing, data.embedding]),
        np.concatenate([[0], data.artist + 1]).astype(np.int64),
    )


def trained(
    data: Data,
    plays: Plays,
    settings: fitting.Settings,
    say: Callable[[str], None] = print,
) -> fitting.Fitted:
    """On all of these plays but the last, by which it is stopped."""
    validated = last(plays)
    return fitting.fit(plays, tracks_of(data), settings, validated, say)


def last(plays: Plays) -> NDArray[np.bool_]:
    """The newest of the plays."""
    found: NDArray[np.bool_] = plays.at >= np.quantile(plays.at, 1 - _VALIDATED)
    return found


def scores(data: Data, part: Part, settings: fitting.Settings) -> Scores:
    """As for a session that is to begin: of what is known when `part` begins."""
    every = plays_of(data)
    known = every.where(every.at < data.begins[part] * _DAY_S)
    began = time.perf_counter()
    fitted = trained(data, known, settings)
    print(f"  trained in {time.perf_counter() - began:.0f} s")
    length = settings.shape.length
    track, mark = histories(known, data.users, length=length)

    def found(users: Ints) -> Floats:
        out = np.empty((len(users), data.items), np.float32)
        for rows, each in fitting.in_parts(fitted.network, track[users], mark[users]):
            out[rows] = each[:, 1:].numpy()
        return out

    return found


def settings_of(seed: int, **changed: object) -> fitting.Settings:
    return dataclasses.replace(fitting.Settings(seed=seed), **changed)  # type: ignore[arg-type]
