"""Real music, from its folder through the whole platform to the last sample."""

import asyncio
import os
from pathlib import Path

import httpx
import mutagen
import numpy as np
import pytest
import soundfile

from clients.cli import player
from clients.cli.api import Api
from clients.cli.play import Quality, open_track
from tests import sounds
from tests.platform import Platform

ADD_TIMEOUT_S = 1200
# Five and a half minutes of the half-hour, which takes a machine some minutes to encode.
SHORTEST = 5


@pytest.fixture(scope="module")
def added(platform: Platform, music: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Real tracks, added with one command: all of them where CADENZA_ALL_MUSIC is set."""
    folder = tmp_path_factory.mktemp("music")
    by_length = sorted(music.glob("*.ogg"), key=lambda file: file.stat().st_size)
    for file in by_length if os.environ.get("CADENZA_ALL_MUSIC") else by_length[:SHORTEST]:
        (folder / file.name).symlink_to(file.resolve())
    done = platform.add(folder, timeout_s=ADD_TIMEOUT_S)
    assert done.returncode == 0, done.stdout
    return sorted(folder.iterdir())


def track_id_of(platform: Platform, path: Path) -> str:
    return platform.outcome_of(sounds.sha256(path)).track_id


def test_titles_artists_and_album(platform: Platform, added: list[Path]) -> None:
    albums = set()
    for path in added:
        tags = mutagen.File(path)
        track = platform.get(f"/v1/tracks/{track_id_of(platform, path)}")
        assert track["name"] == tags["title"][0]
        assert [artist["name"] for artist in track["artists"]] == tags["artist"]
        assert track["album"]["name"] == tags["album"][0]
        assert track["track_number"] == int(tags["tracknumber"][0])
        albums.add(track["album"]["id"])

    (album_id,) = albums
    album = platform.get(f"/v1/albums/{album_id}?limit=50")
    assert album["total_tracks"] == len(added)
    order = [(item["disc_number"], item["track_number"]) for item in album["tracks"]["items"]]
    assert order == sorted(order)


def test_every_rendition_has_exactly_the_sources_samples(
    platform: Platform, added: list[Path], tmp_path: Path
) -> None:
    for path in added:
        track_id, frames = track_id_of(platform, path), len(soundfile.read(path)[0])
        measured = asyncio.run(_samples_of_renditions(platform, track_id))
        assert measured == {"aac96": frames, "aac160": frames, "aac320": frames}, path.name

        stream = platform.get(f"/v1/tracks/{track_id}/stream?delivery=url")
        assert [item["name"] for item in stream["downloads"]] == [
            "vorbis96", "vorbis160", "vorbis320",
        ]  # fmt: skip
        for download in stream["downloads"]:
            file = tmp_path / "download.ogg"
            file.write_bytes(httpx.get(download["url"]).content)
            assert len(soundfile.read(file)[0]) == frames, (path.name, download["name"])


async def _samples_of_renditions(platform: Platform, track_id: str) -> dict[str, int]:
    measured = {}
    async with Api(platform.url, platform.token()) as api, httpx.AsyncClient() as cdn:
        for quality in (Quality.low, Quality.normal, Quality.high):
            found = await open_track(api, cdn, track_id, quality=quality)
            measure = await player.measure(found.media(), found.key)
            measured[found.rendition.name] = measure.samples
    return measured


def test_loudness_is_what_is_heard(platform: Platform, added: list[Path], tmp_path: Path) -> None:
    """What the platform says of a track, against a decode of what it plays."""
    track_id = track_id_of(platform, added[0])
    file = tmp_path / "heard.wav"
    assert platform.cadenza("play", track_id, "--to", str(file)).returncode == 0
    heard = soundfile.read(file)[0]
    stream = platform.get(f"/v1/tracks/{track_id}/stream")

    peak_db = 20 * np.log10(np.abs(heard).max())
    assert stream["loudness"]["true_peak_db"] == pytest.approx(peak_db, abs=1.5)
    with platform.client() as client:
        client.get(f"/v1/tracks/{track_id}/stream")
        peaks = client.get(stream["peaks_url"]).content
    windows = np.array_split(np.abs(heard).max(axis=1), 800)
    envelope = np.array([window.max() for window in windows])
    assert np.corrcoef(envelope, np.frombuffer(peaks, np.uint8))[0, 1] > 0.95
