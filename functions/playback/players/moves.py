"""What comes next and what came before, in the queue and in the source; no I/O."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from functions.playback.players.model import Player, Repeat


class Candidate(NamedTuple):
    """A track that may be played. It is `at` so far in the source; `used` of the
    queue are used up with it.

    `queued`: it is one of those. `stops`: the source has come to its end and begins again.
    """

    track_id: str
    at: int
    used: int = 0
    queued: bool = False
    stops: bool = False


class Order(NamedTuple):
    """A source's tracks in their own order, and the order in which they are played."""

    track_ids: Sequence[str]
    played: Sequence[int]

    def place_of(self, player: Player) -> int:
        """Where in `played` the player is, -1 if it is not in the source.

        A source may have changed: the copy of the track that is nearest to where it was holds.
        """
        entry = player.entry
        if entry is None or entry.index < 0 or not self.played:
            return -1
        index = entry.index
        if not entry.queued and not self._is_at(index, entry.track_id):
            copies = [at for at, each in enumerate(self.track_ids) if each == entry.track_id]
            index = min(copies, key=lambda at: abs(at - entry.index), default=index)
        return self.played.index(min(index, len(self.played) - 1))

    def _is_at(self, index: int, track_id: str) -> bool:
        return index < len(self.track_ids) and self.track_ids[index] == track_id


def following(player: Player, order: Order, *, by_itself: bool = False) -> Iterator[Candidate]:
    """What may come next, the first of them that can be played to be taken.

    `by_itself`: the track has ended, and nobody asked for another one. Each track of the source
    comes at most once.
    """
    entry = player.entry
    if by_itself and entry is not None and player.repeat is Repeat.track:
        yield Candidate(entry.track_id, entry.index)
    index = entry.index if entry is not None else -1
    for used, track_id in enumerate(player.queue, start=1):
        yield Candidate(track_id, index, used, queued=True)
    used = len(player.queue)
    place = order.place_of(player)
    for at in order.played[place + 1 :]:
        yield Candidate(order.track_ids[at], at, used)
    stops = player.repeat is not Repeat.context
    for at in order.played[: place + 1]:
        yield Candidate(order.track_ids[at], at, used, stops=stops)


def preceding(player: Player, order: Order) -> Iterator[Candidate]:
    """What may be gone back to; at the beginning of the source that is its first track again."""
    entry = player.entry
    place = order.place_of(player)
    if entry is None or place < 0:
        if entry is not None:
            yield Candidate(entry.track_id, entry.index)
        return
    before = place + 1 if entry.queued else place
    for at in reversed(order.played[:before]):
        yield Candidate(order.track_ids[at], at)
    if player.repeat is Repeat.context:
        for at in reversed(order.played[before:]):
            yield Candidate(order.track_ids[at], at)
    else:
        yield Candidate(entry.track_id, entry.index)


def upcoming(player: Player, order: Order, most: int) -> list[str]:
    """The ids of the next tracks as they will come by themselves, but for a track on repeat."""
    coming = [*player.queue[:most]]
    place = order.place_of(player)
    rest = [order.track_ids[at] for at in order.played[place + 1 :][: most - len(coming)]]
    if player.repeat is Repeat.context:
        room = most - len(coming) - len(rest)
        rest += [order.track_ids[at] for at in order.played[: place + 1][:room]]
    return coming + rest
