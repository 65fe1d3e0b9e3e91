"""Finished mixes as tagged files, the same bytes for the same mix."""

import base64
import io
import zlib

import numpy as np
import soundfile
from mutagen.flac import FLAC, Picture
from mutagen.ogg import OggPage
from mutagen.oggvorbis import OggVorbis

from emulators.demo.cover import SIZE
from emulators.demo.loudness import Sound

_VORBIS_QUALITY = 0.4


def flac(sound: Sound, rate: int, tags: dict[str, str], cover: bytes | None) -> bytes:
    """A FLAC file of 16 bits a sample."""
    data = io.BytesIO()
    soundfile.write(data, _dithered(sound), rate, format="FLAC", subtype="PCM_16")
    data.seek(0)
    file = FLAC(data)
    file.update(tags)
    if cover:
        file.add_picture(_picture(cover))
    data.seek(0)
    file.save(data)
    return data.getvalue()


def vorbis(sound: Sound, rate: int, tags: dict[str, str], cover: bytes | None) -> bytes:
    """An Ogg Vorbis file."""
    data = io.BytesIO()
    with soundfile.SoundFile(
        data, "w", rate, 2, "VORBIS", format="OGG", compression_level=_VORBIS_QUALITY
    ) as file:
        # libsndfile overflows its stack on one long write.
        for start in range(0, len(sound), rate):
            file.write(sound[start : start + rate])
    data.seek(0)
    file = OggVorbis(data)
    file.update(tags)
    if cover:
        picture = base64.b64encode(_picture(cover).write()).decode()
        file["metadata_block_picture"] = [picture]
    data.seek(0)
    file.save(data)
    return _with_serial(data, zlib.crc32(repr(sorted(tags.items())).encode()))


def _dithered(sound: Sound) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """16-bit samples with triangular dither from a fixed seed."""
    random = np.random.default_rng(1)
    noise = random.random(sound.shape, np.float32) - random.random(sound.shape, np.float32)
    return np.clip(np.round(sound * 32767 + noise), -32768, 32767).astype(np.int16)


def _with_serial(data: io.BytesIO, serial: int) -> bytes:
    """The same Ogg stream under this serial number: libsndfile draws one at random."""
    data.seek(0)
    pages = io.BytesIO()
    while True:
        try:
            page = OggPage(data)
        except EOFError:
            return pages.getvalue()
        page.serial = serial
        pages.write(page.write())


def _picture(cover: bytes) -> Picture:
    picture = Picture()
    picture.type = 3  # the front cover
    picture.mime = "image/jpeg"
    picture.width = picture.height = SIZE
    picture.depth = 24
    picture.data = cover
    return picture
