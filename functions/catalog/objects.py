"""The Web API's objects for tracks, albums and artists."""

import msgspec
from msgspec import UNSET, UnsetType

from functions.catalog.availability import Reason
from functions.catalog.model import AlbumGroup, AlbumType, DatePrecision
from shared.paging import Page


class ExternalUrls(msgspec.Struct, frozen=True):
    spotify: str


class ExternalIds(msgspec.Struct, frozen=True, omit_defaults=True):
    isrc: str = ""
    upc: str = ""


class Followers(msgspec.Struct, frozen=True):
    href: str | None = None
    total: int = 0


class Image(msgspec.Struct, frozen=True):
    """`width` and `height` in pixels."""

    url: str
    height: int
    width: int


class Restrictions(msgspec.Struct, frozen=True):
    """Why something may not be played."""

    reason: Reason


class LinkedTrackObject(msgspec.Struct, frozen=True):
    """The track that was asked for, where another recording of it is shown."""

    external_urls: ExternalUrls
    href: str
    id: str
    type: str
    uri: str


class Copyright(msgspec.Struct, frozen=True):
    """`type`: C for the work, P for the recording."""

    text: str
    type: str


class _Item(msgspec.Struct, frozen=True, kw_only=True):
    external_urls: ExternalUrls
    href: str
    id: str
    name: str
    type: str
    uri: str


class SimplifiedArtistObject(_Item, frozen=True, kw_only=True):
    pass


class ArtistObject(_Item, frozen=True, kw_only=True):
    followers: Followers = Followers()
    genres: list[str]
    images: list[Image] = []
    popularity: int = 0


class SimplifiedTrackObject(_Item, frozen=True, kw_only=True):
    """`available_markets` where no market is asked for, else `is_playable`."""

    artists: list[SimplifiedArtistObject]
    available_markets: list[str] | UnsetType = UNSET
    disc_number: int
    duration_ms: int
    explicit: bool
    is_local: bool = False
    is_playable: bool | UnsetType = UNSET
    linked_from: LinkedTrackObject | UnsetType = UNSET
    preview_url: str | None = None
    restrictions: Restrictions | UnsetType = UNSET
    track_number: int


class SimplifiedAlbumObject(_Item, frozen=True, kw_only=True):
    album_type: AlbumType
    artists: list[SimplifiedArtistObject]
    available_markets: list[str]
    images: list[Image]
    release_date: str
    release_date_precision: DatePrecision
    restrictions: Restrictions | UnsetType = UNSET
    total_tracks: int


class ArtistDiscographyAlbumObject(SimplifiedAlbumObject, frozen=True, kw_only=True):
    album_group: AlbumGroup


class AlbumObject(SimplifiedAlbumObject, frozen=True, kw_only=True):
    copyrights: list[Copyright]
    external_ids: ExternalIds
    genres: list[str]
    label: str
    popularity: int = 0
    tracks: Page[SimplifiedTrackObject]


class TrackObject(SimplifiedTrackObject, frozen=True, kw_only=True):
    album: SimplifiedAlbumObject
    external_ids: ExternalIds
    popularity: int = 0
