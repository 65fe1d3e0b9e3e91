"""The waveform that a player draws."""

import numpy as np
from numpy.typing import NDArray

from functions.media.pcm import PcmFormat, amplitudes

POINTS = 800
# Peaks are first taken over runs this short, for the length is known only at the end.
_RUN = 16


class PeakMeter:
    """Watches PCM go by and folds it into `POINTS` bytes."""

    def __init__(self, pcm: PcmFormat) -> None:
        self._pcm = pcm
        self._runs: list[NDArray[np.uint8]] = []
        self._rest = b""

    def add(self, data: bytes) -> None:
        """Whole frames, as many as there are."""
        data = self._rest + data if self._rest else data
        run_bytes = _RUN * self._pcm.frame_bytes
        whole = len(data) // run_bytes * run_bytes
        self._rest = data[whole:]
        if whole:
            self._runs.append(self._peaks(data[:whole], _RUN))

    def points(self) -> bytes:
        """`POINTS` unsigned bytes: the largest amplitude of each equal window, 255 = full scale."""
        runs = list(self._runs)
        if self._rest:
            runs.append(self._peaks(self._rest, len(self._rest) // self._pcm.frame_bytes))
        if not runs:
            return bytes(POINTS)
        return fold(np.concatenate(runs), POINTS).tobytes()

    def _peaks(self, data: bytes, run: int) -> NDArray[np.uint8]:
        values = amplitudes(data, self._pcm.encoding).reshape(-1, run * self._pcm.channels)
        peaks: NDArray[np.float32] = values.max(axis=1)
        return np.minimum(np.rint(peaks * 255), 255).astype(np.uint8)


def fold(values: NDArray[np.uint8], points: int) -> NDArray[np.uint8]:
    """The largest of each of `points` equal windows; windows of less than one value repeat it."""
    edges = np.arange(points) * len(values) // points
    folded: NDArray[np.uint8] = np.maximum.reduceat(values, edges)
    return folded
