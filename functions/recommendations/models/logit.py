"""The weights of a multinomial logit, from what was chosen among what was offered."""

import math
from collections.abc import Sequence

import msgspec

_ROUNDS = 25
_CLOSE = 1e-4
# Holds weights near 0 where the choices say nothing.
_RIDGE = 1.0

Features = Sequence[float]


class Choice(msgspec.Struct, frozen=True):
    """The features of what could be chosen, and the places of those that were."""

    offered: Sequence[Features]
    chosen: Sequence[int]


def fit(choices: Sequence[Choice], size: int) -> tuple[float, ...]:
    """The likeliest weight of each of so many features, by Newton's method; 0 without choices."""
    scales = _scales(choices, size)
    scaled = [
        Choice([[v / s for v, s in zip(row, scales, strict=True)] for row in each.offered],
               each.chosen)
        for each in choices
    ]  # fmt: skip
    weights = [0.0] * size
    for _ in range(_ROUNDS):
        gradient, curvature = _derivatives(scaled, weights)
        step = _solved(curvature, gradient)
        longest = max(abs(each) for each in step)
        # A longer step may leave the region where the curvature holds.
        shorter = min(1.0, 2.0 / longest) if longest else 1.0
        weights = [old + shorter * new for old, new in zip(weights, step, strict=True)]
        if longest < _CLOSE:
            break
    return tuple(weight / s for weight, s in zip(weights, scales, strict=True))


def _scales(choices: Sequence[Choice], size: int) -> list[float]:
    """Standard deviation of each feature, 1 of those that never differ."""
    rows = [row for each in choices for row in each.offered]
    scales = []
    for feature in range(size):
        values = [row[feature] for row in rows]
        middle = math.fsum(values) / len(values) if values else 0.0
        spread = math.fsum((value - middle) ** 2 for value in values) / max(1, len(values))
        scales.append(math.sqrt(spread) if spread > 1e-12 else 1.0)
    return scales


def _derivatives(
    choices: Sequence[Choice], weights: Sequence[float]
) -> tuple[list[float], list[list[float]]]:
    """Of the log-likelihood: its gradient, and minus its matrix of second derivatives."""
    size = len(weights)
    axes = range(size)
    gradient = [-_RIDGE * weight for weight in weights]
    curvature = [[_RIDGE if i == j else 0.0 for j in axes] for i in axes]
    for each in choices:
        chances = _chances(each.offered, weights)
        columns = list(zip(*each.offered, strict=True))
        weighed = [[p * v for p, v in zip(chances, column, strict=True)] for column in columns]
        expected = [sum(column) for column in weighed]
        times = len(each.chosen)
        for i in axes:
            gradient[i] += sum([columns[i][place] for place in each.chosen]) - times * expected[i]
            for j in range(i + 1):
                both = sum([a * b for a, b in zip(weighed[i], columns[j], strict=True)])
                curvature[i][j] += times * (both - expected[i] * expected[j])
    for i in axes:
        for j in range(i):
            curvature[j][i] = curvature[i][j]
    return gradient, curvature


def _chances(offered: Sequence[Features], weights: Sequence[float]) -> list[float]:
    scores = [sum([w * v for w, v in zip(weights, row, strict=True)]) for row in offered]
    highest = max(scores)
    exponents = [math.exp(score - highest) for score in scores]
    total = sum(exponents)
    return [each / total for each in exponents]


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss-Jordan; the ridge keeps the matrix positive definite."""
    size = len(right)
    rows = [[*matrix[i], right[i]] for i in range(size)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        head = rows[i][i]
        rows[i] = [each / head for each in rows[i]]
        for other in range(size):
            if other != i and (factor := rows[other][i]):
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[i], strict=True)]
    return [row[size] for row in rows]
