"""Composes the demo music and writes it as a collection of tagged files."""

from pathlib import Path

from emulators.demo import cover, encode, synth
from emulators.demo.pieces import ALBUMS, Album, Piece


def compose(folder: Path) -> list[Path]:
    """Writes `artist/album/track` files below `folder` and returns the tracks in order.

    The same machine writes the same bytes each time, so that uploads of them keep their ids;
    another processor may round the last bit of a sample differently. Files appear whole.
    """
    tracks = []
    for album in ALBUMS:
        home = folder / album.artist / album.title
        home.mkdir(parents=True, exist_ok=True)
        picture = cover.draw(album.painter, album.palette, album.seed)
        if not album.is_cover_in_files:
            _write(home / "cover.jpg", picture)
        for number, piece in enumerate(album.pieces, 1):
            suffix = "flac" if piece.lossless else "ogg"
            track = home / f"{number:02} {piece.title}.{suffix}"
            _write(track, _file_of(album, piece, number, picture))
            tracks.append(track)
    return tracks


def _file_of(album: Album, piece: Piece, number: int, picture: bytes) -> bytes:
    sound = synth.render(piece.score, piece.voices, room_s=piece.room_s)
    write = encode.flac if piece.lossless else encode.vorbis
    return write(
        sound,
        synth.RATE,
        tags_of(album, piece, number),
        picture if album.is_cover_in_files else None,
    )


def tags_of(album: Album, piece: Piece, number: int) -> dict[str, str]:
    """Vorbis comments."""
    return {
        "title": piece.title,
        "artist": album.artist,
        "albumartist": album.artist,
        "album": album.title,
        "tracknumber": f"{number}/{len(album.pieces)}",
        "discnumber": "1",
        "date": album.date,
        "genre": album.genre,
        "isrc": piece.isrc,
        "label": "Cadenza Demo",
        "copyright": f"{album.date[:4]} Cadenza; CC0 1.0",
    }


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
