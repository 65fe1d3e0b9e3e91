"""What a trained network makes of a track, for those who compare tracks.

It is an extra: whatever fails here is logged, and the track goes without.
"""

import logging
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import msgspec
import numpy as np

from functions.media.network.checkpoint import Floats
from functions.media.network.musicnn import TAGS, Musicnn
from functions.media.network.patches import PatchPicker
from shared import telemetry

# Vectors of another model cannot be compared.
MODEL = "MSD_musicnn"
# Evenly spaced. More hardly change the vector, and cost 50 ms each: see docs/audio-features.md.
MOST_PATCHES = 12
_TOP_TAGS = 10

log = logging.getLogger(__name__)


class Impression(msgspec.Struct, frozen=True):
    """`vector`: 200 numbers, to be compared by cosine with those of the same model.

    `tags`: the likeliest with their chances from 0 to 1, the likeliest first.
    """

    model: str
    vector: list[float]
    tags: dict[str, float]


def packaged() -> Musicnn:
    """The network with the weights that come in `musicnn`'s wheel."""
    return Musicnn.read(Path(str(files("musicnn"))) / MODEL)


class Tagger:
    """Watches a track's samples go by; a second run says the same."""

    def __init__(self, read: Callable[[], Musicnn] = packaged) -> None:
        self._read = read
        self._picker = PatchPicker()
        self._failed = False

    def add(self, samples: Floats) -> None:
        """Mono, at the analysis' rate. Never raises."""
        if self._failed:
            return
        try:
            self._picker.add(samples)
        except Exception as error:  # noqa: BLE001  # whatever it is, the track goes without
            self._fail(error)

    def impression(self) -> Impression | None:
        """None for silence, and where the network failed. Nothing can be added after it."""
        if self._failed:
            return None
        try:
            return self._impression()
        except Exception as error:  # noqa: BLE001  # whatever it is, the track goes without
            self._fail(error)
            return None

    def _impression(self) -> Impression | None:
        patches = spread(self._picker.patches(), MOST_PATCHES)
        if not patches:
            return None
        network = self._read()
        heard = [network(patch) for patch in patches]
        vector = np.mean([features for features, _ in heard], axis=0)
        chances = np.mean([chances for _, chances in heard], axis=0)
        if not (np.isfinite(vector).all() and np.isfinite(chances).all()):
            raise ValueError("The network's numbers are not finite")
        top = np.argsort(-chances, kind="stable")[:_TOP_TAGS]
        return Impression(
            model=MODEL,
            vector=[round(float(number), 4) for number in vector],
            tags={TAGS[place]: round(float(chances[place]), 4) for place in top},
        )

    def _fail(self, error: Exception) -> None:
        self._failed = True
        log.error("the network cannot listen", exc_info=error)
        telemetry.count("media_network_failed")


def spread(patches: list[Floats], most: int) -> list[Floats]:
    """As many of them, evenly spaced from the first to the last."""
    if len(patches) <= most:
        return patches
    return [patches[place] for place in np.linspace(0, len(patches) - 1, most).round().astype(int)]
