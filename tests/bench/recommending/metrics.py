"""How good lists of recommendations are: every item is ranked, none is sampled.

`ranked`: users x k item numbers, the best first. `wanted`: for each user the items that turned
out to be wanted. A user who wants nothing has no part in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.bench.recommending.world import Floats, Ints

Doubles = NDArray[np.float64]
RESAMPLES = 1_000


@dataclass(frozen=True)
class Interval:
    """A figure and where it lies with 95% confidence, by bootstrap over users."""

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        value, low, high = (
            format(each, spec or ".4f") for each in (self.value, self.low, self.high)
        )
        return f"{value} [{low}, {high}]"


def best(scores: Floats, k: int) -> Ints:
    """The k best of each row, the best first; of equals, the first. `-inf` never comes first."""
    k = min(k, scores.shape[1])
    found = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    found.sort(axis=1)
    order = np.argsort(-np.take_along_axis(scores, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)


def hits(ranked: Ints, wanted: Sequence[Ints]) -> NDArray[np.bool_]:
    """users x k: whether the item is wanted."""
    rows = [np.isin(items, chosen) for items, chosen in zip(ranked, wanted, strict=True)]
    return np.array(rows, bool).reshape(ranked.shape)


def ndcg(hit: NDArray[np.bool_], wanted: Sequence[Ints], k: int = 10) -> Doubles:
    """For each user, from 0 to 1."""
    worth = 1 / np.log2(np.arange(k) + 2.0)
    ideal = np.cumsum(worth)[np.minimum([len(items) for items in wanted], k) - 1]
    out: Doubles = (hit[:, :k] * worth[: hit.shape[1]]).sum(axis=1) / ideal
    return out


def recall(hit: NDArray[np.bool_], wanted: Sequence[Ints], k: int = 50) -> Doubles:
    """For each user, of what can be found in k places, the share that is."""
    most = np.minimum([len(items) for items in wanted], k)
    out: Doubles = hit[:, :k].sum(axis=1) / most
    return out


def coverage(ranked: Ints, items: int, k: int = 10) -> float:
    """The share of all items that somebody is recommended."""
    return len(np.unique(ranked[:, :k])) / items


def novelty(ranked: Ints, listeners: Ints, users: int, k: int = 10) -> float:
    """Mean of -log2 of the share of users who knew the item; one more than knew it, of all."""
    share = (listeners + 1) / (users + 1)
    return float(-np.log2(share[ranked[:, :k]]).mean())


def interval(figure: Callable[[Ints], float], users: int, *, seed: int = 7) -> Interval:
    """`figure` takes the numbers of the users that it is of, some of them several times."""
    rng = np.random.default_rng(seed)
    drawn = [figure(rng.integers(users, size=users)) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(figure(np.arange(users)), float(low), float(high))


def mean(values: Doubles) -> Interval:
    return interval(lambda rows: float(values[rows].mean()), len(values))


def ahead(values: Doubles, other: Doubles) -> Interval:
    """By how much, of the same users."""
    return mean(values - other)


def way(values: Doubles, floor: Doubles, ceiling: Doubles) -> Interval:
    """How far from the floor to the ceiling: 0 at the one, 1 at the other."""

    def figure(rows: Ints) -> float:
        low, high = floor[rows].mean(), ceiling[rows].mean()
        return float((values[rows].mean() - low) / (high - low)) if high != low else float("nan")

    return interval(figure, len(values))
