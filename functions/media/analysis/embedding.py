"""A track as 64 numbers, so that tracks that sound alike lie close to each other."""

import itertools

import numpy as np
from numpy.typing import NDArray

from functions.media.analysis.estimates import Estimates, ramp
from functions.media.analysis.frames import TIMBRES, Floats, Frames
from functions.media.analysis.rhythm import Rhythm
from functions.media.analysis.tonality import Key

SIZE = 64

_TEMPO_BANDS = 8
_LAGS = np.geomspace(11, 64, _TEMPO_BANDS + 1).astype(np.int64)
# What the first coefficient (level), the second (tilt) and the finer ones usually vary by, in dB.
_TIMBRE_SCALE = np.array([30.0, 12.0, *np.geomspace(8, 2, TIMBRES - 2)])


def embedding(
    frames: Frames, pitches: Floats, rhythm: Rhythm, key: Key, estimates: Estimates
) -> NDArray[np.float32]:
    """(64,), of length 1, or 0 for silence. Compare by cosine.

    Timbre: means, deviations and changes (36). Pitches from the key note up (12). How strongly
    rhythm repeats in eight bands of tempo (8). Tempo, mode and the estimates but liveness (8).
    """
    if estimates.energy == 0:
        return np.zeros(SIZE, np.float32)
    timbre = frames.timbre / _TIMBRE_SCALE
    mean = timbre.mean(axis=0)
    mean[0] -= 1.0
    change = np.abs(np.diff(timbre, axis=0)).mean(axis=0) if len(timbre) > 1 else np.zeros(TIMBRES)
    harmony = np.roll(pitches.mean(axis=0), -max(0, key.key))
    harmony = harmony / max(float(harmony.max()), 1e-9) - 0.5
    repeats = rhythm.tempogram.mean(axis=0)
    bands = [repeats[low : high + 1].max() for low, high in itertools.pairwise(_LAGS)]
    scalars = [
        ramp(rhythm.tempo, 60, 180),
        key.mode * key.mode_confidence,
        estimates.energy,
        estimates.danceability,
        estimates.valence,
        estimates.acousticness,
        estimates.instrumentalness,
        estimates.speechiness,
    ]
    vector = np.concatenate(
        [mean, timbre.std(axis=0), 2 * change, harmony, bands, np.array(scalars) - 0.5]
    )
    unit: NDArray[np.float32] = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit
