"""Plays in their order, and the sessions that they make."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.recommendations.models.deep import PAUSE_S

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

    def sessions(self) -> Ints:
        """The number of each play's session, among everybody's: a pause begins another."""
        begins = np.ones(len(self), bool)
        begins[1:] = self.at[1:] - self.until[:-1] > PAUSE_S
        begins[1:] |= self.user[1:] != self.user[:-1]
        numbers: Ints = np.cumsum(begins) - 1
        return numbers


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
