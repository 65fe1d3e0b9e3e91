"""What the original package listened to for the values that the tests hold."""

import numpy as np

from functions.media.network.checkpoint import Floats


def golden(rate: int = 16_000) -> Floats:
    """Three seconds: a pulse of 220 Hz twice a second, a rising tone, and ticks of 2,500 Hz."""
    time = np.arange(3 * rate) / rate
    pulse = 0.3 * np.sin(2 * np.pi * 220 * time) * np.exp(-6 * (time % 0.5))
    rising = 0.2 * np.sin(2 * np.pi * (400 * time + 250 * time**2))
    ticks = 0.1 * np.sin(2 * np.pi * 2500 * time) * np.exp(-40 * (time % 0.25))
    whole: Floats = (pulse + rising + ticks).astype(np.float32)
    return whole
