"""What is compared. A model answers a score for each user and item, the higher the better."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import scipy.sparse as sp

from functions.recommendations.models import signals, statements
from tests.bench.recommending.world import Floats, Ints

Scores = Callable[[Ints], Floats]  # numbers of users → users x items


@dataclass(frozen=True)
class Options:
    """Of a matrix factorisation, by their names in BigQuery."""

    num_factors: int
    wals_alpha: float
    l2_reg: float
    max_iterations: int


def in_statement() -> Options:
    """Those of the statement that the platform sends each night."""
    said = dict(re.findall(r"(\w+)=([\d.]+)", statements.create("dataset", 0)))
    return msgspec.convert(said, Options, strict=False)


@dataclass(frozen=True)
class Factors:
    user: Floats  # users x factors
    item: Floats  # items x factors

    def __call__(self, users: Ints) -> Floats:
        out: Floats = self.user[users] @ self.item.T
        return out


def matrix(user: Ints, item: Ints, weight: Floats, shape: tuple[int, int]) -> sp.csr_matrix:
    """The weights of a pair are added up; pairs without weight are left out."""
    found = sp.csr_matrix((weight, (user, item)), shape=shape, dtype=np.float32)
    found.sum_duplicates()
    found.eliminate_zeros()
    return found


def binary(ratings: sp.csr_matrix) -> sp.csr_matrix:
    found = ratings.copy()
    found.data[:] = 1
    return found


def popularity(ratings: sp.csr_matrix) -> Scores:
    """The floor: the same for everybody."""
    counts = np.asarray(binary(ratings).sum(axis=0), np.float32).ravel()
    return lambda users: np.tile(counts, (len(users), 1))


def item_knn(liked: sp.csr_matrix) -> Scores:
    """By the cosine of who listens to them, the nearest hundred of each item."""
    return through(binary(liked), together(liked))


def together(liked: sp.csr_matrix) -> sp.csr_matrix:
    """items x items: `colistening.nearest`."""
    from implicit.nearest_neighbours import CosineRecommender

    model = CosineRecommender(K=signals.MOST_NEAR + 1)
    model.fit(binary(liked), show_progress=False)
    found = model.similarity.tocsr().astype(np.float32)
    found.setdiag(0)
    found.eliminate_zeros()
    return found


def through(ratings: sp.csr_matrix, similar: sp.csr_matrix) -> Scores:
    """The sum over what a user has, of its weight and how similar it is."""
    return lambda users: np.asarray((ratings[users] @ similar).todense(), np.float32)


def als(
    ratings: sp.csr_matrix,
    *,
    factors: int = 64,
    regularization: float = 0.01,
    iterations: int = 15,
) -> Factors:
    """`implicit` as it comes, but for the number of factors."""
    from implicit.cpu.als import AlternatingLeastSquares

    model: Any = AlternatingLeastSquares(
        factors=factors,
        regularization=regularization,
        iterations=iterations,
        random_state=7,
    )
    model.fit(ratings, show_progress=False)
    return Factors(model.user_factors, model.item_factors)


def factorisation(ratings: sp.csr_matrix, artist: Ints, options: Options) -> Factors:
    """What BigQuery ML makes of the statement: ALS, with a confidence of 1 + alpha · rating.

    `artist` is of each item; of the factors only those of `ratings`' own items are answered.
    """
    confidence = beside_artists(ratings, artist)
    confidence.data = (1 + options.wals_alpha * confidence.data).astype(np.float32)
    found = als(
        confidence,
        factors=options.num_factors,
        regularization=options.l2_reg,
        iterations=options.max_iterations,
    )
    return Factors(found.user, found.item[: ratings.shape[1]])


def beside_artists(ratings: sp.csr_matrix, artist: Ints) -> sp.csr_matrix:
    """users x (items + artists): the artists of several items, as the statement has them."""
    several = np.flatnonzero(np.bincount(artist) > 1)
    items = ratings.shape[1]
    ones = np.ones(items, np.float32)
    of = matrix(np.arange(items), artist, ones, (items, int(artist.max()) + 1))[:, several]
    much = ratings.copy()
    much.data = np.expm1(much.data)
    by_artist = (much @ of).tocsr()
    by_artist.data = np.log1p(by_artist.data)
    return sp.hstack([ratings, by_artist], format="csr", dtype=np.float32)
