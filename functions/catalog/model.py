"""Tracks, albums and artists, as the catalogue keeps them. "" and 0 mean unknown."""

from enum import Enum

import msgspec

from shared.events import Download, Rendition


class AlbumType(str, Enum):
    """What kind of release an album is."""

    album = "album"
    single = "single"
    compilation = "compilation"


class AlbumGroup(str, Enum):
    """How an artist is related to an album: by its type, or as a guest on another's."""

    album = "album"
    single = "single"
    compilation = "compilation"
    appears_on = "appears_on"


class DatePrecision(str, Enum):
    """How much of a release date is known."""

    year = "year"
    month = "month"
    day = "day"


class ReleaseDate(msgspec.Struct, frozen=True):
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as far as it is known; "0000" if it is not."""

    date: str
    precision: DatePrecision


UNKNOWN_DATE = ReleaseDate("0000", DatePrecision.year)


class ArtistRef(msgspec.Struct, frozen=True):
    """An artist as a track or an album names it."""

    id: str
    name: str


class Media(msgspec.Struct, frozen=True):
    """Where a track's files lie and how loud it is; see `shared.events.MediaReady`."""

    prefix: str
    integrated_lufs: float
    true_peak_db: float
    renditions: list[Rendition]
    downloads: list[Download]


class AlbumTags(msgspec.Struct, frozen=True):
    """What a track's file says of the album that it is on."""

    title: str
    artists: list[ArtistRef]
    compilation: bool
    released: ReleaseDate
    upc: str
    label: str
    copyright: str
    cover_id: str


class AlbumTrack(msgspec.Struct, frozen=True, kw_only=True):
    """A track as its album lists it. `track_number` is as tagged, 0 if it is not."""

    id: str
    name: str
    artists: list[ArtistRef]
    disc_number: int
    track_number: int
    duration_ms: int
    explicit: bool
    genres: list[str]
    album: AlbumTags


class Track(AlbumTrack, frozen=True, kw_only=True):
    """A track. `generation` is that of the upload it was made from: the higher, the newer."""

    owner: str
    upload_id: str
    generation: int
    album_id: str
    isrc: str
    media: Media


class Album(msgspec.Struct, frozen=True, kw_only=True):
    """An album, wholly determined by its tracks, which it holds in playing order."""

    id: str
    name: str
    album_type: AlbumType
    artists: list[ArtistRef]
    released: ReleaseDate
    upc: str
    label: str
    copyright: str
    cover_id: str
    genres: list[str]
    total_tracks: int
    total_discs: int
    tracks: list[AlbumTrack]


class Artist(msgspec.Struct, frozen=True):
    """An artist, known by the tracks and albums that name it. Genres: the most frequent first."""

    id: str
    name: str
    genres: list[str]
