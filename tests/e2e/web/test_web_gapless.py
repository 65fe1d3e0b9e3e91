"""From one track into the next: the output is recorded, and held against what went in."""

import base64
import json
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests import sounds
from tests.e2e.web.browser import open_page, wait_until_heard
from tests.e2e.web.conftest import Listener
from tests.platform import Platform

Samples = NDArray[np.float32]

# Neither is a whole number of frames of any codec.
FIRST_S, SECOND_S = 9.0, 5.0
ODD = 777
AROUND_S = 0.25
AAC_FRAME = 1024
# Hears what leaves the player; the player knows nothing of it. Large blocks outlast a busy page.
RECORD = """
(() => {
  const connect = AudioNode.prototype.connect;
  window.recorded = [];
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && !(this instanceof ScriptProcessorNode)) {
      const recorder = this.context.createScriptProcessor(16384, 2, 1);
      recorder.onaudioprocess = ({ inputBuffer }) =>
        window.recorded.push(inputBuffer.getChannelData(0).slice());
      connect.call(this, recorder);
      connect.call(recorder, to);
    }
    return connect.call(this, to, ...rest);
  };
})();
"""
TAKEN = """
() => {
  const blocks = window.recorded;
  const bytes = new Uint8Array(blocks.length * 65536);
  blocks.forEach((block, at) => bytes.set(new Uint8Array(block.buffer), at * 65536));
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
"""


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Samples]:
    """One piece of noise in two files, and its left channel."""
    folder = tmp_path_factory.mktemp("gapless")
    random = np.random.default_rng(77)
    cut = round(FIRST_S * sounds.RATE) + ODD
    length = cut + round(SECOND_S * sounds.RATE) + ODD
    # Smoothed, so that lossy codecs keep its shape.
    noise = random.standard_normal((length + 8, 2)).cumsum(axis=0)
    noise = noise - np.stack([np.convolve(c, np.ones(64) / 64, "same") for c in noise.T], axis=1)
    sound = (0.25 * noise[:length] / np.abs(noise).max() * 32767).astype(np.int16)
    files = []
    for number, part in enumerate((sound[:cut], sound[cut:]), start=1):
        path = folder / f"{number}.flac"
        soundfile.write(path, part, sounds.RATE, subtype="PCM_16")
        tags = mutagen.File(path)
        tags.update(
            {
                "title": f"Movement {number}",
                "artist": "One Take",
                "album": "Unbroken",
                "tracknumber": str(number),
            }
        )
        tags.save()
        files.append(path)
    return files, sound[:, 0].astype(np.float32) / 32768


@pytest.fixture(scope="session")
def album(platform: Platform, whole: tuple[list[Path], Samples]) -> str:
    files, _ = whole
    track, *_ = platform.added(*files)
    return str(platform.get(f"/v1/tracks/{track}")["album"]["id"])


@pytest.fixture
def recorded(patron: Listener) -> Page:
    """A page whose output is recorded, without any change of level."""
    page = patron.page
    page.add_init_script(RECORD)
    set_up(page, normalise=False, volume=1, crossfade=0)
    return page


def set_up(page: Page, **settings: object) -> None:
    for name, value in settings.items():
        page.evaluate(
            "([name, value]) => localStorage.setItem(name, value)",
            [f"cadenza.setting.{name}", json.dumps(value)],
        )


def listen(page: Page, album: str, quality: str) -> Samples:
    """What is heard from the album's beginning until its second track has played for a while."""
    set_up(page, quality=quality)
    page.reload()
    page.get_by_role("heading", name="Good ").wait_for()
    rate = page.evaluate("new AudioContext().sampleRate")
    if rate != sounds.RATE:
        pytest.skip(f"this browser's output has {rate} samples a second: all is resampled")
    open_page(page, f"/album/{album}")
    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
    wait_until_heard(page)
    bar = page.get_by_role("region", name="Player")
    bar.get_by_text("Movement 2").wait_for()
    page.wait_for_timeout(1500)
    return np.frombuffer(base64.b64decode(page.evaluate(TAKEN)), np.float32)


def place_of(part: Samples, within: Samples) -> int:
    """Where it is most alike."""
    size = 1 << (len(within) + len(part)).bit_length()
    spectrum = np.fft.rfft(within, size) * np.conj(np.fft.rfft(part, size))
    return int(np.fft.irfft(spectrum, size)[: len(within)].argmax())


def gap(heard: Samples, sound: Samples) -> int:
    """Samples too many (or, negative, too few) between the end of one and the other's beginning."""
    cut = round(FIRST_S * sounds.RATE) + ODD
    around = round(AROUND_S * sounds.RATE)
    before = place_of(sound[cut - 2 * around : cut - around], heard) + 2 * around
    after = place_of(sound[cut + around : cut + 2 * around], heard) - around
    return after - before


def test_lossless_tracks_join_to_the_sample(
    recorded: Page, album: str, whole: tuple[list[Path], Samples]
) -> None:
    _, sound = whole
    heard = listen(recorded, album, "lossless")

    assert gap(heard, sound) == 0
    cut = round(FIRST_S * sounds.RATE) + ODD
    around = round(AROUND_S * sounds.RATE)
    at = place_of(sound[cut - 2 * around : cut - around], heard)
    seam = heard[at : at + 4 * around]
    assert np.abs(seam - sound[cut - 2 * around : cut + 2 * around]).max() < 1e-4


def test_lossy_tracks_join_but_for_the_padding_of_a_frame(
    recorded: Page, album: str, whole: tuple[list[Path], Samples]
) -> None:
    """Chromium cuts decoded frames only where they were not encrypted."""
    _, sound = whole
    heard = listen(recorded, album, "high")

    assert 0 <= gap(heard, sound) < AAC_FRAME
