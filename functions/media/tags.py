"""Tags of a file in one shape, whatever the file's own: ID3, MP4 atoms, Vorbis comments, APE."""

import base64
import binascii
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mutagen
from mutagen.apev2 import APEv2
from mutagen.flac import Picture
from mutagen.id3 import ID3
from mutagen.mp4 import MP4Tags

from functions.media import tag_text

UNKNOWN_ARTIST = "Unknown Artist"
UNKNOWN_ALBUM = "Unknown Album"

_FRONT_COVER = 3
# What mutagen raises besides its own error when a file lies about itself.
_UNREADABLE = (
    mutagen.MutagenError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    struct.error,
)

# Our name of a tag, and the names it goes by, the best first. Vorbis comments and APE are
# free text, so they share a row; ID3 writes TXXX:<description>, MP4 ----:com.apple.iTunes:<name>.
_ID3 = {
    "title": ["TIT2"],
    "artists": ["TXXX:ARTISTS", "TPE1"],
    "album": ["TALB"],
    "album_artists": ["TXXX:ALBUMARTISTS", "TPE2"],
    "compilation": ["TCMP"],
    "disc": ["TPOS"],
    "track": ["TRCK"],
    "date": ["TDRL", "TDRC", "TDOR"],
    "genre": ["TCON"],
    "isrc": ["TSRC"],
    "upc": ["TXXX:BARCODE", "TXXX:UPC", "TXXX:EAN"],
    "label": ["TPUB", "TXXX:LABEL"],
    "copyright": ["TCOP"],
    "advisory": ["TXXX:ITUNESADVISORY"],
}
_ITUNES = "----:com.apple.iTunes:"
_MP4 = {
    "title": ["©nam"],
    "artists": [_ITUNES + "ARTISTS", "©ART"],
    "album": ["©alb"],
    "album_artists": [_ITUNES + "ALBUMARTISTS", "aART"],
    "compilation": ["cpil"],
    "disc": ["disk"],
    "track": ["trkn"],
    "date": ["©day"],
    "genre": ["©gen"],
    "isrc": [_ITUNES + "ISRC"],
    "upc": [_ITUNES + "BARCODE", _ITUNES + "UPC"],
    "label": [_ITUNES + "LABEL", "©pub"],
    "copyright": ["cprt"],
    "advisory": ["rtng"],
}
_FREE_TEXT = {
    "title": ["title"],
    "artists": ["artists", "artist"],
    "album": ["album"],
    "album_artists": ["albumartists", "albumartist", "album artist", "album_artist"],
    "compilation": ["compilation"],
    "disc": ["discnumber", "disc"],
    "track": ["tracknumber", "track"],
    "date": ["releasedate", "date", "year", "originaldate"],
    "genre": ["genre"],
    "isrc": ["isrc"],
    "upc": ["barcode", "upc", "ean", "ean/upc"],
    "label": ["label", "organization", "publisher"],
    "copyright": ["copyright"],
    "advisory": ["itunesadvisory", "explicit"],
}
_YES = {"1", "true", "yes"}
# iTunes writes 1 for explicit (4 in old files) and 2 for a cleaned version.
_EXPLICIT = _YES | {"4", "explicit"}


@dataclass(frozen=True)
class Tags:
    """A track's description, cleaned; "" and 0 mean unknown. `picture` is the cover as it lies."""

    title: str
    artists: list[str]
    album: str
    album_artists: list[str]
    compilation: bool
    disc_number: int
    track_number: int
    release_date: str
    genres: list[str]
    isrc: str
    upc: str
    label: str
    copyright: str
    explicit: bool
    picture: bytes | None


def read(path: Path, filename: str) -> Tags:
    """The tags of the file; what they lack is taken from `filename`, as its owner calls it."""
    try:
        file = mutagen.File(path)
    except _UNREADABLE:
        file = None
    try:
        raw = {} if file is None or file.tags is None else texts(file.tags)
    except _UNREADABLE:
        raw = {}
    try:
        picture = None if file is None else _picture(file)
    except _UNREADABLE:
        picture = None
    return interpret(raw, filename, picture)


def interpret(raw: Mapping[str, list[str]], filename: str, picture: bytes | None) -> Tags:
    """Tags from a file's own texts, as `texts` gives them."""
    named = tag_text.from_filename(filename)

    def first(name: str) -> str:
        return next((text for text in map(tag_text.clean, raw.get(name, [])) if text), "")

    artists = tag_text.clean_all(raw.get("artists", []))
    album_artists = tag_text.clean_all(raw.get("album_artists", []))
    artists = artists or ([named.artist] if named.artist else album_artists) or [UNKNOWN_ARTIST]
    return Tags(
        title=first("title") or named.title,
        artists=artists,
        album=first("album") or named.album or UNKNOWN_ALBUM,
        album_artists=album_artists,
        compilation=first("compilation").casefold() in _YES,
        disc_number=tag_text.number(first("disc")) or named.disc_number,
        track_number=tag_text.number(first("track")) or named.track_number,
        release_date=tag_text.date(first("date")),
        genres=tag_text.clean_all(raw.get("genre", [])),
        isrc=tag_text.isrc(first("isrc")),
        upc=tag_text.upc(first("upc")),
        label=first("label"),
        copyright=first("copyright"),
        explicit=first("advisory").casefold() in _EXPLICIT,
        picture=picture,
    )


def texts(tags: Any) -> dict[str, list[str]]:
    """The texts of mutagen's tags, by the names that `interpret` takes."""
    if isinstance(tags, ID3):
        return _by_name(_ID3, {key.upper(): _id3_texts(frame) for key, frame in tags.items()})
    if isinstance(tags, MP4Tags):
        return _by_name(_MP4, {key: _mp4_texts(values) for key, values in tags.items()})
    free: dict[str, list[str]] = {}
    for key, value in tags.items():
        free.setdefault(key.casefold(), []).extend(_free_texts(value))
    return _by_name(_FREE_TEXT, free)


def _by_name(
    names: Mapping[str, list[str]], texts: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """Under our names, each from the first of its own names that holds anything."""
    return {
        ours: next(
            (texts[key] for key in theirs if any(map(tag_text.clean, texts.get(key, [])))), []
        )
        for ours, theirs in names.items()
    }


def _id3_texts(frame: Any) -> list[str]:
    if frame.FrameID == "TCON":
        return [str(genre) for genre in frame.genres]
    return [str(text) for text in getattr(frame, "text", [])]


def _mp4_texts(values: Any) -> list[str]:
    if not isinstance(values, list):
        return [str(int(values))]
    return [_mp4_text(value) for value in values]


def _mp4_text(value: Any) -> str:
    match value:
        case bytes():
            return value.decode("utf-8", "replace")
        case (int(position), *_):
            return str(position)
        case _:
            return str(value)


def _free_texts(value: Any) -> Iterable[str]:
    """A list of texts (Vorbis), or one value that may be of several texts or binary (APE)."""
    if isinstance(value, str):
        return [value]
    return [text for text in value if isinstance(text, str)]


def _picture(file: Any) -> bytes | None:
    """The front cover, or the first picture there is."""
    pictures = [(kind, data) for kind, data in _pictures(file) if data]
    front = [data for kind, data in pictures if kind == _FRONT_COVER]
    return next(iter([*front, *(data for _, data in pictures)]), None)


def _pictures(file: Any) -> list[tuple[int, bytes]]:
    if own := getattr(file, "pictures", None):
        return [(picture.type, picture.data) for picture in own]
    tags = file.tags
    if tags is None:
        return []
    if isinstance(tags, ID3):
        return [(frame.type, frame.data) for frame in tags.getall("APIC")]
    if isinstance(tags, MP4Tags):
        return [(_FRONT_COVER, bytes(cover)) for cover in tags.get("covr", [])]
    if isinstance(tags, APEv2):
        cover = tags.get("Cover Art (Front)")
        return [] if cover is None else [(_FRONT_COVER, cover.value.partition(b"\0")[2])]
    return [_vorbis_picture(text) for text in tags.get("metadata_block_picture", [])]


def _vorbis_picture(text: str) -> tuple[int, bytes]:
    try:
        picture = Picture(base64.b64decode(text, validate=False))
    except (binascii.Error, mutagen.MutagenError, struct.error):
        return 0, b""
    return picture.type, picture.data
