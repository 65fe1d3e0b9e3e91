"""What the model is worth beside the other signals: weights with it and without it, and nDCG.

A choice among candidates is a multinomial logit of their features, as the ranking has it. Half of
the listeners teach the weights, the other half judge them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

RESAMPLES = 1_000
PLACES = 10
_ROUNDS = 30
_CLOSE = 1e-6
# Of what a signal says, so many of the likeliest are hard to choose among.
FIRSTS = 25
# Holds weights near 0 where the choices say nothing; of features of spread 1.
_RIDGE = 1.0


@dataclass(frozen=True)
class Question:
    """A listener's candidates: features (n x k), and which of them were wanted.

    `missed` counts what they wanted that is no candidate.
    """

    user: str
    features: Doubles
    wanted: NDArray[np.bool_]
    missed: int = 0


class Interval(msgspec.Struct, frozen=True):
    """A mean and where it lies with 95% confidence, by bootstrap over listeners."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.4f} [{self.low:.4f}, {self.high:.4f}]"


def hard(question: Question, signals: int) -> Question:
    """Only the candidates that one of so many first features puts among its `FIRSTS`.

    Weights are to order what may come first: from what is far behind they learn something else.
    """
    order = np.argsort(-question.features[:, :signals], axis=0, kind="stable")
    kept = np.unique(order[:FIRSTS])
    wanted = question.wanted[kept]
    missed = question.missed + int(question.wanted.sum() - wanted.sum())
    return Question(question.user, question.features[kept], wanted, missed)


def fit(questions: Sequence[Question]) -> Doubles:
    """The likeliest weights of the features, by Newton's method; 0 where nothing was chosen."""
    chosen = [each for each in questions if each.wanted.any() and not each.wanted.all()]
    size = questions[0].features.shape[1] if questions else 0
    if not chosen:
        return np.zeros(size)
    spread = np.concatenate([each.features for each in chosen]).std(axis=0)
    spread[spread < 1e-9] = 1.0
    of = [(each.features / spread, each.wanted) for each in chosen]
    weights = np.zeros(size)
    for _ in range(_ROUNDS):
        gradient, curvature = -_RIDGE * weights, _RIDGE * np.eye(size)
        for features, wanted in of:
            chances = _softmax(features @ weights)
            expected = chances @ features
            times = int(wanted.sum())
            gradient += features[wanted].sum(axis=0) - times * expected
            centred = features - expected
            curvature += times * (centred.T * chances) @ centred
        step = np.linalg.solve(curvature, gradient)
        longest = float(np.abs(step).max())
        # A longer step may leave the region where the curvature holds.
        weights = weights + step * min(1.0, 2.0 / longest if longest else 1.0)
        if longest < _CLOSE:
            break
    found: Doubles = weights / spread
    return found


def ndcg(questions: Sequence[Question], weights: Doubles) -> Doubles:
    """Of each listener, from 0 to 1, in the first `PLACES`; equals in the order given."""
    return np.array([_ndcg(each, each.features @ weights) for each in questions])


def ndcg_of(questions: Sequence[Question], scores: Sequence[Doubles]) -> Doubles:
    """The same for rankings by any scores."""
    return np.array([_ndcg(each, of) for each, of in zip(questions, scores, strict=True)])


def interval(values: Doubles, *, seed: int = 7) -> Interval:
    if not len(values):
        return Interval(0.0, 0.0, 0.0)
    rng = np.random.default_rng(seed)
    drawn = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))


def _ndcg(question: Question, scores: Doubles) -> float:
    order = np.argsort(-scores, kind="stable")[:PLACES]
    worth = 1 / np.log2(np.arange(PLACES) + 2.0)
    wanted = int(question.wanted.sum()) + question.missed
    ideal = worth[: min(wanted, PLACES)].sum()
    return float((question.wanted[order] * worth[: len(order)]).sum() / ideal) if wanted else 0.0


def _softmax(scores: Doubles) -> Doubles:
    exponents = np.exp(scores - scores.max())
    found: Doubles = exponents / exponents.sum()
    return found
