"""The platform's deep model, on the bench's data: trained as its job trains it."""

import time
from dataclasses import dataclass

import numpy as np

from functions.recommendations.training import fitting
from functions.recommendations.training.histories import Histories
from functions.recommendations.training.network import Network
from functions.recommendations.training.sequences import Plays, ordered
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


@dataclass(frozen=True)
class Trained:
    """A model of what is known when a part begins, and that."""

    network: Network
    plays: Plays
    settings: fitting.Settings


def trained(data: Data, part: Part, settings: fitting.Settings) -> Trained:
    """On all plays before the part but the last of them, by which it is stopped."""
    every = plays_of(data)
    plays = every.where(every.at < data.begins[part] * _DAY_S)
    last = plays.at >= np.quantile(plays.at, 1 - _VALIDATED)
    began = time.process_time()
    fitted = fitting.fit(plays, tracks_of(data), settings, last, print)
    print(f"  {len(plays):,} plays learned from in {fitted.seconds:.0f} s, "
          f"{time.process_time() - began:.0f} s of CPU")  # fmt: skip
    return Trained(fitted.network, plays, settings)


def scores(data: Data, model: Trained) -> Scores:
    """What the platform asks: once, with what each listener played last."""
    histories = Histories(model.plays, length=model.settings.shape.length)

    def found(users: Ints) -> Floats:
        out = np.empty((len(users), data.items), np.float32)
        for rows, each in fitting.in_parts(model.network, *histories.last(users)):
            out[rows] = each[:, 1:].numpy()
        return out

    return found
