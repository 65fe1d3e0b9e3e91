"""People's libraries in the Web API's own words."""

import datetime
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from functions.library.covers import SIZES
from functions.library.model import Playlist
from functions.library.sequence import Entry
from shared.openapi import ArtistJson, FullAlbumJson, TrackJson
from shared.paging import Page
from shared.snapshots import snapshot_id
from shared.uris import uri

# As the catalogue writes an album's cover.
_ALBUM_SIZES = (640, 300, 64)


class ExternalUrls(msgspec.Struct, frozen=True):
    spotify: str


class Followers(msgspec.Struct, frozen=True):
    href: str | None
    total: int


class ImageObject(msgspec.Struct, frozen=True):
    """`width` and `height` in pixels."""

    url: str
    height: int
    width: int


class PlaylistUserObject(msgspec.Struct, frozen=True, kw_only=True):
    external_urls: ExternalUrls
    href: str
    id: str
    type: str = "user"
    uri: str


class PlaylistOwnerObject(PlaylistUserObject, frozen=True, kw_only=True):
    display_name: str | None


class VideoThumbnail(msgspec.Struct, frozen=True):
    url: str | None = None


class _Added(msgspec.Struct, frozen=True, kw_only=True):
    added_at: str
    added_by: PlaylistUserObject
    is_local: bool = False
    primary_color: str | None = None
    video_thumbnail: VideoThumbnail = VideoThumbnail()


class PlaylistTrackObject(_Added, frozen=True, kw_only=True):
    """`track` is null once it is no longer in the catalogue."""

    track: TrackJson | None


class PlaylistItemObject(_Added, frozen=True, kw_only=True):
    """`item` is null once it is no longer in the catalogue."""

    item: TrackJson | None


class PlaylistItemOrTrackObject(PlaylistItemObject, frozen=True, kw_only=True):
    """The same as `track`, for clients that ask for items and read their older name."""

    track: TrackJson | None


class PlaylistTracksRefObject(msgspec.Struct, frozen=True):
    href: str
    total: int


class _PlaylistBase(msgspec.Struct, frozen=True, kw_only=True):
    collaborative: bool
    description: str
    external_urls: ExternalUrls
    href: str
    id: str
    images: list[ImageObject]
    name: str
    owner: PlaylistOwnerObject
    primary_color: str | None = None
    public: bool
    snapshot_id: str
    type: str = "playlist"
    uri: str


class SimplifiedPlaylistObject(_PlaylistBase, frozen=True, kw_only=True):
    items: PlaylistTracksRefObject
    tracks: PlaylistTracksRefObject


class PlaylistObject(_PlaylistBase, frozen=True, kw_only=True):
    followers: Followers
    """The first items, twice: each list has them under its own name only."""

    items: Page[PlaylistItemObject]
    tracks: Page[PlaylistTrackObject]


class PlaylistSnapshot(msgspec.Struct, frozen=True):
    snapshot_id: str


class FeaturedPlaylists(msgspec.Struct, frozen=True):
    message: str
    playlists: Page[SimplifiedPlaylistObject]


class SavedTrackObject(msgspec.Struct, frozen=True):
    added_at: str
    track: TrackJson


class SavedAlbumObject(msgspec.Struct, frozen=True):
    added_at: str
    album: FullAlbumJson


class Cursors(msgspec.Struct, frozen=True):
    """`after` is null on the last page."""

    after: str | None


class ArtistsPage(msgspec.Struct, frozen=True):
    href: str
    items: list[ArtistJson]
    limit: int
    next: str | None
    cursors: Cursors
    total: int


class FollowedArtists(msgspec.Struct, frozen=True):
    artists: ArtistsPage


class Item(NamedTuple):
    """An item and what the catalogue says of its track, which is None where it has none."""

    entry: Entry
    track: msgspec.Raw | None


class Shapes:
    """Makes the objects; their links lead to this deployment."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def href(self, path: str) -> str:
        """The address of a path under `/v1/`."""
        return f"{self._public_url}/v1/{path}"

    def user(self, user: str) -> PlaylistUserObject:
        """Nobody's ("") is that of somebody who left."""
        return PlaylistUserObject(**self._user(user))

    def owner(self, user: str, name: str | None) -> PlaylistOwnerObject:
        return PlaylistOwnerObject(**self._user(user), display_name=name)

    def simplified(
        self, playlist: Playlist, name: str | None, images: list[ImageObject]
    ) -> SimplifiedPlaylistObject:
        """`name` is the owner's."""
        total = playlist.directory.total
        base = f"playlists/{playlist.id}"
        return SimplifiedPlaylistObject(
            **self._playlist(playlist, name, images),
            items=PlaylistTracksRefObject(self.href(f"{base}/items"), total),
            tracks=PlaylistTracksRefObject(self.href(f"{base}/tracks"), total),
        )

    def full(
        self,
        playlist: Playlist,
        name: str | None,
        images: list[ImageObject],
        followers: int,
        *,
        items: Page[PlaylistItemObject],
        tracks: Page[PlaylistTrackObject],
    ) -> PlaylistObject:
        return PlaylistObject(
            **self._playlist(playlist, name, images),
            followers=Followers(None, followers),
            items=items,
            tracks=tracks,
        )

    def as_tracks(self, items: Iterable[Item]) -> list[PlaylistTrackObject]:
        return [PlaylistTrackObject(**self._added(each), track=each.track) for each in items]

    def as_items(self, items: Iterable[Item]) -> list[PlaylistItemObject]:
        return [PlaylistItemObject(**self._added(each), item=each.track) for each in items]

    def as_both(self, items: Iterable[Item]) -> list[PlaylistItemOrTrackObject]:
        return [
            PlaylistItemOrTrackObject(**self._added(each), item=each.track, track=each.track)
            for each in items
        ]

    def cover(self, cover_id: str) -> list[ImageObject]:
        """Widest first, as clients expect."""
        return self._images(cover_id, SIZES)

    def album_cover(self, cover_id: str) -> list[ImageObject]:
        return self._images(cover_id, _ALBUM_SIZES)

    def _images(self, cover_id: str, sizes: tuple[int, ...]) -> list[ImageObject]:
        folder = f"{self._public_url}/images/{cover_id}"
        return [ImageObject(f"{folder}/{size}.jpg", size, size) for size in sizes]

    def _playlist(
        self, playlist: Playlist, name: str | None, images: list[ImageObject]
    ) -> dict[str, Any]:
        return {
            "collaborative": playlist.collaborative,
            "description": playlist.description,
            "external_urls": ExternalUrls(f"{self._public_url}/playlist/{playlist.id}"),
            "href": self.href(f"playlists/{playlist.id}"),
            "id": playlist.id,
            "images": images,
            "name": playlist.name,
            "owner": self.owner(playlist.owner, name),
            "public": playlist.public,
            "snapshot_id": snapshot_id(playlist.id, playlist.version),
            "uri": uri("playlist", playlist.id),
        }

    def _added(self, item: Item) -> dict[str, Any]:
        return {"added_at": moment(item.entry.at), "added_by": self.user(item.entry.by)}

    def _user(self, user: str) -> dict[str, Any]:
        return {
            "external_urls": ExternalUrls(f"{self._public_url}/user/{user}"),
            "href": self.href(f"users/{user}"),
            "id": user,
            "uri": uri("user", user),
        }


def moment(seconds: int) -> str:
    """Seconds since the epoch as the Web API writes a time."""
    at = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def marked(track: msgspec.Raw) -> msgspec.Raw:
    """In a playlist a track says that it is one, and no episode."""
    return msgspec.Raw(bytes(track)[:-1] + b',"episode":false,"track":true}')
