"""Tracks, albums and artists in the Web API's own words."""

from typing import Any

import msgspec
from msgspec.structs import asdict

from functions.catalog.albums import shown_numbers
from functions.catalog.markets import MARKETS
from functions.catalog.model import (
    Album,
    AlbumGroup,
    AlbumTrack,
    AlbumType,
    Artist,
    ArtistRef,
    DatePrecision,
    Track,
)
from shared.paging import Page, Window, page

_IMAGE_SIZES = (640, 300, 64)


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
    artists: list[SimplifiedArtistObject]
    available_markets: list[str]
    disc_number: int
    duration_ms: int
    explicit: bool
    is_local: bool = False
    is_playable: bool = True
    preview_url: str | None = None
    track_number: int


class SimplifiedAlbumObject(_Item, frozen=True, kw_only=True):
    album_type: AlbumType
    artists: list[SimplifiedArtistObject]
    available_markets: list[str]
    images: list[Image]
    release_date: str
    release_date_precision: DatePrecision
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


class Shapes:
    """Makes the objects; their links lead to this deployment."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def artist(self, artist: Artist) -> ArtistObject:
        return ArtistObject(**self._item("artist", artist.id, artist.name), genres=artist.genres)

    def track(self, track: Track, album: Album) -> TrackObject:
        """`album` lists the track, unless the track moved between our two reads."""
        numbers = dict(
            zip((each.id for each in album.tracks), shown_numbers(album.tracks), strict=True)
        )
        number = numbers.get(track.id, track.track_number)
        return TrackObject(
            **asdict(self._simplified_track(track, number)),
            album=self.simplified_album(album),
            external_ids=ExternalIds(isrc=track.isrc),
        )

    def album(self, album: Album, window: Window) -> AlbumObject:
        """`window`: which of its tracks to show."""
        return AlbumObject(
            **asdict(self.simplified_album(album)),
            copyrights=copyrights(album.copyright),
            external_ids=ExternalIds(upc=album.upc),
            genres=album.genres,
            label=album.label,
            tracks=self.tracks_of(album, window),
        )

    def simplified_album(self, album: Album) -> SimplifiedAlbumObject:
        return SimplifiedAlbumObject(
            **self._item("album", album.id, album.name),
            album_type=album.album_type,
            artists=self._artists(album.artists),
            available_markets=MARKETS,
            images=self._images(album.cover_id),
            release_date=album.released.date,
            release_date_precision=album.released.precision,
            total_tracks=album.total_tracks,
        )

    def discography_album(self, album: Album, group: AlbumGroup) -> ArtistDiscographyAlbumObject:
        return ArtistDiscographyAlbumObject(
            **asdict(self.simplified_album(album)), album_group=group
        )

    def tracks_of(self, album: Album, window: Window) -> Page[SimplifiedTrackObject]:
        """A page of an album's tracks."""
        chosen = slice(window.offset, window.offset + window.limit)
        numbered = zip(album.tracks[chosen], shown_numbers(album.tracks)[chosen], strict=True)
        items = [self._simplified_track(track, number) for track, number in numbered]
        return page(items, window, album.total_tracks, self.href(f"albums/{album.id}/tracks"))

    def href(self, path: str) -> str:
        """The address of a path under `/v1/`."""
        return f"{self._public_url}/v1/{path}"

    def _simplified_track(self, track: AlbumTrack, number: int) -> SimplifiedTrackObject:
        return SimplifiedTrackObject(
            **self._item("track", track.id, track.name),
            artists=self._artists(track.artists),
            available_markets=MARKETS,
            disc_number=track.disc_number,
            duration_ms=track.duration_ms,
            explicit=track.explicit,
            track_number=number,
        )

    def _artists(self, artists: list[ArtistRef]) -> list[SimplifiedArtistObject]:
        return [
            SimplifiedArtistObject(**self._item("artist", artist.id, artist.name))
            for artist in artists
        ]

    def _item(self, type: str, id: str, name: str) -> dict[str, Any]:
        return {
            "external_urls": ExternalUrls(f"{self._public_url}/{type}/{id}"),
            "href": self.href(f"{type}s/{id}"),
            "id": id,
            "name": name,
            "type": type,
            "uri": f"spotify:{type}:{id}",
        }

    def _images(self, cover_id: str) -> list[Image]:
        """Widest first, as clients expect."""
        if not cover_id:
            return []
        folder = f"{self._public_url}/images/{cover_id}"
        return [Image(f"{folder}/{size}.jpg", size, size) for size in _IMAGE_SIZES]


def copyrights(text: str) -> list[Copyright]:
    """One for each kind of right that the text's signs claim; without a sign, the work's."""
    if not text:
        return []
    signs = {"C": ("©", "(c)"), "P": ("℗", "(p)")}
    kinds = [kind for kind, marks in signs.items() if any(mark in text.lower() for mark in marks)]
    return [Copyright(text, kind) for kind in kinds or ["C"]]
