"""What models learn from and are measured on: plays, cut by time in three."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tests.bench.recommending.listening import Log
from tests.bench.recommending.models import matrix
from tests.bench.recommending.world import Floats, Ints, World

# As the platform's `feedback` has it: what a play adds to a rating, after how many days half of
# it, and below what sum there is no rating.
SKIPPED = -0.4
HALF_LIFE_DAYS = 90.0
LEAST = 0.02
_USERS_AT_A_TIME = 500


class Part(IntEnum):
    train = 0
    validation = 1
    test = 2


@dataclass(frozen=True)
class Data:
    """`released` and `ends` in days; what is released when a part begins can be played in it."""

    users: int
    items: int
    user: Ints
    item: Ints
    day: Floats
    liked: NDArray[np.bool_]
    part: Ints
    begins: Sequence[float]  # of each part
    artist: Ints  # of each item
    released: Floats
    embedding: Floats

    def before(self, part: Part) -> "Known":
        """All that may be known when `part` begins."""
        chosen = self.part < part
        user, item, liked = self.user[chosen], self.item[chosen], self.liked[chosen]
        age = np.maximum(0, self.begins[part] - self.day[chosen])
        worth = np.where(liked, 1.0, SKIPPED) * 0.5 ** (age / HALF_LIFE_DAYS)
        size = (self.users, self.items)
        ratings = matrix(user, item, worth.astype(np.float32), size)
        ratings.data = np.where(ratings.data > LEAST, np.log1p(np.maximum(ratings.data, 0)), 0)
        ratings.eliminate_zeros()
        return Known(
            heard=matrix(user, item, np.ones(len(user), np.float32), size),
            liked=matrix(user, item, liked.astype(np.float32), size),
            ratings=ratings,
            playable=self.released <= self.begins[part],
            days=np.maximum(0, self.begins[part] - self.released),
        )

    def wanted(self, part: Part) -> sp.csr_matrix:
        """What was liked in `part`, heard before or not."""
        chosen = (self.part == part) & self.liked
        ones = np.ones(int(chosen.sum()), np.float32)
        return matrix(self.user[chosen], self.item[chosen], ones, (self.users, self.items))


@dataclass(frozen=True)
class Known:
    """users x items each: how often played, how often liked, and the platform's rating."""

    heard: sp.csr_matrix
    liked: sp.csr_matrix
    ratings: sp.csr_matrix
    playable: NDArray[np.bool_]
    days: Floats  # that an item has been out

    @property
    def much(self) -> sp.csr_matrix:
        """How much each is liked: what a rating is the logarithm of."""
        found = self.ratings.copy()
        found.data = np.expm1(found.data)
        return found


@dataclass(frozen=True)
class Asked:
    """The users to ask for, and what each turned out to want of what they had not heard."""

    users: Ints
    wanted: Sequence[Ints]

    def only(self, chosen: NDArray[np.bool_]) -> "Asked":
        kept = np.flatnonzero(chosen)
        return Asked(self.users[kept], [self.wanted[int(row)] for row in kept])

    def blocks(self) -> Iterator[Ints]:
        for at in range(0, len(self.users), _USERS_AT_A_TIME):
            yield self.users[at : at + _USERS_AT_A_TIME]


def asked(known: Known, wanted: sp.csr_matrix, most: int, *, seed: int = 7) -> Asked:
    """So many users at most, drawn from those who had played something and want something new."""
    rng = np.random.default_rng(seed)
    found: list[tuple[int, Ints]] = []
    for user in rng.permutation(wanted.shape[0]):
        if len(found) == most:
            break
        heard = _row(known.heard, user)
        new = np.setdiff1d(_row(wanted, user), heard)
        new = new[known.playable[new]]
        if len(heard) and len(new):
            found.append((int(user), new))
    found.sort(key=lambda each: each[0])
    return Asked(np.array([user for user, _ in found], np.int64), [new for _, new in found])


def hide(scores: Floats, users: Ints, known: Known) -> Floats:
    """-inf for what they have heard, and for what is not out."""
    heard = known.heard[users].tocoo()
    scores[heard.row, heard.col] = -np.inf
    scores[:, ~known.playable] = -np.inf
    return scores


def of_log(world: World, log: Log) -> Data:
    """The last days are the test, as many before them the validation."""
    shape = world.shape
    begins = (0.0, float(shape.split - shape.test_days), float(shape.split))
    return Data(
        users=shape.users,
        items=shape.tracks,
        user=log.user,
        item=log.track,
        day=log.day,
        liked=log.completed,
        part=(log.day >= begins[1]).astype(np.int64) + (log.day >= begins[2]),
        begins=begins,
        artist=world.track_artist,
        released=world.released,
        embedding=world.embedding,
    )


def _row(of: sp.csr_matrix, user: int) -> Ints:
    return np.asarray(of.indices[of.indptr[user] : of.indptr[user + 1]], np.int64)
