"""Plays as sequences: what somebody played, one after the other, with pauses and skips marked."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.recommendations.models.deep import ENDED, HISTORY, PAUSE_S, SKIPPED

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

# The index of what is no track: padding, and tracks that the model does not know.
NOTHING = 0


@dataclass(frozen=True)
class Plays:
    """One entry a play, by user and, of each user, by time.

    `user` counts from 0, `track` from 1; `at` and `until` are in seconds since the epoch.
    """

    user: Ints
    track: Ints
    at: NDArray[np.float64]
    until: NDArray[np.float64]
    liked: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.user)

    def where(self, chosen: NDArray[np.bool_]) -> "Plays":
        return Plays(**{name: values[chosen] for name, values in self.__dict__.items()})

    def firsts(self) -> Ints:
        """Where each user's plays begin."""
        return np.flatnonzero(np.diff(self.user, prepend=-1))

    def marks(self) -> Ints:
        """Of each play. Every user's last play ends a session: what follows is another day's."""
        ended = np.ones(len(self), bool)
        pause = self.at[1:] - self.until[:-1] > PAUSE_S
        ended[:-1] = pause | (self.user[1:] != self.user[:-1])
        marks: Ints = ended * ENDED + ~self.liked * SKIPPED
        return marks


def ordered(
    user: Ints,
    track: Ints,
    at: NDArray[np.float64],
    until: NDArray[np.float64],
    liked: NDArray[np.bool_],
) -> Plays:
    """Of plays in any order; of those that begin at once, the first given comes first."""
    order = np.lexsort((at, user))
    return Plays(user[order], track[order], at[order], until[order], liked[order])


@dataclass(frozen=True)
class Windows:
    """n sequences of `length` places, padded in front: n x length each.

    After the play in `track` came `target`; it is learned where `learned` says so.
    """

    track: Ints
    mark: Ints
    target: Ints
    learned: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.track)

    def rows(self, chosen: Ints) -> "Windows":
        """Some of them, without the places that are padding in all."""
        begins = int((self.target[chosen] != NOTHING).any(axis=0).argmax())
        return Windows(**{name: values[chosen, begins:] for name, values in self.__dict__.items()})


def windows(
    plays: Plays,
    learned: NDArray[np.bool_],
    *,
    length: int = HISTORY,
    offset: int = 0,
) -> Windows:
    """Each user's plays cut into pieces; the first is of `offset` plays, if that is not 0.

    The place before a user's first play is padding, from which that play is predicted.
    """
    firsts = plays.firsts()
    counts = np.diff(np.append(firsts, len(plays)))
    nth = np.arange(len(plays)) - np.repeat(firsts, counts)
    shift = (length - offset) % length
    piece = (nth + shift) // length
    begins = (np.diff(piece, prepend=-1) != 0) | (nth == 0)
    row = np.cumsum(begins) - 1
    sizes = np.diff(np.append(np.flatnonzero(begins), len(plays)))
    # Right-aligned: a row's last play is in its last place.
    place = length - np.repeat(sizes, sizes) + np.arange(len(plays))
    place -= np.repeat(np.flatnonzero(begins), sizes)
    before = np.where(nth == 0, NOTHING, np.append([NOTHING], plays.track[:-1]))
    marks = plays.marks()
    mark_before = np.where(nth == 0, ENDED, np.append([ENDED], marks[:-1]))
    shape = (len(sizes), length)
    made = Windows(
        track=np.zeros(shape, np.int64),
        mark=np.full(shape, ENDED),
        target=np.zeros(shape, np.int64),
        learned=np.zeros(shape, bool),
    )
    made.track[row, place] = before
    made.mark[row, place] = mark_before
    made.target[row, place] = plays.track
    made.learned[row, place] = learned
    return made


def batches(of: Windows, places: int, rng: np.random.Generator) -> Iterator[Windows]:
    """All of them in a random order, those of about one length together, for little padding.

    A batch has about `places` places, and at least one window.
    """
    sizes = (of.target != NOTHING).sum(axis=1)
    order = np.lexsort((rng.random(len(of)), sizes // 8))
    cuts, start = [], 0
    while start < len(order):
        # Sorted by size: the last one of a batch is the longest.
        rows = 1
        while start + rows < len(order) and (rows + 1) * sizes[order[start + rows]] <= places:
            rows += 1
        cuts.append(order[start : start + rows])
        start += rows
    for number in rng.permutation(len(cuts)):
        yield of.rows(cuts[number])


def looking_back(
    plays: Plays, begins: Ints, ends: Ints, *, length: int = HISTORY
) -> tuple[Ints, Ints]:
    """The last plays before each of `ends`, none before `begins`, and their marks.

    Both are n x `length`, padded in front. `ends` may be just behind a user's last play.
    """
    places = ends[:, None] - length + np.arange(length)
    there = places >= begins[:, None]
    places = np.where(there, places, 0)
    if not len(plays):
        return np.zeros(places.shape, np.int64), np.full(places.shape, ENDED)
    track = np.where(there, plays.track[places], NOTHING)
    return track, np.where(there, plays.marks()[places], ENDED)


def histories(plays: Plays, users: int, *, length: int = HISTORY) -> tuple[Ints, Ints]:
    """Everybody's last plays and their marks: users x `length` each."""
    counts = np.bincount(plays.user, minlength=users)
    ends = np.cumsum(counts)
    return looking_back(plays, ends - counts, ends, length=length)
