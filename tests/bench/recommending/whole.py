"""The whole: what the platform's models say of a track, blended with weights that are learned
from the days before the test. The same formulas as in `functions.recommendations.models`, for
all users and items at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tests.bench.recommending import blend, models
from tests.bench.recommending.data import Asked, Data, Known, Part, asked, hide
from tests.bench.recommending.metrics import best
from tests.bench.recommending.world import Floats, Ints

NEIGHBOURS = 50
# What the signals that are the listener's own put first: easy choices teach little.
_PERSONAL = 4
_CANDIDATES = 50
_OFFERED = 150
_LISTENERS = 1_500
# A track that came out less than so many days ago is as popular as its artist's others.
_KNOWN_DAYS = 4
# Of a track with fewer likes the models of listening say nothing: its neighbours stand in.
_KNOWN_LIKES = 3


@dataclass(frozen=True)
class Sources:
    """All that the signals are computed from; similarities are items x items."""

    factors: models.Factors
    liked: sp.csr_matrix  # users x items, 1 where liked
    together: sp.csr_matrix
    alike: sp.csr_matrix
    artist: Ints
    of_artists: sp.csr_matrix  # users x artists: share in what they like
    steps: Floats  # artists x artists
    share: Floats  # items
    popularity: Floats  # items: of the artist

    def signals(self, users: Ints) -> list[Floats]:
        """In the order of `blend.NAMES`, each users x items."""
        mine = self.liked[users]
        reached = np.asarray(self.of_artists[users] @ self.steps, np.float32)
        rows = (len(users), 1)
        return [
            self.factors(users),
            np.asarray((mine @ self.together).todense(), np.float32),
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
        def found(users: Ints) -> Floats:
            each = zip(weights.values, self.features(users), strict=True)
            total = np.zeros((len(users), len(self.artist)), np.float32)
            for weight, feature in each:
                total += np.float32(weight) * feature
            return total

        return found


def sources(data: Data, known: Known, factors: models.Factors, alike: sp.csr_matrix) -> Sources:
    artists = int(data.artist.max()) + 1
    of = models.matrix(
        np.arange(data.items), data.artist, np.ones(data.items, np.float32), (data.items, artists)
    )
    by_artist = (known.liked @ of).tocsr()
    share, popularity = _popular(data, known, artists)
    standing = _standing(known, alike)
    return Sources(
        factors=models.Factors(factors.user, standing @ factors.item),
        liked=models.binary(known.liked),
        together=(models.together(known.liked) @ standing.T).tocsr(),
        alike=alike,
        artist=data.artist,
        of_artists=_shares(by_artist),
        steps=steps(by_artist),
        share=share,
        popularity=popularity,
    )


def steps(liked: sp.csr_matrix) -> Floats:
    """items x items: `colistening.steps`, dense."""
    totals = np.asarray(liked.sum(axis=0), np.float32).ravel()
    found = np.asarray((liked.T @ _shares(liked)).todense(), np.float32)
    found /= np.maximum(totals, 1e-9)[:, None]
    return found


def alike(embedding: Floats, most: int = NEIGHBOURS) -> sp.csr_matrix:
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
    made = sources(data, known, models.factorisation(known.ratings, models.TUNED), similar)
    chosen = asked(known, data.wanted(Part.validation), _LISTENERS, seed=seed)
    return blend.fit(_choices(made, known, chosen, np.random.default_rng(seed)))


def _choices(
    made: Sources, known: Known, chosen: Asked, rng: np.random.Generator
) -> Sequence[blend.Choice]:
    """Each listener's own, among others that some signal would put forward."""
    found: list[blend.Choice] = []
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
                found.append(blend.Choice(offered, range(len(wanted))))
    return found


def _standing(known: Known, alike: sp.csr_matrix) -> sp.csr_matrix:
    """items x items: who speaks for each, itself or those that sound alike."""
    likes = np.asarray(known.liked.sum(axis=0)).ravel()
    heard = (likes >= _KNOWN_LIKES).astype(np.float32)
    others = _shares(sp.csr_matrix(alike @ sp.diags(heard)))
    return sp.csr_matrix(sp.diags(heard) + sp.diags(1 - heard) @ others).astype(np.float32)


def _popular(data: Data, known: Known, artists: int) -> tuple[Floats, Floats]:
    """By likes a day since it came out, so that the new are not held to be unloved."""
    likes = np.asarray(known.liked.sum(axis=0)).ravel()
    rate = (likes + 1) / (known.days + 2) * known.playable
    old = known.playable & (known.days >= _KNOWN_DAYS)
    of_old = np.bincount(data.artist, rate * old, artists)
    usual = of_old / np.maximum(1, np.bincount(data.artist, old, artists))
    rate = np.where(old, rate, usual[data.artist] * known.playable)
    by_artist = np.bincount(data.artist, rate, artists)
    share = rate / np.maximum(by_artist[data.artist], 1e-9)
    popularity = by_artist[data.artist] / by_artist.sum()
    return share.astype(np.float32), popularity.astype(np.float32)


def _shares(of: sp.csr_matrix) -> sp.csr_matrix:
    """Each row 1 in sum, or empty."""
    totals = np.maximum(np.asarray(of.sum(axis=1)).ravel(), 1e-9)
    return sp.csr_matrix(sp.diags(1 / totals).astype(np.float32) @ of)
