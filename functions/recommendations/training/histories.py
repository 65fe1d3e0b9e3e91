"""What listeners played last, as the model is asked about it; `deep_scores` asks it alike.

Only plays that were not skipped are seen. Sessions are numbered backwards from 1, and 0 is one
that goes on.
"""

import numpy as np

from functions.recommendations.models.deep import HISTORY, SESSIONS
from functions.recommendations.training.sequences import NOTHING, Ints, Plays


class Histories:
    """Of plays; each row has `length` of them at most."""

    def __init__(self, plays: Plays, *, length: int = HISTORY) -> None:
        self._user = plays.user
        self._session = plays.sessions()
        self._liked = np.flatnonzero(plays.liked)
        self._track = plays.track[self._liked]
        self._length = length

    def last(self, users: Ints) -> tuple[Ints, Ints]:
        """The last plays of each of these users, and the numbers of their sessions.

        Both are users x length, the newest play first, and filled up with `NOTHING` and 0.
        """
        return self._before(users, np.searchsorted(self._user, users, "right"), newest=1)

    def before(self, places: Ints) -> tuple[Ints, Ints]:
        """What came before each of these plays, whose sessions are not over."""
        return self._before(self._user[places], places, newest=0)

    def at_some_time(self, users: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """As long as can be, up to a play that is drawn: so all plays have their turn."""
        first = np.searchsorted(self._liked, np.searchsorted(self._user, users))
        end = np.searchsorted(self._liked, np.searchsorted(self._user, users, "right"))
        count = np.minimum(end - first, self._length)
        drawn = rng.integers(first + count, end + 1)
        return self._before(users, self._liked[np.maximum(drawn, 1) - 1] + 1, newest=1)

    def _before(self, users: Ints, ends: Ints, *, newest: int) -> tuple[Ints, Ints]:
        shape = (len(users), self._length)
        if not len(self._liked):
            return np.full(shape, NOTHING), np.zeros(shape, np.int64)
        places = np.searchsorted(self._liked, ends)[:, None] - 1 - np.arange(self._length)
        first = np.searchsorted(self._liked, np.searchsorted(self._user, users))
        there = places >= first[:, None]
        places = np.where(there, places, 0)
        # The session that goes on is that of the play which is to come, else it is the last one.
        to_come = np.clip(ends - newest, 0, len(self._session) - 1)
        number = newest + self._session[to_come][:, None] - self._session[self._liked[places]]
        there &= number <= SESSIONS
        return np.where(there, self._track[places], NOTHING), np.where(there, number, 0)
