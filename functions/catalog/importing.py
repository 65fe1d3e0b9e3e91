"""What a batch of imported lines makes of the catalogue, without I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec.structs import replace

from functions.catalog.albums import assemble, nothing_yet
from functions.catalog.checks import Invalid
from functions.catalog.import_lines import (
    AlbumLine,
    ArtistLine,
    Line,
    TrackLine,
    facts_of,
    parse,
    track_of,
)
from functions.catalog.model import Album, ArtistRef, Track
from functions.catalog.update import listing, shown_as


class Refused(msgspec.Struct, frozen=True):
    """A line that is not imported, by its place in the batch, from 1."""

    line: int
    reason: str


@dataclass
class Batch:
    """The lines of a batch that hold so far, by id, and why the others do not."""

    artists: dict[str, ArtistLine] = field(default_factory=dict)
    albums: dict[str, AlbumLine] = field(default_factory=dict)
    tracks: dict[str, TrackLine] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    _places: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        return len(self.artists) + len(self.albums) + len(self.tracks)

    @classmethod
    def read(cls, lines: Iterable[bytes | msgspec.Raw]) -> "Batch":
        batch = cls()
        for place, text in enumerate(lines, 1):
            try:
                batch._add(place, parse(text))
            except Invalid as error:
                batch.refused.append(Refused(place, str(error)))
        return batch

    def artists_named(self) -> set[str]:
        """Whose names have to be known besides the batch's own."""
        releases = (*self.albums.values(), *self.tracks.values())
        return {id for line in releases for id in line.artists} - self.artists.keys()

    def albums_named(self) -> set[str]:
        return {*self.albums, *(line.album for line in self.tracks.values())}

    def refuse(self, line: Line, reason: str) -> None:
        """Takes a line out, and says why."""
        kind, lines = self._of(line)
        del lines[line.id]
        self.refused.append(Refused(self._places[kind, line.id], reason))

    def _add(self, place: int, line: Line) -> None:
        kind, lines = self._of(line)
        if (before := self._places.get((kind, line.id))) is not None:
            raise Invalid(f"id: {kind} {line.id} is on line {before} too")
        self._places[kind, line.id] = place
        lines[line.id] = line

    def _of(self, line: Line) -> tuple[str, dict[str, Line]]:
        found: tuple[str, dict[str, Line]]
        match line:
            case ArtistLine():
                found = "artist", self.artists  # type: ignore[assignment]  # holds only its own
            case AlbumLine():
                found = "album", self.albums  # type: ignore[assignment]  # likewise
            case TrackLine():
                found = "track", self.tracks  # type: ignore[assignment]  # likewise
        return found


@dataclass(frozen=True)
class Imported:
    """An album as it is from now on, and those of its tracks that the batch names."""

    album: Album
    tracks: list[Track]
    popularity: int | None


def refuse_unknown(batch: Batch, names: Mapping[str, str], albums: Mapping[str, Album]) -> None:
    """Takes out what refers to what is not there, or to what is not imported.

    `names` of artists and `albums` are what is stored of what the batch names.
    """
    known = names.keys() | batch.artists.keys()
    for album in list(batch.albums.values()):
        stored = albums.get(album.id)
        if stored is not None and not is_imported(stored):
            batch.refuse(album, f"id: {album.id} is an album that was uploaded")
        elif unknown := [id for id in album.artists if id not in known]:
            batch.refuse(album, f"artists: there is no artist {unknown[0]}")
    for track in list(batch.tracks.values()):
        stored = albums.get(track.album)
        if stored is None and track.album not in batch.albums:
            batch.refuse(track, f"album: there is no album {track.album}")
        elif stored is not None and not is_imported(stored):
            batch.refuse(track, f"album: {track.album} is an album that was uploaded")
        elif unknown := [id for id in track.artists if id not in known]:
            batch.refuse(track, f"artists: there is no artist {unknown[0]}")


def refuse_taken(batch: Batch, tracks: Mapping[str, Track]) -> None:
    """Takes out tracks whose id is another one's. `tracks`: what is stored of the batch's."""
    for line in list(batch.tracks.values()):
        stored = tracks.get(line.id)
        if stored is None:
            continue
        if not stored.imported:
            batch.refuse(line, f"id: {line.id} is a track that was uploaded")
        elif stored.album_id != line.album:
            batch.refuse(line, f"album: {line.id} is on album {stored.album_id} already")


def merged(
    batch: Batch,
    names: Mapping[str, str],
    albums: Mapping[str, Album],
    tracks: Mapping[str, Track],
) -> list[Imported]:
    """The batch's albums with its tracks put in. `tracks` and `albums`: what is stored."""
    known = {**names, **{line.id: line.name for line in batch.artists.values()}}
    by_album: dict[str, list[Track]] = {id: [] for id in batch.albums}
    for line in batch.tracks.values():
        track = track_of(line, _refs(line.artists, known))
        if (before := tracks.get(line.id)) is not None:
            track = replace(track, edit=before.edit, taken_down_at=before.taken_down_at)
        by_album.setdefault(line.album, []).append(track)
    return [
        _merged(albums.get(id), batch.albums.get(id), id, listed, known)
        for id, listed in by_album.items()
    ]


def is_imported(album: Album) -> bool:
    return not album.owner and album.stated.name is not None


def _merged(
    before: Album | None,
    line: AlbumLine | None,
    album_id: str,
    tracks: Sequence[Track],
    names: Mapping[str, str],
) -> Imported:
    before = before or nothing_yet(album_id)
    if line is not None:
        before = replace(before, stated=facts_of(line, _refs(line.artists, names)))
    replaced = {track.id for track in tracks}
    kept = [track for track in before.tracks if track.id not in replaced]
    shown = (shown_as(track) for track in tracks)
    album = assemble(album_id, [*kept, *(listing(track) for track in shown if track)], before)
    assert album is not None, "an import says what its albums are"
    return Imported(album, list(tracks), line.popularity if line else None)


def _refs(wanted: Iterable[str], names: Mapping[str, str]) -> list[ArtistRef]:
    return [ArtistRef(id, names[id]) for id in wanted]
