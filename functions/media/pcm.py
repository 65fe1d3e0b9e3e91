"""Raw interleaved PCM as it flows from the decoder to the encoder."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PcmFormat:
    """`encoding` is FFmpeg's name: s16le, s24le, s32le or f32le."""

    encoding: str
    rate: int
    channels: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return int(self.encoding[1:3]) // 8 * self.channels


def amplitudes(data: bytes, encoding: str) -> NDArray[np.float32]:
    """The samples' absolute values, 1.0 being full scale. Integers lose what lies below 16 bits."""
    match encoding:
        case "f32le":
            samples = np.nan_to_num(np.frombuffer(data, "<f4"))
        case "s24le":
            top = np.frombuffer(data, np.uint8).reshape(-1, 3)[:, 1:]
            samples = np.ascontiguousarray(top).view("<i2").ravel() / np.float32(32768)
        case "s32le":
            samples = np.frombuffer(data, "<i4") / np.float32(2**31)
        case _:
            samples = np.frombuffer(data, "<i2") / np.float32(32768)
    absolute: NDArray[np.float32] = np.abs(samples, dtype=np.float32)
    return absolute
