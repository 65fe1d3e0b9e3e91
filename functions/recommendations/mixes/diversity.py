"""Lists that do not dwell on one artist."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence

ArtistOf = Callable[[str], str]

# Ten times a tenth is a little less than one.
_WHOLE = 1 - 1e-9


def capped(tracks: Iterable[str], artist_of: ArtistOf, most: int) -> list[str]:
    """At most so many of an artist, each track once, in their order."""
    heard: Counter[str] = Counter()
    found: dict[str, None] = {}
    for track in tracks:
        artist = artist_of(track)
        if track not in found and heard[artist] < most:
            heard[artist] += 1
            found[track] = None
    return list(found)


def spread(tracks: Sequence[str], artist_of: ArtistOf) -> list[str]:
    """The same tracks with no artist twice in a row, as far as that goes; else in their order."""
    queues: dict[str, deque[tuple[int, str]]] = {}
    for place, track in enumerate(tracks):
        queues.setdefault(artist_of(track), deque()).append((place, track))
    found: list[str] = []
    last = ""
    left = len(tracks)
    while left:
        artist = _next(queues, last, left)
        _, track = queues[artist].popleft()
        if not queues[artist]:
            del queues[artist]
        found.append(track)
        last = artist
        left -= 1
    return found


def _next(queues: dict[str, deque[tuple[int, str]]], last: str, left: int) -> str:
    """Whose turn it is: who would otherwise be left over, or else who is next in the list."""
    most = max(queues, key=lambda artist: (len(queues[artist]), -queues[artist][0][0]))
    if most != last and 2 * len(queues[most]) > left:
        return most
    others = [artist for artist in queues if artist != last]
    return min(others or queues, key=lambda artist: queues[artist][0][0])


def interleaved(first: Sequence[str], second: Sequence[str], share: float) -> list[str]:
    """Both lists in their own order; of each stretch `share` comes from the second one."""
    found: list[str] = []
    one, two = deque(first), deque(second)
    owed = 0.0
    while one or two:
        owed += share
        if two and (owed > _WHOLE or not one):
            found.append(two.popleft())
            owed = max(0.0, owed - 1)
        else:
            found.append(one.popleft())
    return list(dict.fromkeys(found))
