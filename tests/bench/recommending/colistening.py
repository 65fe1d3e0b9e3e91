"""What is listened to by the same people: what the platform's statements say, one by one."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from functions.recommendations.models import interests as platform
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


def weighed(
    ways: Related, popularity: Mapping[str, float], sounds: Mapping[str, Sequence[float]]
) -> Related:
    """The same steps by who took them, by what is popular, and by what sounds alike."""
    found: Related = {}
    for one, others in ways.items():
        weights = {
            other: way**platform.WAY
            * popularity[other] ** platform.POPULARITY
            * math.exp(platform.SOUND * cosine(sounds[one], sounds[other]))
            for other, way in others.items()
        }
        total = sum(weights.values())
        found[one] = {other: weight / total for other, weight in weights.items()}
    return found


def interests(history: History, of: Related) -> dict[str, float]:
    """Of a listener's own items, the chances of each to be what the next step begins with."""
    own = dict(_most(history, platform.MOST_INTERESTS))
    total = sum(own.values())
    chances = {one: much / total for one, much in own.items()}
    for _ in range(platform.ROUNDS):
        expected = {
            other: sum(chance * of[one].get(other, 0.0) for one, chance in chances.items())
            for other in own
        }
        chances = {
            one: chance
            * sum(
                much / total * of[one].get(other, 0.0) / expected[other]
                for other, much in own.items()
            )
            ** platform.HASTE
            for one, chance in chances.items()
        }
    played = sum(chances.values())
    alike = {
        one: chance / sum(each * likeness(one, other, of) for other, each in chances.items())
        for one, chance in chances.items()
    }
    weights = {one: chances[one] / played + platform.ALIKE * alike[one] for one in chances}
    return {one: weight / sum(weights.values()) for one, weight in weights.items()}


def likeness(one: str, other: str, of: Related) -> float:
    """How far two items stand for the same interest: 1 if each leads to the other as to itself."""
    there, back = of[one].get(other, 0.0) / of[one][one], of[other].get(one, 0.0) / of[other][other]
    return float(min(1.0, (there * back) ** platform.LIKENESS))


def reached(chances: Mapping[str, float], of: Related) -> dict[str, float]:
    """Chances of where a step leads that begins with these."""
    found: dict[str, float] = defaultdict(float)
    for one, part in chances.items():
        for other, chance in of.get(one, {}).items():
            found[other] += part * chance
    return dict(found)


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    both = math.fsum(a * b for a, b in zip(one, other, strict=True))
    return both / math.hypot(*one) / math.hypot(*other)


def _most(scored: Mapping[str, float], most: int) -> Sequence[tuple[str, float]]:
    return sorted(scored.items(), key=lambda each: (-each[1], each[0]))[:most]
