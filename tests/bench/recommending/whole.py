"""The whole: what the platform ranks by, for all users and items at once.

The same formulas as in the statements of `functions.recommendations.models.signals`, with its
floors and bounds, on matrices; weights are learned from the days before the test.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from functions.recommendations.models import blend, logit, statements
from functions.recommendations.models import interests as mixture
from functions.recommendations.models import signals as platform
from tests.bench.recommending import models
from tests.bench.recommending.data import Asked, Data, Known, Part, asked, hide
from tests.bench.recommending.interests import interests, most, shares, steps
from tests.bench.recommending.metrics import best
from tests.bench.recommending.world import Floats, Ints

# What the signals that are the listener's own put first: easy choices teach little.
_PERSONAL = 4
_CANDIDATES = 25
_OFFERED = 150
_LISTENERS = 1_500
# After all that is a candidate.
_NO_CANDIDATE = np.float32(-1e9)


@dataclass(frozen=True)
class Sources:
    """All that the signals are computed from; similarities are items x items."""

    known: Known
    factors: models.Factors  # of items that were heard
    liked: sp.csr_matrix  # users x items, 1 where liked
    together: sp.csr_matrix
    alike: sp.csr_matrix
    standing: sp.csr_matrix  # items x items: who speaks for each
    artist: Ints
    interests: sp.csr_matrix  # users x artists: chances
    steps: Floats  # artists x artists
    share: Floats  # items
    popularity: Floats  # items: of the artist

    def signals(self, users: Ints) -> list[Floats]:
        """In the order of `blend.NAMES`, each users x items."""
        mine = self.liked[users]
        reached = np.asarray(self.interests[users] @ self.steps, np.float32)
        rows = (len(users), 1)
        return [
            self.factors.user[users] @ (self.standing @ self.factors.item).T,
            np.asarray((mine @ self.together @ self.standing.T).todense(), np.float32),
            np.asarray((mine @ self.alike).todense(), np.float32),
            reached[:, self.artist],
            np.tile(self.share, rows),
            np.tile(self.popularity, rows),
        ]

    def features(self, users: Ints) -> list[Floats]:
        floors = [getattr(blend.FLOORS, name) for name in blend.NAMES]
        return [
            np.log(np.float32(floor) + np.maximum(signal, 0))
            for floor, signal in zip(floors, self.signals(users), strict=True)
        ]

    def scores(self, weights: blend.Weights) -> models.Scores:
        """Of candidates as the platform draws them, what it ranks them by."""

        def found(users: Ints) -> Floats:
            total = np.zeros((len(users), len(self.artist)), np.float32)
            for name, feature in zip(blend.NAMES, self.features(users), strict=True):
                total += np.float32(weights[name]) * feature
            total[~self.candidates(users)] = _NO_CANDIDATE
            return total

        return found

    def candidates(self, users: Ints) -> NDArray[np.bool_]:
        """users x items: what any source puts among its first."""
        mine = self.liked[users]
        learned = hide(self.factors(users), users, self.known)
        found = np.zeros(learned.shape, bool)
        first = best(learned, statements.MOST_CANDIDATES)
        confidence = np.zeros_like(learned)
        values = np.take_along_axis(learned, first, axis=1)
        np.put_along_axis(confidence, first, np.where(np.isfinite(values), values, 0), axis=1)
        heard = self.standing.diagonal() > 0
        spoken = np.asarray((sp.csr_matrix(confidence) @ self.standing.T).todense(), np.float32)
        spoken[:, heard] = 0
        sources = (
            (confidence, statements.MOST_CANDIDATES),
            (spoken, platform.MOST_SPOKEN_FOR),
            (np.asarray((mine @ self.together).todense(), np.float32), platform.MOST_TOGETHER),
            (np.asarray((mine @ self.alike).todense(), np.float32), platform.MOST_ALIKE),
        )
        for scores, count in sources:
            hidden = hide(scores.copy(), users, self.known)
            chosen = best(hidden, count)
            said = np.take_along_axis(hidden, chosen, axis=1) > 0
            np.put_along_axis(found, chosen, said | np.take_along_axis(found, chosen, 1), axis=1)
        return found


def sources(data: Data, known: Known, factors: models.Factors, alike: sp.csr_matrix) -> Sources:
    artists = int(data.artist.max()) + 1
    of = models.matrix(
        np.arange(data.items), data.artist, np.ones(data.items, np.float32), (data.items, artists)
    )
    liked = models.binary(most(known.ratings, platform.MOST_LIKED))
    by_artist = (known.much @ of).tocsr()
    share, popularity = _popular(data, known, artists)
    of_artist = np.zeros(artists, np.float32)
    of_artist[data.artist] = popularity
    ways = steps(
        most(by_artist, mixture.MOST_ARTISTS), of_artist, np.asarray(of.T @ data.embedding)
    )
    return Sources(
        known=known,
        factors=factors,
        liked=liked,
        together=models.together(liked),
        alike=alike,
        standing=_standing(known, alike),
        artist=data.artist,
        interests=interests(by_artist, ways),
        steps=ways,
        share=share,
        popularity=popularity,
    )


def alike(embedding: Floats, most: int = statements.NEIGHBOURS) -> sp.csr_matrix:
    """The nearest of each item by cosine, as VECTOR_SEARCH answers them."""
    items = len(embedding)
    most = min(most, items - 1)
    rows, columns, values = [], [], []
    for at in range(0, items, 1_000):
        cosines = embedding[at : at + 1_000] @ embedding.T
        here = np.arange(len(cosines))
        cosines[here, here + at] = -np.inf
        found = best(cosines, most)
        rows.append(np.repeat(here + at, most))
        columns.append(found.ravel())
        values.append(np.take_along_axis(cosines, found, axis=1).ravel())
    joined = (np.concatenate(rows), np.concatenate(columns), np.concatenate(values))
    return models.matrix(*joined, (items, items))


def learn(data: Data, similar: sp.csr_matrix, *, seed: int = 7) -> blend.Weights:
    """From what listeners chose in the validation's days, by what was known before them."""
    known = data.before(Part.validation)
    factors = models.factorisation(known.ratings, data.artist, models.in_statement())
    made = sources(data, known, factors, similar)
    chosen = asked(known, data.wanted(Part.validation), _LISTENERS, seed=seed)
    choices = _choices(made, known, chosen, np.random.default_rng(seed))
    return dict(zip(blend.NAMES, logit.fit(choices, len(blend.NAMES)), strict=True))


def _choices(
    made: Sources, known: Known, chosen: Asked, rng: np.random.Generator
) -> Sequence[logit.Choice]:
    """Each listener's own, among others that some signal would put forward."""
    found: list[logit.Choice] = []
    row = 0
    for users in chosen.blocks():
        features = [hide(each, users, known) for each in made.features(users)]
        personal = features[:_PERSONAL]
        firsts = np.concatenate([best(each, _CANDIDATES) for each in personal], axis=1)
        table = np.stack(features, axis=-1)
        for i in range(len(users)):
            candidates = np.unique(firsts[i])
            candidates = candidates[np.isfinite(table[i, candidates, 0])]
            wanted = np.intersect1d(chosen.wanted[row], candidates)
            others = np.setdiff1d(candidates, wanted)
            row += 1
            if len(wanted) and len(others):
                drawn = rng.choice(others, min(_OFFERED, len(others)), replace=False)
                offered = table[i, np.concatenate([wanted, drawn])].astype(float).tolist()
                found.append(logit.Choice(offered, range(len(wanted))))
    return found


def _standing(known: Known, alike: sp.csr_matrix) -> sp.csr_matrix:
    """items x items: who speaks for each, itself or those that sound alike."""
    people = np.asarray(models.binary(known.ratings).sum(axis=0)).ravel()
    heard = (people >= platform.KNOWN_LIKES).astype(np.float32)
    near = alike.copy()
    near.data = np.maximum(near.data, 0)
    others = shares(sp.csr_matrix(near @ sp.diags(heard)))
    return sp.csr_matrix(sp.diags(heard) + sp.diags(1 - heard) @ others).astype(np.float32)


def _popular(data: Data, known: Known, artists: int) -> tuple[Floats, Floats]:
    """By likes a day since it came out, so that the new are not held to be unloved."""
    likes = np.asarray(known.much.sum(axis=0)).ravel()
    half_life = platform.HALF_LIFE_DAYS
    days = half_life / math.log(2) * (1 - 0.5 ** (known.days / half_life))
    rate = (likes + 1) / (days + 2) * known.playable
    old = known.playable & (known.days >= platform.KNOWN_DAYS)
    of_old = np.bincount(data.artist, rate * old, artists)
    count = np.bincount(data.artist, old, artists)
    usual = of_old / np.maximum(1, count)
    is_usual = ~old & known.playable & (count[data.artist] > 0)
    rate = np.where(is_usual, usual[data.artist], rate)
    by_artist = np.bincount(data.artist, rate, artists)
    share = rate / np.maximum(by_artist[data.artist], 1e-9)
    popularity = by_artist[data.artist] / by_artist.sum()
    return share.astype(np.float32), popularity.astype(np.float32)
