"""What a track sounds like, as one vector: what the analysis measured, and what a network heard."""

import math
from collections.abc import Sequence

import msgspec

MEASURED = 64
HEARD = 200
SIZE = MEASURED + HEARD

# Vectors of another model cannot be compared with these.
_MODEL = "MSD_musicnn"
_VERSIONS = (1, 2)
_DIGITS = 5
# How much of a cosine is the network's: docs/audio-features.md says how it was found.
_HEARD_SHARE = 0.5


class _Network(msgspec.Struct):
    model: str = ""
    vector: list[float] = []


class _Embedding(msgspec.Struct):
    version: int = 0
    vector: list[float] = []
    network: _Network | None = None


def vector_of(raw: bytes) -> list[float]:
    """`SIZE` numbers of a file as the media job writes it, to be compared by cosine.

    None for silence, and for another version. What no network heard has zeros in its place: it is
    compared by what was measured alone.
    """
    try:
        found = msgspec.json.decode(raw, type=_Embedding)
    except msgspec.DecodeError:
        return []
    measured = found.vector
    if found.version not in _VERSIONS or len(measured) != MEASURED or not _is_sound(measured):
        return []
    network = found.network
    heard = [0.0] * HEARD
    if network is not None and network.model == _MODEL and len(network.vector) == HEARD:
        heard = network.vector if _is_sound(network.vector) else heard
    return [*_scaled(measured, 1 - _HEARD_SHARE), *_scaled(heard, _HEARD_SHARE)]


def _is_sound(vector: Sequence[float]) -> bool:
    """Whether there is anything to compare."""
    return any(vector) and all(map(math.isfinite, vector))


def _scaled(vector: Sequence[float], square: float) -> list[float]:
    """So that its squares add up to `square`."""
    length = math.hypot(*vector) or 1.0
    return [round(number / length * math.sqrt(square), _DIGITS) for number in vector]
