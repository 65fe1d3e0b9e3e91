"""Tracks, albums and artists, as the catalogue keeps them. "" and 0 mean unknown."""

from enum import Enum

import msgspec

from shared.events import Change, Download, Features, Rendition


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


class AlbumTags(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a track's file says of the album that it is on."""

    title: str = ""
    artists: list[ArtistRef] = []
    compilation: bool = False
    released: ReleaseDate = UNKNOWN_DATE
    upc: str = ""
    label: str = ""
    copyright: str = ""
    cover_id: str = ""


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where and when something may be played.

    No markets: everywhere. Times as `YYYY-MM-DDTHH:MM:SSZ`; "": from ever, for ever.
    """

    markets: list[str] = []
    available_from: str = ""
    available_until: str = ""


class TrackEdit(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the owner says of a track over what its file says; None: what the file says."""

    name: str | None = None
    explicit: bool | None = None
    genres: list[str] | None = None
    isrc: str | None = None
    markets: list[str] | None = None
    available_from: str | None = None
    available_until: str | None = None


class AlbumFacts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What somebody says of an album over what its tracks say; None: what they say."""

    name: str | None = None
    album_type: AlbumType | None = None
    artists: list[ArtistRef] | None = None
    released: ReleaseDate | None = None
    upc: str | None = None
    label: str | None = None
    copyright: str | None = None
    cover_id: str | None = None
    genres: list[str] | None = None
    markets: list[str] | None = None
    available_from: str | None = None
    available_until: str | None = None


class AlbumTrack(msgspec.Struct, frozen=True, kw_only=True, weakref=True):
    """A track as its album lists it. `track_number` is as tagged, 0 if it is not.

    `playable`: there is a recording of it here, and not only its name.
    """

    id: str
    name: str
    artists: list[ArtistRef]
    disc_number: int
    track_number: int
    duration_ms: int
    explicit: bool
    genres: list[str]
    album: AlbumTags = AlbumTags()
    isrc: str = ""
    terms: Terms = Terms()
    playable: bool = True


class Track(AlbumTrack, frozen=True, kw_only=True):
    """A track. `generation` is that of the upload it was made from: the higher, the newer.

    One that was imported has no media, and what it says of artists counts for nothing: they were
    imported too. `popularity` from 0 to 100. `taken_down_at` as times in `Terms`, or "".
    """

    owner: str
    upload_id: str = ""
    generation: int = 0
    album_id: str
    media: Media | None = None
    features: Features = Features()
    imported: bool = False
    edit: TrackEdit = TrackEdit()
    taken_down_at: str = ""
    popularity: int = 0


class StoredTrack(Track, frozen=True, kw_only=True):
    """A track with what its write changed, so that the same event can be published again."""

    changes: list[Change] = msgspec.field(default_factory=list)


class Album(msgspec.Struct, frozen=True, kw_only=True, weakref=True):
    """An album: its tracks, in playing order, and what follows from them.

    What an import `stated` holds over the tracks, and the owner's `edit` over both.
    """

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
    terms: Terms = Terms()
    owner: str = ""
    stated: AlbumFacts = AlbumFacts()
    edit: AlbumFacts = AlbumFacts()
    taken_down_at: str = ""
    popularity: int = 0

    @property
    def is_listed(self) -> bool:
        return bool(self.tracks) and not self.taken_down_at


class Artist(msgspec.Struct, frozen=True, weakref=True):
    """An artist, known by the tracks and albums that name it. Genres: the most frequent first."""

    id: str
    name: str
    genres: list[str]
    popularity: int = 0
