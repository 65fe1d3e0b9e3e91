"""What listeners are interested in, as the platform's statements say it, for all at once."""

import numpy as np
import scipy.sparse as sp

from functions.recommendations.models import interests as platform
from tests.bench.recommending.world import Floats, Ints


def steps(liked: sp.csr_matrix, popularity: Floats, sounds: Floats) -> Floats:
    """artists x artists: chances of each step, `colistening.steps` weighed.

    `liked` is listeners x artists, `popularity` of each artist, `sounds` artists x dimensions.
    """
    totals = np.asarray(liked.sum(axis=0), np.float32).ravel()
    ways = np.asarray((liked.T @ shares(liked)).todense(), np.float32)
    ways /= np.maximum(totals, 1e-9)[:, None]
    unit = sounds / np.maximum(np.linalg.norm(sounds, axis=1, keepdims=True), 1e-9)
    found: Floats = np.where(ways > 0, ways, 0) ** np.float32(platform.WAY)
    found *= popularity ** np.float32(platform.POPULARITY)
    found *= np.exp(np.float32(platform.SOUND) * (unit @ unit.T))
    found /= np.maximum(found.sum(axis=1, keepdims=True), 1e-12)
    if found.shape[1] > platform.MOST_STEPS:
        least = np.partition(found, -platform.MOST_STEPS, axis=1)[:, -platform.MOST_STEPS]
        found[found < least[:, None]] = 0
    return found


def interests(liked: sp.csr_matrix, steps: Floats) -> sp.csr_matrix:
    """`colistening.interests` of each listener: listeners x artists, each row 1 in sum or empty."""
    found = shares(most(liked, platform.MOST_INTERESTS))
    for row in range(found.shape[0]):
        here = slice(found.indptr[row], found.indptr[row + 1])
        if found.indptr[row] < found.indptr[row + 1]:
            found.data[here] = _interests(found.data[here], found.indices[here], steps)
    return found


def _interests(parts: Floats, artists: Ints, steps: Floats) -> Floats:
    among = steps[np.ix_(artists, artists)].astype(np.float64)
    chances = parts.astype(np.float64)
    for _ in range(platform.ROUNDS):
        chances = chances * (among @ (parts / (chances @ among))) ** platform.HASTE
    to_self = among / among.diagonal()[:, None]
    likeness = np.minimum(1, (to_self * to_self.T) ** platform.LIKENESS)
    weights = chances / chances.sum() + platform.ALIKE * chances / (likeness @ chances)
    found: Floats = (weights / weights.sum()).astype(np.float32)
    return found


def most(of: sp.csr_matrix, count: int) -> sp.csr_matrix:
    """The greatest entries of each row, so many at most; of equals, the first."""
    found = of.copy()
    for row in np.flatnonzero(np.diff(of.indptr) > count):
        here = slice(of.indptr[row], of.indptr[row + 1])
        order = np.argsort(-of.data[here], kind="stable")
        found.data[here][order[count:]] = 0
    found.eliminate_zeros()
    return found


def shares(of: sp.csr_matrix) -> sp.csr_matrix:
    """Each row 1 in sum, or empty."""
    totals = np.maximum(np.asarray(of.sum(axis=1)).ravel(), 1e-9)
    return sp.csr_matrix(sp.diags(1 / totals).astype(np.float32) @ of)
