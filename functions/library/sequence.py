"""Long lists in chunks: which chunks an edit touches, and what comes in their place.

A list is a directory of chunks in order. Chunks never change: an edit writes new ones under new
keys, so that whoever holds a directory can read the whole list as it was. Without I/O.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from functions.library.splices import Range, Splice

# Chunks that edits have replaced stay for so many more edits, for those who are still reading.
KEPT_CHUNKS = 64
# A list may have twice the chunks that it needs and a few more; beyond that it is written anew.
_SPARE_CHUNKS = 8


class Entry(NamedTuple):
    """One item of a list: its id, when it came (seconds since the epoch) and who added it."""

    id: str
    at: int
    by: str = ""


class Ref(msgspec.Struct, frozen=True, array_like=True):
    """A chunk by its key, and how many entries it holds."""

    key: str
    count: int


class Directory(msgspec.Struct, frozen=True, array_like=True):
    """A list's chunks in order, and those that it has left behind, oldest first."""

    chunks: tuple[Ref, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(ref.count for ref in self.chunks)

    @property
    def keys(self) -> list[str]:
        return [ref.key for ref in self.chunks]

    def within(self, start: int, end: int) -> tuple[list[str], int]:
        """Keys of the chunks that hold these positions, and the position of their first entry."""
        found = [(ref, at) for ref, at in self._placed() if at < end and at + ref.count > start]
        return [ref.key for ref, _ in found], found[0][1] if found else 0

    def _placed(self) -> Iterator[tuple[Ref, int]]:
        at = 0
        for ref in self.chunks:
            yield ref, at
            at += ref.count


@dataclass(frozen=True)
class Written:
    """A list after an edit: its directory, the chunks to write, and the keys to delete."""

    directory: Directory
    chunks: dict[str, list[Entry]]
    deleted: tuple[str, ...]


def touched(directory: Directory, splice: Splice, most: int) -> list[str]:
    """Keys of the chunks that `spliced` has to know. `most`: entries in a chunk."""
    if _is_scattered(directory, most):
        return directory.keys
    found = []
    at, total = 0, directory.total
    for ref in directory.chunks:
        span = (at, at + ref.count)
        gone = sum(end - start for start, end in _within(splice.removed, span))
        is_partly_removed = 0 < gone < ref.count or (gone and splice.moved)
        if is_partly_removed or (_takes(splice, span, total) and gone < ref.count):
            found.append(ref.key)
        at += ref.count
    return found


def spliced(
    directory: Directory,
    known: Mapping[str, Sequence[Entry]],
    splice: Splice,
    inserted: Sequence[Entry],
    *,
    version: int,
    most: int,
) -> Written:
    """The list after `splice`. `known`: the entries of the chunks of `touched`, by key.

    `inserted` are the new entries; those that are moved are taken from `known`. `version` is of
    this edit alone and names its chunks.
    """
    if splice.moved:
        inserted = _moved(directory, known, splice)
    rewrites_all = _is_scattered(directory, most)
    pieces: list[Ref | list[Entry]] = []
    at, total = 0, directory.total
    for ref in directory.chunks:
        span = (at, at + ref.count)
        gone = _within(splice.removed, span)
        takes = _takes(splice, span, total)
        if gone or takes or rewrites_all:
            wholly = sum(end - start for start, end in gone) == ref.count
            entries = () if wholly and ref.key not in known else known[ref.key]
            new = inserted if takes else ()
            pieces.append(_edited(entries, at, gone, splice.gap, new))
        else:
            pieces.append(ref)
        at += ref.count
    if not directory.chunks:
        pieces.append(list(inserted))
    return _written(directory, pieces, version, most)


def _is_scattered(directory: Directory, most: int) -> bool:
    needed = -(-directory.total // most)
    return len(directory.chunks) > 2 * needed + _SPARE_CHUNKS


def _takes(splice: Splice, span: Range, total: int) -> bool:
    """Whether what comes in comes into this chunk; at the very end it is the last one's."""
    if not splice.inserted:
        return False
    return span[0] <= splice.gap < span[1] or splice.gap == span[1] == total


def _within(removed: Sequence[Range], span: Range) -> list[Range]:
    return [
        (max(start, span[0]), min(end, span[1]))
        for start, end in removed
        if start < span[1] and end > span[0]
    ]


def _moved(
    directory: Directory, known: Mapping[str, Sequence[Entry]], splice: Splice
) -> list[Entry]:
    moved: list[Entry] = []
    at = 0
    for ref in directory.chunks:
        for start, end in _within(splice.removed, (at, at + ref.count)):
            moved += known[ref.key][start - at : end - at]
        at += ref.count
    return moved


def _edited(
    entries: Sequence[Entry],
    at: int,
    gone: Sequence[Range],
    gap: int,
    inserted: Sequence[Entry],
) -> list[Entry]:
    """The entries of a chunk that begins at position `at`, without `gone`, with `inserted`."""

    def kept(start: int, end: int) -> list[Entry]:
        left: list[Entry] = []
        for gone_start, gone_end in gone:
            left += entries[start - at : max(start, min(gone_start, end)) - at]
            start = max(start, min(gone_end, end))
        return left + list(entries[start - at : end - at])

    end = at + len(entries)
    if not inserted:
        return kept(at, end)
    return [*kept(at, min(gap, end)), *inserted, *kept(min(gap, end), end)]


def _written(
    directory: Directory, pieces: Sequence[Ref | list[Entry]], version: int, most: int
) -> Written:
    refs: list[Ref] = []
    chunks: dict[str, list[Entry]] = {}
    merged = _merged(pieces, most)
    for place, piece in enumerate(merged):
        if isinstance(piece, Ref):
            refs.append(piece)
            continue
        for part in _parts(piece, most, is_last=place == len(merged) - 1):
            key = f"{version}-{len(chunks)}"
            chunks[key] = part
            refs.append(Ref(key, len(part)))
    left = {ref.key for ref in refs}
    stale = (*directory.stale, *(key for key in directory.keys if key not in left))
    deleted = stale[: max(0, len(stale) - KEPT_CHUNKS)]
    return Written(Directory(tuple(refs), stale[len(deleted) :]), chunks, deleted)


def _merged(pieces: Sequence[Ref | list[Entry]], most: int) -> list[Ref | list[Entry]]:
    """Neighbours that are written anyway become one where they fit into one; none are empty."""
    merged: list[Ref | list[Entry]] = []
    for piece in pieces:
        if isinstance(piece, list):
            if not piece:
                continue
            last = merged[-1] if merged else None
            if isinstance(last, list) and len(last) + len(piece) <= most:
                merged[-1] = last + piece
                continue
        merged.append(piece)
    return merged


def _parts(entries: list[Entry], most: int, *, is_last: bool) -> list[list[Entry]]:
    """Full chunks and a rest where the list grows, at its end; elsewhere even ones."""
    count = -(-len(entries) // most)
    size = most if is_last else -(-len(entries) // count)
    return [entries[at : at + size] for at in range(0, len(entries), size)]
