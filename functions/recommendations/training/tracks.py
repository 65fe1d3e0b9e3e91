"""What is known of tracks before anybody plays them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.recommendations.training.sequences import Floats, Ints


@dataclass(frozen=True)
class Tracks:
    """Row 0 is no track. `artist` counts from 0, which is nobody."""

    sound: Floats  # tracks + 1 x dimensions, zeros where it is not known
    artist: Ints  # tracks + 1

    def features(self) -> Floats:
        """Sound beside the artist's mean sound: tracks + 1 x twice the dimensions.

        The mean over tracks is 0, and so is what is not known; the spread is about 1.
        """
        known = np.any(self.sound, axis=1)
        counts = np.bincount(self.artist, known, int(self.artist.max()) + 1)
        sums = np.zeros((len(counts), self.sound.shape[1]), np.float32)
        np.add.at(sums, self.artist, self.sound)
        means = (sums / np.maximum(counts, 1)[:, None])[self.artist]
        parts = ((self.sound, known), (means, counts[self.artist] > 0))
        out: Floats = np.concatenate([_scaled(*each) for each in parts], axis=1)
        return out


def _scaled(values: Floats, known: NDArray[np.bool_]) -> Floats:
    if not known.any():
        return np.zeros_like(values, np.float32)
    # One scale for all dimensions: directions are what tells sounds apart.
    spread = max(float(values[known].std()), 1e-6)
    centred = (values - values[known].mean(axis=0)) / spread
    return np.where(known[:, None], centred, 0).astype(np.float32)
