import io

import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC
from mutagen.oggvorbis import OggVorbis

from emulators.demo import cover, encode
from emulators.demo.loudness import Sound
from emulators.demo.pieces import ALBUMS

RATE = 44_100
TAGS = {"title": "Só", "artist": "A"}


@pytest.fixture
def sound() -> Sound:
    return np.random.default_rng(1).normal(0, 0.1, (RATE // 2, 2)).astype(np.float32)


def test_flac_carries_sound_tags_and_cover(sound: Sound) -> None:
    data = encode.flac(sound, RATE, TAGS, b"jpeg")
    file = FLAC(io.BytesIO(data))
    assert (file["title"], file["artist"]) == (["Só"], ["A"])
    assert file.pictures[0].data == b"jpeg"
    assert np.allclose(soundfile.read(io.BytesIO(data))[0], sound, atol=2 / 32768)


def test_vorbis_carries_sound_and_tags(sound: Sound) -> None:
    data = encode.vorbis(sound, RATE, TAGS, None)
    assert OggVorbis(io.BytesIO(data))["title"] == ["Só"]
    assert soundfile.read(io.BytesIO(data))[0].shape == sound.shape


def test_the_same_sound_is_the_same_file(sound: Sound) -> None:
    for write in (encode.flac, encode.vorbis):
        assert write(sound, RATE, TAGS, b"jpeg") == write(sound, RATE, TAGS, b"jpeg")


def test_covers_differ_by_seed_and_by_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cover, "SIZE", 64)
    monkeypatch.setattr(cover, "_EDGE", 128)
    for album in ALBUMS:
        first = cover.draw(album.painter, album.palette, album.seed)
        assert first == cover.draw(album.painter, album.palette, album.seed)
        assert first != cover.draw(album.painter, album.palette, album.seed + 1)
