"""The whole of the demo music, composed twice."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC
from mutagen.oggvorbis import OggVorbis

from emulators.demo import compose, loudness, synth


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return compose(tmp_path_factory.mktemp("demo"))


def test_the_same_bytes_come_out_again(tracks: list[Path], tmp_path: Path) -> None:
    again = compose(tmp_path)
    assert [track.name for track in again] == [track.name for track in tracks]
    for first, second in zip(tracks, again, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_tracks_are_as_loud_as_they_should_be(tracks: list[Path]) -> None:
    for track in tracks:
        sound, rate = soundfile.read(track, dtype="float32")
        assert rate == synth.RATE
        assert 25 <= len(sound) / rate <= 45, track.name
        assert loudness.integrated(sound, rate) == pytest.approx(-14, abs=0.5), track.name
        assert np.abs(sound).max() < 0.9, track.name
        assert np.abs(sound[-50:]).max() < 0.001, track.name
        assert np.abs(sound.mean()) < 0.002, track.name


def test_tracks_are_tagged_and_have_covers(tracks: list[Path]) -> None:
    lossless, *lossy = tracks
    assert FLAC(lossless).pictures[0].mime == "image/jpeg"
    assert FLAC(lossless)["title"] == ["First Light on the Quay"]
    for track in lossy:
        tags = OggVorbis(track)
        assert tags["albumartist"] == tags["artist"]
        has_own_cover = "metadata_block_picture" in tags
        assert has_own_cover != (track.parent / "cover.jpg").is_file(), track.name
