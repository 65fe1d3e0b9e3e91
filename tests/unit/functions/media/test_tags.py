import base64
from pathlib import Path
from typing import Any

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen import id3
from mutagen.flac import FLAC, Picture
from mutagen.mp4 import MP4Tags

from functions.media import tags
from functions.media.tags import Tags
from tests.unit.functions.media import sounds

COVER = sounds.picture()

EXPECTED = Tags(
    title="Title",
    artists=["One", "Two"],
    album="Album",
    album_artists=["Various"],
    compilation=True,
    disc_number=1,
    track_number=3,
    release_date="2007-05-09",
    genres=["Rock", "Folk"],
    isrc="USS1Z9900001",
    upc="012345678905",
    label="Label",
    copyright="(C) Us",
    explicit=True,
    picture=COVER,
)

VORBIS: dict[str, list[str]] = {
    "TITLE": ["Title"],
    "ARTIST": ["One", "Two"],
    "ALBUM": ["Album"],
    "ALBUMARTIST": ["Various"],
    "COMPILATION": ["1"],
    "DISCNUMBER": ["1/2"],
    "TRACKNUMBER": ["3/12"],
    "DATE": ["2007-05-09"],
    "GENRE": ["Rock", "Folk"],
    "ISRC": ["US-S1Z-99-00001"],
    "BARCODE": ["012345678905"],
    "ORGANIZATION": ["Label"],
    "COPYRIGHT": ["(C) Us"],
    "ITUNESADVISORY": ["1"],
}

ID3: list[Any] = [
    id3.TIT2(3, ["Title"]),
    id3.TPE1(3, ["One", "Two"]),
    id3.TALB(3, ["Album"]),
    id3.TPE2(3, ["Various"]),
    id3.TCMP(3, ["1"]),
    id3.TPOS(3, ["1/2"]),
    id3.TRCK(3, ["3/12"]),
    id3.TDRC(3, ["2007-05-09"]),
    id3.TCON(3, ["(17)Folk"]),
    id3.TSRC(3, ["USS1Z9900001"]),
    id3.TXXX(3, "BARCODE", ["012345678905"]),
    id3.TPUB(3, ["Label"]),
    id3.TCOP(3, ["(C) Us"]),
    id3.TXXX(3, "ITUNESADVISORY", ["1"]),
    id3.APIC(3, "image/png", 4, "back", b"another picture"),
    id3.APIC(3, "image/jpeg", 3, "front", COVER),
]

MP4: dict[str, Any] = {
    "©nam": ["Title"],
    "©ART": ["One", "Two"],
    "©alb": ["Album"],
    "aART": ["Various"],
    "cpil": True,
    "disk": [(1, 2)],
    "trkn": [(3, 12)],
    "©day": ["2007-05-09"],
    "©gen": ["Rock", "Folk"],
    "----:com.apple.iTunes:ISRC": [b"USS1Z9900001"],
    "----:com.apple.iTunes:BARCODE": [b"012345678905"],
    "----:com.apple.iTunes:LABEL": [b"Label"],
    "cprt": ["(C) Us"],
    "rtng": [1],
    "covr": [COVER],
}


def front_cover() -> Picture:
    cover = Picture()
    cover.type, cover.mime, cover.data = 3, "image/jpeg", COVER
    return cover


def test_flac(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.flac")
    file = FLAC(path)
    file.update(VORBIS)
    file.add_picture(front_cover())
    file.save()
    assert tags.read(path, "x.flac") == EXPECTED


@pytest.mark.parametrize("suffix", [".ogg", ".opus"])
def test_ogg(tmp_path: Path, suffix: str) -> None:
    path = sounds.write(tmp_path / f"a{suffix}", rate=48_000)
    file = mutagen.File(path)
    file.update(VORBIS)
    file["metadata_block_picture"] = [base64.b64encode(front_cover().write()).decode()]
    file.save()
    assert tags.read(path, "x.ogg") == EXPECTED


@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".aiff"])
def test_id3(tmp_path: Path, suffix: str) -> None:
    path = sounds.write(tmp_path / f"a{suffix}")
    file = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    for frame in ID3:
        file.tags.add(frame)
    file.save()
    assert tags.read(path, "x.mp3") == EXPECTED


def test_mp4_atoms() -> None:
    atoms = MP4Tags()
    atoms.update(MP4)
    raw = tags.texts(atoms)
    assert tags.interpret(raw, "x.m4a", COVER) == EXPECTED


def test_names_that_other_programs_write() -> None:
    raw = tags.texts({"album_artist": ["Various"], "Disc": ["1"], "track": ["4"], "Year": ["2007"]})
    read = tags.interpret(raw, "x.ogg", None)
    assert (read.album_artists, read.disc_number, read.track_number) == (["Various"], 1, 4)
    assert read.release_date == "2007"


def test_an_untagged_file_is_named_after_its_name(tmp_path: Path) -> None:
    read = tags.read(sounds.write(tmp_path / "source.flac"), "02 - Artist - Song.flac")
    assert (read.title, read.artists, read.track_number) == ("Song", ["Artist"], 2)
    assert read.album == tags.UNKNOWN_ALBUM
    assert read.picture is None


@pytest.mark.parametrize("artist", ["", "<Unknown>", "-", "\x00\x01"])
def test_a_missing_artist(artist: str) -> None:
    assert tags.interpret({"artists": [artist]}, "Song.ogg", None).artists == [tags.UNKNOWN_ARTIST]
    read = tags.interpret({"artists": [artist], "album_artists": ["Band"]}, "Song.ogg", None)
    assert read.artists == ["Band"]


def test_hostile_tags(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.flac")
    file = FLAC(path)
    file["title"] = "\x1b[2J../../\u202egnp.exe\n" + "x" * 10_000_000
    file["tracknumber"] = "-"
    file["isrc"] = "'; DROP TABLE"
    file.save()
    read = tags.read(path, "x.flac")
    assert read.title.startswith("[2J../../gnp.exe xxx")
    assert len(read.title) == 500
    assert (read.track_number, read.isrc) == (0, "")


@given(data=st.binary(max_size=300), magic=st.sampled_from([b"fLaC", b"ID3\x04\0", b"OggS", b""]))
def test_no_bytes_break_the_reader(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, magic: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "source"
    path.write_bytes(magic + data)
    assert tags.read(path, "song.mp3").title


def test_a_broken_picture_block_is_no_picture(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.ogg")
    file = mutagen.File(path)
    file["metadata_block_picture"] = ["not base64!", "AAAA"]
    file["title"] = "Still read"
    file.save()
    read = tags.read(path, "x.ogg")
    assert (read.title, read.picture) == ("Still read", None)
