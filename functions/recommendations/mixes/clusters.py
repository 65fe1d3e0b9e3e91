"""What somebody plays, taken apart into kinds of music."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from functions.recommendations.mixes.listening import Fact
from shared.mixes import MOST_DAILY_MIXES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

# Of fewer tracks no kind of music can be told.
_LEAST_TRACKS = 4
_ROUNDS = 12
# What is less clear by no more than this is still as clear.
_AS_CLEAR = 0.05


def clusters(tracks: Sequence[str], facts: Mapping[str, Fact]) -> list[list[str]]:
    """Groups of the tracks, the weightiest first; `tracks` come best liked first.

    By sound where it was measured; what was not goes with its artist, or by its genre.
    """
    measured = [each for each in tracks if facts[each].vector]
    groups = _by_sound(measured, facts) if len(measured) >= _LEAST_TRACKS else []
    rest = [each for each in tracks if not facts[each].vector or not groups]
    groups = _joined(groups, rest, facts)
    place = {track: number for number, track in enumerate(tracks)}
    for group in groups:
        group.sort(key=place.__getitem__)
    weighty = sorted(groups, key=lambda group: -sum(1 / (1 + place[each]) for each in group))
    return weighty[:MOST_DAILY_MIXES]


def nearest(
    tracks: Sequence[str], groups: Sequence[Sequence[str]], facts: Mapping[str, Fact]
) -> list[list[str]]:
    """For each group those of the tracks that go with it best, each track once, in their order."""
    import numpy as np

    found: list[list[str]] = [[] for _ in groups]
    centres = [_centre(group, facts) for group in groups]
    artists = [{artist for each in group for artist in facts[each].artists} for group in groups]
    genres = [{genre for each in group for genre in facts[each].genres} for group in groups]
    for track in tracks:
        fact = facts[track]
        vector = np.asarray(fact.vector, np.float32)
        fits = [
            float(vector @ centre) / (float(np.linalg.norm(vector)) or 1.0)
            if fact.vector and centre is not None
            else 0.0
            for centre in centres
        ]
        for number in range(len(groups)):
            fits[number] += not artists[number].isdisjoint(fact.artists)
            fits[number] += 0.5 * (not genres[number].isdisjoint(fact.genres))
        if fits:
            found[max(range(len(fits)), key=lambda number: (fits[number], -number))].append(track)
    return found


def _by_sound(tracks: Sequence[str], facts: Mapping[str, Fact]) -> list[list[str]]:
    """As many groups as there are, and rather more of them than fewer."""
    import numpy as np

    vectors = np.array([facts[each].vector for each in tracks], np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    most = min(MOST_DAILY_MIXES, len(tracks) // 2)
    tried = [_grouped(vectors, number) for number in range(2, most + 1)]
    best = max((clear for _, clear in tried), default=0.0)
    chosen = next(groups for groups, clear in reversed(tried) if clear >= best - _AS_CLEAR)
    found: dict[int, list[str]] = {}
    for track, number in zip(tracks, chosen.tolist(), strict=True):
        found.setdefault(number, []).append(track)
    return [found[number] for number in sorted(found)]


def _grouped(vectors: "Vectors", most: int) -> "tuple[NDArray[np.int64], float]":
    """k-means on the sphere: each vector's group, and how clearly it belongs there, from 0 to 1.

    It begins with the best liked, then with what is farthest from all so far.
    """
    import numpy as np

    places = [0]
    while len(places) < most:
        places.append(int((vectors @ vectors[places].T).max(axis=1).argmin()))
    centres = vectors[places]
    for _ in range(_ROUNDS):
        chosen = (vectors @ centres.T).argmax(axis=1)
        sums = np.array([vectors[chosen == number].sum(axis=0) for number in range(most)])
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        moved = np.where(lengths > 0, sums / np.maximum(lengths, 1e-9), centres)
        if np.allclose(moved, centres):
            break
        centres = moved
    away = np.maximum(0, 1 - np.sort(vectors @ centres.T, axis=1)[:, ::-1])
    clear = (away[:, 1] - away[:, 0]) / np.maximum(away[:, 1], 1e-9)
    return chosen, float(clear.mean())


def _joined(
    groups: list[list[str]], rest: Sequence[str], facts: Mapping[str, Fact]
) -> list[list[str]]:
    home = {
        artist: number
        for number, group in enumerate(groups)
        for each in group
        for artist in facts[each].artists
    }
    others: dict[str, list[str]] = {}
    for track in rest:
        fact = facts[track]
        if fact.artist in home:
            groups[home[fact.artist]].append(track)
        else:
            others.setdefault(fact.genres[0] if fact.genres else "", []).append(track)
    return [*groups, *others.values()]


def _centre(group: Sequence[str], facts: Mapping[str, Fact]) -> "Vectors | None":
    import numpy as np

    vectors = [facts[each].vector for each in group if facts[each].vector]
    if not vectors:
        return None
    mean = np.asarray(vectors, np.float32).mean(axis=0)
    unit: Vectors = mean / (float(np.linalg.norm(mean)) or 1.0)
    return unit
