"""Playlists and people in the Web API's own words, of what the index knows of them."""

from collections.abc import Mapping

import msgspec

from functions.search.model import Stored
from shared.snapshots import snapshot_id
from shared.uris import uri

# Of covers, as media makes them.
_IMAGE_SIZES = (640, 300, 60)


class ExternalUrls(msgspec.Struct, frozen=True):
    """Addresses of pages for people; the name is the contract's."""

    spotify: str


class Image(msgspec.Struct, frozen=True):
    """A picture; `height` and `width` in pixels."""

    url: str
    height: int
    width: int


class TracksRef(msgspec.Struct, frozen=True):
    """Where a playlist's tracks are, and how many."""

    href: str
    total: int


class PlaylistOwner(msgspec.Struct, frozen=True):
    """Whose a playlist is; the name is null where nobody told it yet."""

    display_name: str | None
    external_urls: ExternalUrls
    href: str
    id: str
    type: str
    uri: str


class FoundPlaylist(msgspec.Struct, frozen=True, kw_only=True):
    """A playlist as it was when it last changed."""

    collaborative: bool
    description: str
    external_urls: ExternalUrls
    href: str
    id: str
    images: list[Image]
    items: TracksRef
    name: str
    owner: PlaylistOwner
    primary_color: str | None = None
    public: bool
    snapshot_id: str
    tracks: TracksRef
    type: str
    uri: str


class Followers(msgspec.Struct, frozen=True):
    """How many follow somebody, which search does not know; `href` is always null."""

    href: str | None = None
    total: int = 0


class FoundUser(msgspec.Struct, frozen=True):
    """A person's public profile."""

    display_name: str
    external_urls: ExternalUrls
    followers: Followers
    href: str
    id: str
    images: list[Image]
    type: str
    uri: str


class Views:
    """Makes the objects; their links lead to this deployment."""

    def __init__(self, public_url: str) -> None:
        self._url = public_url

    def playlist(self, id: str, stored: Stored, owners: Mapping[str, str]) -> FoundPlaylist:
        """`owners`: names of people, by id."""
        href = f"{self._url}/v1/playlists/{id}"
        return FoundPlaylist(
            collaborative=False,
            description=stored.description,
            external_urls=ExternalUrls(f"{self._url}/playlist/{id}"),
            href=href,
            id=id,
            images=self._images(stored.cover_id),
            items=TracksRef(f"{href}/items", stored.tracks),
            name=stored.name,
            owner=PlaylistOwner(
                display_name=owners.get(stored.owner),
                external_urls=ExternalUrls(f"{self._url}/user/{stored.owner}"),
                href=f"{self._url}/v1/users/{stored.owner}",
                id=stored.owner,
                type="user",
                uri=uri("user", stored.owner),
            ),
            public=True,
            snapshot_id=snapshot_id(id, stored.version),
            tracks=TracksRef(f"{href}/tracks", stored.tracks),
            type="playlist",
            uri=uri("playlist", id),
        )

    def user(self, id: str, stored: Stored) -> FoundUser:
        return FoundUser(
            display_name=stored.name,
            external_urls=ExternalUrls(f"{self._url}/user/{id}"),
            followers=Followers(),
            href=f"{self._url}/v1/users/{id}",
            id=id,
            images=[],
            type="user",
            uri=uri("user", id),
        )

    def _images(self, cover_id: str) -> list[Image]:
        if not cover_id:
            return []
        return [
            Image(f"{self._url}/images/{cover_id}/{size}.jpg", size, size) for size in _IMAGE_SIZES
        ]
