"""What is listened to by the same people: what the platform's statements say, one by one."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from functions.recommendations.models.signals import MOST_NEAR

History = Mapping[str, float]  # what somebody listens to → how much, above 0
Related = dict[str, dict[str, float]]


def nearest(histories: Iterable[History], most: int = MOST_NEAR) -> Related:
    """Of each item the most similar ones: the cosine of who listens to them, however much."""
    people: dict[str, int] = defaultdict(int)
    together: Related = defaultdict(lambda: defaultdict(float))
    for history in histories:
        for one in history:
            people[one] += 1
            for other in history:
                if other != one:
                    together[one][other] += 1.0
    return {
        one: dict(_most({
            other: count / math.sqrt(people[one] * people[other])
            for other, count in others.items()
        }, most))
        for one, others in together.items()
    }  # fmt: skip


def near(history: Iterable[str], related: Related) -> dict[str, float]:
    """The sum of how similar each item is to those of the history."""
    found: dict[str, float] = defaultdict(float)
    for one in history:
        for other, similarity in related.get(one, {}).items():
            found[other] += similarity
    return dict(found)


def steps(histories: Iterable[History]) -> Related:
    """From an item to one of its listeners, to something they listen to: chances of where to.

    In proportion to how much they listen; to stay is one of the chances.
    """
    listens: dict[str, float] = defaultdict(float)
    ways: Related = defaultdict(lambda: defaultdict(float))
    for history in histories:
        total = sum(history.values())
        for one, much in history.items():
            listens[one] += much
            for other, as_well in history.items():
                ways[one][other] += much * as_well / total
    return {
        one: {other: way / listens[one] for other, way in others.items()}
        for one, others in ways.items()
    }


def reached(history: History, of: Related) -> dict[str, float]:
    """Chances of where one such step leads from an item of the history."""
    total = sum(history.values())
    found: dict[str, float] = defaultdict(float)
    for one, much in history.items():
        for other, chance in of.get(one, {}).items():
            found[other] += much / total * chance
    return dict(found)


def _most(scored: Mapping[str, float], most: int) -> Sequence[tuple[str, float]]:
    return sorted(scored.items(), key=lambda each: (-each[1], each[0]))[:most]
