"""A catalogue in a file: JSON Lines of artists, albums and tracks, in any order, of any size.

The file is read once and laid out in folders of parts, so that an album is found beside its tracks
without holding more than one part in memory. The same file always makes the same batches.
"""

import gzip
import hashlib
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, NamedTuple, Self, cast

import msgspec

MOST_ITEMS = 500
MOST_BYTES = 4 * 1024 * 1024
LONGEST_LINE = 64 * 1024
# A million tracks make parts of some 3 MB.
_PARTS = 128
_BUFFER_BYTES = 32 * 1024
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line of the file by its number, from 1, without its line end."""

    number: int
    text: bytes


class Refusal(NamedTuple):
    """A line that cannot be imported, and why."""

    number: int
    reason: str


class _Head(msgspec.Struct):
    type: str
    id: str
    album: str = ""


class CatalogueFile:
    """The lines of a file, laid out on disk; enter it to read the file.

    Raises `OSError` (of which `gzip.BadGzipFile` and `EOFError`) for a file that cannot be read.
    """

    def __init__(self, path: Path, refuse: Callable[[Refusal], None]) -> None:
        """`refuse` is told of lines that are not worth sending."""
        self._path = path
        self._refuse = refuse
        self._stack = ExitStack()
        self._folder = Path()
        self.sha256 = ""
        self.lines = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory("-cadenza")))
            self._lay_out()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def batches(self) -> Iterator[list[Line]]:
        """Artists first, then each album followed by its tracks."""
        yield from _batched(self._read("artists"))
        yield from _batched(line for part in range(_PARTS) for line in self._by_album(part))

    def _lay_out(self) -> None:
        digest = hashlib.sha256()
        with ExitStack() as stack:
            source = stack.enter_context(_opened(self._path))
            parts: dict[str, IO[bytes]] = {}
            for line in _lines(source, digest):
                self.lines += 1
                place = _place(line)
                if isinstance(place, Refusal):
                    self._refuse(place)
                    continue
                if place not in parts:
                    file = (self._folder / place).open("wb", buffering=_BUFFER_BYTES)
                    parts[place] = stack.enter_context(file)
                parts[place].write(b"%d %s\n" % line)
        self.sha256 = digest.hexdigest()

    def _by_album(self, part: int) -> Iterator[Line]:
        albums: dict[str, list[tuple[bool, Line]]] = {}
        for line in self._read(str(part)):
            head = msgspec.json.decode(line.text, type=_Head)
            is_track = head.type == "track"
            albums.setdefault(head.album if is_track else head.id, []).append((is_track, line))
        for lines in albums.values():
            yield from (line for _, line in sorted(lines))

    def _read(self, name: str) -> Iterator[Line]:
        path = self._folder / name
        if not path.exists():
            return
        with path.open("rb") as file:
            for stored in file:
                number, _, text = stored.rstrip(b"\n").partition(b" ")
                yield Line(int(number), text)


def _opened(path: Path) -> IO[bytes]:
    """Also one that is compressed with gzip, whatever its name."""
    file = path.open("rb")
    begins = file.read(len(_GZIP))
    if begins == _GZIP:
        file.close()
        return cast(IO[bytes], gzip.open(path, "rb"))
    file.seek(0)
    return file


def _lines(source: IO[bytes], digest: "hashlib._Hash") -> Iterator[Line]:
    """All but the empty ones; of one that is too long, one byte more than may be."""
    number = 0
    most = LONGEST_LINE + len(b"\r\n")
    while text := source.readline(most):
        number += 1
        digest.update(text)
        rest = text
        while len(rest) == most and not rest.endswith(b"\n"):
            rest = source.readline(most)
            digest.update(rest)
        line = (text.removeprefix(_BOM) if number == 1 else text).rstrip(b"\r\n")
        if line.strip():
            yield Line(number, line)


def _place(line: Line) -> str | Refusal:
    """The part that the line belongs to."""
    if len(line.text) > LONGEST_LINE:
        return Refusal(line.number, f"longer than {LONGEST_LINE} bytes")
    try:
        # All of it, not only the head: one broken line must not break its batch.
        head = msgspec.convert(msgspec.json.decode(line.text), _Head)
    except msgspec.ValidationError as error:
        return Refusal(line.number, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Refusal(line.number, "not valid JSON")
    if head.type == "artist":
        return "artists"
    if head.type not in {"album", "track"}:
        return Refusal(line.number, f"type: {head.type[:30]!r} is neither artist, album nor track")
    album = head.album if head.type == "track" else head.id
    return str(zlib.crc32(album.encode("utf-8", "surrogatepass")) % _PARTS)


def _batched(lines: Iterable[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        if batch and (len(batch) == MOST_ITEMS or size + len(line.text) > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line.text)
    if batch:
        yield batch
