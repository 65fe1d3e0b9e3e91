"""Finding music on disk, and reading it without mistaking one version of a file for another."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

# fmt: off
AUDIO_SUFFIXES = frozenset({
    ".aac", ".aif", ".aifc", ".aiff", ".alac", ".ape", ".caf", ".dsf", ".flac", ".m4a", ".mka",
    ".mp2", ".mp3", ".mp4", ".mpc", ".oga", ".ogg", ".opus", ".tta", ".wav", ".weba", ".webm",
    ".wma", ".wv",
})
# fmt: on
_COVER_NAMES = ("folder", "cover", "front")
_COVER_SUFFIXES = (".jpg", ".jpeg", ".png")
_DISC_FOLDER = re.compile(r"(cd|dis[ck])[ ._-]*\d+", re.IGNORECASE)
_LONGEST_HINT = 80


class NotThere(Exception):
    """A path that was named does not exist; the message names it."""


class FileChanged(Exception):
    """The file is not any more what it was when it was first read."""


class Song(msgspec.Struct, frozen=True):
    """An audio file to add, the hint that keeps its album together, and the cover beside it."""

    path: Path
    group: str
    cover: Path | None


class LocalFile(msgspec.Struct, frozen=True):
    """A file's content, pinned: `sha256` in hexadecimal, `size` in bytes."""

    path: Path
    size: int
    modified_ns: int
    sha256: str

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes; raises `FileChanged` or `OSError`."""
        with self.path.open("rb") as file:
            now = os.fstat(file.fileno())
            if (now.st_size, now.st_mtime_ns) != (self.size, self.modified_ns):
                raise FileChanged(f"{self.path.name} changed while it was being sent")
            file.seek(offset)
            data = file.read(length)
        if len(data) != length:
            raise FileChanged(f"{self.path.name} changed while it was being sent")
        return data


def pin(path: Path) -> LocalFile:
    """Reads a whole file once; raises `FileChanged` or `OSError`."""
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileChanged(f"{path.name} changed while it was being read")
    return LocalFile(path, after.st_size, after.st_mtime_ns, digest)


def find_songs(paths: Iterable[Path]) -> list[Song]:
    """The files named, whatever their suffix, and the audio files below the folders named.

    Each once, in the order given, those of a folder by name; hidden ones are left out. Raises
    `NotThere`.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found.update(dict.fromkeys(_audio_below(path.resolve())))
        elif path.exists():
            found[path.resolve()] = None
        else:
            raise NotThere(f"There is no file or folder {path}")
    return [Song(path, group_hint(path), find_cover(path)) for path in found]


def group_hint(song: Path) -> str:
    """The album folder's name and a hash of where it lies in the collection.

    It stays the same when the collection is moved; the discs of one album share it.
    """
    folder = _album_folder(song)
    place = f"{folder.parent.name}/{folder.name}".encode("utf-8", "surrogatepass")
    name = folder.name[:_LONGEST_HINT].encode("utf-8", "replace").decode()
    return f"{name}-{hashlib.sha256(place).hexdigest()[:12]}"


def find_cover(song: Path) -> Path | None:
    """`folder`, `cover` or `front` as a picture, beside the song or in its album's folder."""
    for folder in dict.fromkeys((song.parent, _album_folder(song))):
        try:
            names = {entry.name.lower(): entry for entry in folder.iterdir()}
        except OSError:
            continue
        for name in _COVER_NAMES:
            for suffix in _COVER_SUFFIXES:
                cover = names.get(name + suffix)
                if cover is not None and cover.is_file():
                    return cover
    return None


def _album_folder(song: Path) -> Path:
    folder = song.parent
    return folder.parent if _DISC_FOLDER.fullmatch(folder.name) else folder


def _audio_below(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in AUDIO_SUFFIXES:
                yield Path(root, name)
