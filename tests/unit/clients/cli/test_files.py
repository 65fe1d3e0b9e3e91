import hashlib
import os
from pathlib import Path

import pytest

from clients.cli import files
from clients.cli.files import FileChanged, NotThere


def _touch(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_folders_are_walked_for_audio(tmp_path: Path) -> None:
    first = _touch(tmp_path / "a" / "1.FLAC")
    second = _touch(tmp_path / "b" / "2.ogg")
    for other in ("a/cover.jpg", "a/notes.txt", "a/._1.flac", ".trash/3.mp3"):
        _touch(tmp_path / other)
    assert [song.path for song in files.find_songs([tmp_path])] == [first, second]


def test_named_files_are_taken_whatever_they_are_and_once(tmp_path: Path) -> None:
    odd = _touch(tmp_path / "odd.bin")
    song = _touch(tmp_path / "song.mp3")
    found = files.find_songs([odd, tmp_path, song])
    assert [one.path for one in found] == [odd, song]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="nowhere"):
        files.find_songs([tmp_path / "nowhere"])


def test_the_discs_of_an_album_share_group_and_cover(tmp_path: Path) -> None:
    cover = _touch(tmp_path / "Various" / "Hits" / "Folder.JPG")
    for disc in ("CD1", "disc 2"):
        _touch(tmp_path / "Various" / "Hits" / disc / "1.mp3")
    first, second = files.find_songs([tmp_path])
    assert first.group == second.group
    assert first.group.startswith("Hits-")
    assert first.cover == second.cover == cover


def test_groups_follow_the_folder_and_not_the_disk(tmp_path: Path) -> None:
    here = files.group_hint(tmp_path / "one" / "Artist" / "Album" / "1.mp3")
    there = files.group_hint(tmp_path / "two" / "Artist" / "Album" / "2.mp3")
    other = files.group_hint(tmp_path / "one" / "Other" / "Album" / "1.mp3")
    assert here == there != other
    assert len(files.group_hint(tmp_path / ("x" * 200) / "1.mp3")) < 100


def test_a_file_is_pinned(tmp_path: Path) -> None:
    path = _touch(tmp_path / "a.mp3", b"0123456789")
    pinned = files.pin(path)
    assert pinned.sha256 == hashlib.sha256(b"0123456789").hexdigest()
    assert pinned.read(3, 4) == b"3456"
    with pytest.raises(FileChanged):
        pinned.read(8, 4)
    path.write_bytes(b"0123456780")
    os.utime(path, ns=(0, pinned.modified_ns + 1))
    with pytest.raises(FileChanged, match=r"a\.mp3 changed"):
        pinned.read(0, 4)
