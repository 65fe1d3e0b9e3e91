"""A listener's last sessions, each as it was when it ended, and what a model says of all of them.

A session has a mood, and listeners have several: what they may want is a mixture. The model is
asked once for each session, as if it went on, and the chances that it gives are averaged; recent
sessions count more. The statement of `deep_scores` has the same formula.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.recommendations.models.deep import (
    ENDED,
    HALVED_AFTER,
    HISTORY,
    LEAST_CHANCE,
    SESSIONS,
)
from functions.recommendations.training.sequences import Floats, Ints, Plays, looking_back


@dataclass(frozen=True)
class Sessions:
    """A row a session, those of a listener side by side, the newest first.

    `listener` counts from 0 in the order asked for, and each has a row at least. `track` and `mark`
    are rows x length, as the model takes them; a listener's weights are 1 in sum.
    """

    listener: Ints
    track: Ints
    mark: Ints
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.listener)

    def mixed(self, scores: Floats) -> Floats:
        """Logarithms of chances, rows x m → of the listeners' chances, listeners x m."""
        chances = np.exp(scores.astype(np.float64)) * self.weight[:, None]
        firsts = np.flatnonzero(np.diff(self.listener, prepend=-1))
        found: Floats = np.log(LEAST_CHANCE + np.add.reduceat(chances, firsts)).astype(np.float32)
        return found


def last_sessions(plays: Plays, users: Ints, *, length: int = HISTORY) -> Sessions:
    """Of each of the users, the last sessions; who has played nothing is about to begin one."""
    ends = np.flatnonzero(plays.marks() & ENDED) + 1 if len(plays) else np.zeros(0, np.int64)
    owner = plays.user[ends - 1]
    begin, end = np.searchsorted(owner, users, "left"), np.searchsorted(owner, users, "right")
    count = np.clip(end - begin, 1, SESSIONS)
    listener = np.repeat(np.arange(len(users)), count)
    nth = np.arange(len(listener)) - np.repeat(np.cumsum(count) - count, count)
    there = (end > begin)[listener]
    newest_first = np.where(there, end[listener] - 1 - nth, 0)
    until = np.where(there, np.append(ends, 0)[newest_first], 0)
    first_play = np.searchsorted(plays.user, users)[listener]
    track, mark = looking_back(plays, np.where(there, first_play, 0), until, length=length)
    # Asked is what comes next in this mood, not what another day begins with.
    mark[there, -1] &= ~ENDED
    weight = 0.5 ** (nth / HALVED_AFTER)
    weight /= np.bincount(listener, weight)[listener]
    return Sessions(listener, track, mark, weight)
