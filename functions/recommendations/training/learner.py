"""What a training needs of whatever learns: it knows nothing of how."""

from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.recommendations.training.sequences import Floats, Ints, Plays
from functions.recommendations.training.tracks import Tracks


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """How a model was made; `losses` are of the validation, `epochs` were the best."""

    seed: int
    epochs: int
    losses: list[float]
    seconds: float
    parameters: int
    network: dict[str, float]


class Model(Protocol):
    """A trained model."""

    @property
    def made(self) -> Made: ...

    def scores(self, history: Ints, sessions: Ints, candidates: Ints) -> Floats:
        """As the file says them: n x m, for histories and their sessions, n x length each, and
        candidates n x m.

        Logarithms of the chances among all tracks, and 0 for what is no track.
        """
        ...

    def file(self) -> bytes:
        """What BigQuery ML imports."""
        ...


class Learner(Protocol):
    """Trains models; the same plays make the same model."""

    @property
    def length(self) -> int:
        """Plays that its models look back on."""
        ...

    def learn(
        self,
        plays: Plays,
        tracks: Tracks,
        *,
        validated: NDArray[np.bool_] | None = None,
        epochs: int = 0,
    ) -> Model:
        """From all plays but those `validated`, which say when to stop; or for so many epochs."""
        ...
