"""The order in which a shuffled context is played."""

import hashlib
import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from typing import NamedTuple


class Item(NamedTuple):
    """A track of a context, and whose it is."""

    track_id: str
    artist_id: str


def shuffled(items: Sequence[Item], seed: int, first: int = -1) -> list[int]:
    """A permutation of the items' indices that the seed decides, beginning with `first` if given.

    No artist follows themselves wherever any order that begins so can do it. Each track's place
    hangs on the seed and on itself: a context that changes a little keeps its order, but for that.
    """
    left = _Left(items, seed)
    order: list[int] = []
    last = ""
    if 0 <= first < len(items):
        left.take(first)
        order.append(first)
        last = items[first].artist_id
    while left.count:
        index = left.next_after(last)
        left.take(index)
        order.append(index)
        last = items[index].artist_id
    return order


class _Left:
    """What is not placed yet."""

    def __init__(self, items: Sequence[Item], seed: int) -> None:
        self._items = items
        self._ranks = _ranks(items, seed)
        self._by_artist: dict[str, deque[int]] = defaultdict(deque)
        for index in sorted(range(len(items)), key=self._ranks.__getitem__):
            self._by_artist[items[index].artist_id].append(index)
        # Each artist's next track, and each artist's number of tracks; entries may be outdated.
        self._heads = [(self._ranks[queue[0]], artist) for artist, queue in self._by_artist.items()]
        self._sizes = [(-len(queue), artist) for artist, queue in self._by_artist.items()]
        heapq.heapify(self._heads)
        heapq.heapify(self._sizes)
        self.count = len(items)

    def take(self, index: int) -> None:
        artist = self._items[index].artist_id
        queue = self._by_artist[artist]
        queue.remove(index)
        self.count -= 1
        if queue:
            heapq.heappush(self._heads, (self._ranks[queue[0]], artist))
            heapq.heappush(self._sizes, (-len(queue), artist))

    def next_after(self, last: str) -> int:
        """The first by rank that is not of `last`, unless one artist has more than half of it all:
        were that one not taken now, two of theirs would meet later."""
        crowded = self._largest()
        if crowded != last and len(self._by_artist[crowded]) > self.count // 2:
            return self._by_artist[crowded][0]
        kept_back = None
        while self._heads:
            rank, artist = heapq.heappop(self._heads)
            queue = self._by_artist[artist]
            if not queue or self._ranks[queue[0]] != rank:
                continue
            if artist != last:
                if kept_back is not None:
                    heapq.heappush(self._heads, kept_back)
                return queue[0]
            kept_back = (rank, artist)
        assert kept_back is not None
        heapq.heappush(self._heads, kept_back)
        return self._by_artist[last][0]

    def _largest(self) -> str:
        while True:
            size, artist = self._sizes[0]
            if len(self._by_artist[artist]) == -size:
                return artist
            heapq.heappop(self._sizes)


def _ranks(items: Sequence[Item], seed: int) -> list[bytes]:
    """One number an item, that differs between the copies of a track that is there twice."""
    key = seed.to_bytes(8, "big")
    copies: Counter[str] = Counter()
    ranks = []
    for item in items:
        text = f"{item.track_id}/{copies[item.track_id]}".encode()
        copies[item.track_id] += 1
        ranks.append(hashlib.blake2b(text, key=key, digest_size=16).digest())
    return ranks
