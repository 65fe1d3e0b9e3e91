"""The lines of a bulk import: artists, albums and tracks with given ids, and no audio."""

from typing import Annotated

import msgspec

from functions.catalog import checks
from functions.catalog.checks import Invalid
from functions.catalog.model import AlbumFacts, AlbumType, ArtistRef, Terms, Track
from shared import ids

LONGEST_LINE = 64 * 1024
_MOST_ARTISTS = 100

Popularity = Annotated[int, msgspec.Meta(ge=0, le=100)]
Refs = Annotated[list[str], msgspec.Meta(min_length=1, max_length=_MOST_ARTISTS)]
_Number = Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class _Line(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True
):
    id: str
    name: str
    popularity: Popularity | None = None


class _Release(_Line, frozen=True, kw_only=True):
    """`artists` are ids. No `markets`: everywhere. Times are RFC 3339."""

    artists: Refs
    genres: list[str] = []
    markets: list[str] = []
    available_from: str = ""
    available_until: str = ""


class ArtistLine(_Line, frozen=True, kw_only=True, tag="artist"):
    genres: list[str] = []


class AlbumLine(_Release, frozen=True, kw_only=True, tag="album"):
    """`release_date`: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""

    album_type: AlbumType | None = None
    release_date: str = ""
    upc: str = ""
    label: str = ""
    copyright: str = ""


class TrackLine(_Release, frozen=True, kw_only=True, tag="track"):
    """`album` is an id; `track_number` 0 if it is not known."""

    album: str
    duration_ms: Annotated[int, msgspec.Meta(ge=1, le=24 * 3600 * 1000)]
    disc_number: _Number = 1
    track_number: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0
    explicit: bool = False
    isrc: str = ""


Line = ArtistLine | AlbumLine | TrackLine

_decoder = msgspec.json.Decoder(Line)


def parse(text: bytes | msgspec.Raw) -> Line:
    """A line, every text of it checked and written one way; raises `Invalid`."""
    if len(bytes(text)) > LONGEST_LINE:
        raise Invalid(f"longer than {LONGEST_LINE} bytes")
    try:
        line = _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Invalid(_plainly(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("not valid JSON") from error
    return _checked(line)


def facts_of(line: AlbumLine, artists: list[ArtistRef]) -> AlbumFacts:
    """What the line says of its album; `artists` are those that it names."""
    return AlbumFacts(
        name=line.name,
        album_type=line.album_type,
        artists=artists,
        released=checks.release_date("release_date", line.release_date),
        upc=line.upc,
        label=line.label,
        copyright=line.copyright,
        genres=line.genres or None,
        markets=line.markets,
        available_from=line.available_from,
        available_until=line.available_until,
    )


def track_of(line: TrackLine, artists: list[ArtistRef]) -> Track:
    """The track that the line names; `artists` likewise."""
    return Track(
        id=line.id,
        name=line.name,
        artists=artists,
        disc_number=line.disc_number,
        track_number=line.track_number,
        duration_ms=line.duration_ms,
        explicit=line.explicit,
        genres=line.genres,
        isrc=line.isrc,
        terms=Terms(line.markets, line.available_from, line.available_until),
        playable=False,
        owner="",
        album_id=line.album,
        imported=True,
        popularity=line.popularity or 0,
    )


def _checked(line: Line) -> Line:
    _check_id("id", line.id)
    name = checks.name("name", line.name)
    genres = checks.genres("genres", line.genres)
    if isinstance(line, ArtistLine):
        return msgspec.structs.replace(line, name=name, genres=genres)
    for artist_id in line.artists:
        _check_id("artists", artist_id)
    available_from = checks.time("available_from", line.available_from)
    available_until = checks.time("available_until", line.available_until)
    checks.window(available_from, available_until)
    checked = msgspec.structs.replace(
        line,
        name=name,
        genres=genres,
        artists=list(dict.fromkeys(line.artists)),
        markets=checks.markets("markets", line.markets),
        available_from=available_from,
        available_until=available_until,
    )
    if isinstance(checked, TrackLine):
        _check_id("album", checked.album)
        return msgspec.structs.replace(checked, isrc=checks.isrc("isrc", checked.isrc))
    checks.release_date("release_date", checked.release_date)
    return msgspec.structs.replace(
        checked,
        upc=checks.upc("upc", checked.upc),
        label=checks.line("label", checked.label),
        copyright=checks.line("copyright", checked.copyright),
    )


def _check_id(field: str, text: str) -> None:
    if not ids.is_valid(text):
        raise Invalid(f"{field}: {text[:30]!r} is not an id")


def _plainly(text: str) -> str:
    """`Expected … - at `$.name`` becomes `name: expected …`."""
    reason, _, place = text.rpartition(" - at `$.")
    if reason:
        return f"{place.rstrip('`')}: {reason[:1].lower()}{reason[1:]}"
    return f"{text[:1].lower()}{text[1:]}"
