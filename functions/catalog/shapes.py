"""Tracks, albums and artists in the Web API's own words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import asdict

from functions.catalog.albums import shown_numbers
from functions.catalog.availability import (
    album_restriction,
    available_markets,
    now_text,
    restriction_of,
)
from functions.catalog.model import Album, AlbumGroup, AlbumTrack, Artist, ArtistRef, Track
from functions.catalog.objects import (
    AlbumObject,
    ArtistDiscographyAlbumObject,
    ArtistObject,
    Copyright,
    ExternalIds,
    ExternalUrls,
    Image,
    LinkedTrackObject,
    Restrictions,
    SimplifiedAlbumObject,
    SimplifiedArtistObject,
    SimplifiedTrackObject,
    TrackObject,
)
from shared.audience import ANYBODY, Audience
from shared.paging import Page, Window, page

_IMAGE_SIZES = (640, 300, 64)


class Relinked(msgspec.Struct, frozen=True):
    """A track that may be played in place of another, and its own album."""

    track: Track
    album: Album


class Shapes:
    """Makes the objects; their links lead to this deployment.

    Links within an album's pages keep its market. `now` as in `availability`.
    """

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def artist(self, artist: Artist) -> ArtistObject:
        return ArtistObject(
            **self._item("artist", artist.id, artist.name),
            genres=artist.genres,
            popularity=artist.popularity,
        )

    def simplified_artist(self, artist: ArtistRef | Artist) -> SimplifiedArtistObject:
        return SimplifiedArtistObject(**self._item("artist", artist.id, artist.name))

    def track(
        self,
        track: Track,
        album: Album,
        audience: Audience = ANYBODY,
        now: str = "",
        *,
        instead: Relinked | None = None,
    ) -> TrackObject:
        """`album` lists the track, unless the track moved between our two reads.

        `instead`: what to show in its place, linked from it.
        """
        now = now or now_text()
        shown, of = (instead.track, instead.album) if instead else (track, album)
        numbers = dict(zip((each.id for each in of.tracks), shown_numbers(of.tracks), strict=True))
        number = numbers.get(shown.id, shown.track_number)
        simplified = self._simplified_track(
            shown, of, number, audience, now, linked_from=track.id if instead else ""
        )
        return TrackObject(
            **asdict(simplified),
            album=self.simplified_album(of, audience, now),
            external_ids=ExternalIds(isrc=shown.isrc),
            popularity=shown.popularity,
        )

    def album(
        self,
        album: Album,
        window: Window,
        audience: Audience = ANYBODY,
        now: str = "",
        *,
        instead: Mapping[str, Relinked] = MappingProxyType({}),
    ) -> AlbumObject:
        """`window`: which of its tracks to show; `instead`: by id, what in place of which."""
        now = now or now_text()
        return AlbumObject(
            **asdict(self.simplified_album(album, audience, now)),
            copyrights=copyrights(album.copyright),
            external_ids=ExternalIds(upc=album.upc),
            genres=album.genres,
            label=album.label,
            popularity=album.popularity,
            tracks=self.tracks_of(album, window, audience, now, instead=instead),
        )

    def simplified_album(
        self, album: Album, audience: Audience = ANYBODY, now: str = ""
    ) -> SimplifiedAlbumObject:
        """`available_markets` are always there: the contract's schema asks for them."""
        now = now or now_text()
        reason = album_restriction(album, audience, now)
        return SimplifiedAlbumObject(
            **self._item("album", album.id, album.name),
            album_type=album.album_type,
            artists=[self.simplified_artist(artist) for artist in album.artists],
            available_markets=available_markets(album.terms, now=now),
            images=self.images(album.cover_id),
            release_date=album.released.date,
            release_date_precision=album.released.precision,
            restrictions=Restrictions(reason) if reason else UNSET,
            total_tracks=album.total_tracks,
        )

    def discography_album(
        self, album: Album, group: AlbumGroup, audience: Audience = ANYBODY, now: str = ""
    ) -> ArtistDiscographyAlbumObject:
        return ArtistDiscographyAlbumObject(
            **asdict(self.simplified_album(album, audience, now)), album_group=group
        )

    def tracks_of(
        self,
        album: Album,
        window: Window,
        audience: Audience = ANYBODY,
        now: str = "",
        *,
        instead: Mapping[str, Relinked] = MappingProxyType({}),
    ) -> Page[SimplifiedTrackObject]:
        """A page of an album's tracks."""
        now = now or now_text()
        chosen = slice(window.offset, window.offset + window.limit)
        numbered = zip(album.tracks[chosen], shown_numbers(album.tracks)[chosen], strict=True)
        items = [
            self._simplified_track(
                instead[track.id].track if track.id in instead else track,
                instead[track.id].album if track.id in instead else album,
                number,
                audience,
                now,
                linked_from=track.id if track.id in instead else "",
            )
            for track, number in numbered
        ]
        query = {"market": audience.market} if audience.market else {}
        return page(
            items, window, album.total_tracks, self.href(f"albums/{album.id}/tracks"), query
        )

    def href(self, path: str) -> str:
        """The address of a path under `/v1/`."""
        return f"{self._public_url}/v1/{path}"

    def _simplified_track(
        self,
        track: AlbumTrack,
        album: Album,
        number: int,
        audience: Audience,
        now: str,
        *,
        linked_from: str,
    ) -> SimplifiedTrackObject:
        reason = restriction_of(track, album, audience, now)
        return SimplifiedTrackObject(
            **self._item("track", track.id, track.name),
            artists=[self.simplified_artist(artist) for artist in track.artists],
            available_markets=UNSET
            if audience.market
            else available_markets(track.terms, album.terms, now=now),
            disc_number=track.disc_number,
            duration_ms=track.duration_ms,
            explicit=track.explicit,
            is_playable=reason is None if audience.market or reason else UNSET,
            linked_from=self._linked(linked_from) if linked_from else UNSET,
            restrictions=Restrictions(reason) if reason else UNSET,
            track_number=number,
        )

    def _linked(self, track_id: str) -> LinkedTrackObject:
        item = self._item("track", track_id, "")
        return LinkedTrackObject(**{field: item[field] for field in item if field != "name"})

    def _item(self, type: str, id: str, name: str) -> dict[str, Any]:
        return {
            "external_urls": ExternalUrls(f"{self._public_url}/{type}/{id}"),
            "href": self.href(f"{type}s/{id}"),
            "id": id,
            "name": name,
            "type": type,
            "uri": f"spotify:{type}:{id}",
        }

    def images(self, cover_id: str) -> list[Image]:
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
