"""What is heard from a speaker is the track, from where it was asked for."""

import shutil
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from tests import sounds
from tests.platform import Platform
from tests.speakers import SCOPES, speaker
from tests.waiting import until

pytestmark = pytest.mark.skipif(shutil.which("ffplay") is None, reason="ffplay is not installed")

FROM_S, HEARD_S = 13.5, 3
# Of what AAC makes of noise; another place of the track is nowhere near.
ALIKE = 0.8

Samples = npt.NDArray[np.float64]


def test_a_track_is_heard_from_the_middle(platform: Platform, tmp_path: Path) -> None:
    tags = {"title": "Heard", "artist": "Loud", "album": "Aloud"}
    file = sounds.write(tmp_path / "heard.flac", seconds=30, seed=91, tags=tags)
    [track] = platform.added(file)
    token = platform.token(user="hears", scopes=SCOPES)
    raw = tmp_path / "heard.raw"

    with (
        speaker(platform, tmp_path, token, "Loud", "loud-speaker", heard=raw) as loud,
        platform.client(token) as client,
    ):
        began = time.monotonic()
        asked = {"uris": [f"spotify:track:{track}"], "position_ms": round(FROM_S * 1000)}
        client.put("/v1/me/player/play?device_id=loud-speaker", json=asked).raise_for_status()
        needed = HEARD_S * sounds.RATE * 4
        until(lambda: raw.exists() and raw.stat().st_size, lambda size: size >= needed)
        took_s = time.monotonic() - began
        client.put("/v1/me/player/pause").raise_for_status()
        until(lambda: client.get("/v1/me/player").json()["is_playing"], lambda playing: not playing)
        time.sleep(1)
        silent_since = raw.stat().st_size
        time.sleep(1)
        assert raw.stat().st_size == silent_since, loud.said

    heard = np.frombuffer(raw.read_bytes()[:needed], "<i2").reshape(-1, 2)[:, 0].astype(np.float64)
    source = soundfile.read(file)[0][:, 0]
    at_s, alike = _found(heard[np.flatnonzero(heard)[0] :][: sounds.RATE], source)
    assert alike > ALIKE, loud.said
    # It goes on from where the player is once the command has arrived.
    assert FROM_S - 0.05 < at_s < FROM_S + took_s


def _found(heard: Samples, source: Samples) -> tuple[float, float]:
    """Where in the source it is, in seconds, and the cosine of the two there."""
    size = len(heard) + len(source)
    spectrum = np.fft.rfft(source, size) * np.conj(np.fft.rfft(heard, size))
    products = np.fft.irfft(spectrum, size)[: len(source) - len(heard)]
    at = int(products.argmax())
    there = source[at : at + len(heard)]
    cosine = products[at] / (np.linalg.norm(heard) * np.linalg.norm(there))
    return at / sounds.RATE, float(cosine)
