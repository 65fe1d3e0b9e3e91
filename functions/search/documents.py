"""The catalogue's items, people and playlists as documents."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from functions.search.model import CATALOGUE, Document, Kind
from shared.catalog_client import CatalogClient
from shared.events import PlaylistChanged, ProfileChanged

if TYPE_CHECKING:
    from shared.protos.catalog_pb2 import Album, Artist, Listed, Track

# No version is higher: who asked to be forgotten does not come back by an event that was late.
ERASED = 2**63 - 1


class CatalogueReader:
    """Reads items of the catalogue as they are now."""

    def __init__(self, client: CatalogClient, now_ms: Callable[[], int]) -> None:
        self._client = client
        self._now_ms = now_ms

    async def load(self, items: Sequence[tuple[Kind, str]]) -> list[Document]:
        """One for each item; those that the catalogue does not have (any more) are gone."""
        wanted = {kind: [id for each, id in items if each is kind] for kind in CATALOGUE}
        found = [
            *map(of_track, await self._client.tracks(wanted[Kind.track])),
            *map(of_album, await self._client.albums(wanted[Kind.album])),
            *map(of_artist, await self._client.artists(wanted[Kind.artist])),
        ]
        known = {(document.kind, document.id) for document in found}
        gone = [
            Document(kind, id, gone_at=self._now_ms())
            for kind, id in items
            if (kind, id) not in known
        ]
        return [*found, *gone]


def listed(page: "Listed") -> list[Document]:
    """A page of the whole catalogue."""
    return [
        *map(of_track, page.tracks),
        *map(of_album, page.albums),
        *map(of_artist, page.artists),
    ]


def of_track(track: "Track") -> Document:
    return Document(
        kind=Kind.track,
        id=track.id,
        name=track.name,
        artists=tuple(artist.name for artist in track.artists),
        album=track.album_name,
        popularity=_percent(track.popularity),
        released=track.release_date,
        genres=tuple(track.genres),
        isrc=track.isrc,
    )


def of_album(album: "Album") -> Document:
    return Document(
        kind=Kind.album,
        id=album.id,
        name=album.name,
        artists=tuple(artist.name for artist in album.artists),
        popularity=_percent(album.popularity),
        released=album.release_date,
        genres=tuple(album.genres),
        upc=album.upc,
    )


def of_artist(artist: "Artist") -> Document:
    return Document(
        kind=Kind.artist,
        id=artist.id,
        name=artist.name,
        popularity=_percent(artist.popularity),
        genres=tuple(artist.genres),
    )


def of_profile(event: ProfileChanged) -> Document:
    return Document(Kind.user, event.user_id, event.display_name, version=event.changed_at)


def of_erased(user_id: str, now_ms: int) -> Document:
    """A person who is gone, and whose playlists are."""
    return Document(Kind.user, user_id, version=ERASED, gone_at=now_ms)


def of_playlist(event: PlaylistChanged, now_ms: int) -> Document:
    """Nobody but its owner may find a playlist that is not public."""
    if event.deleted or not event.public:
        return Document(
            Kind.playlist, event.playlist_id, owner=event.owner, version=event.version,
            gone_at=now_ms,
        )  # fmt: skip
    return Document(
        kind=Kind.playlist,
        id=event.playlist_id,
        name=event.name,
        popularity=_followed(event.followers),
        owner=event.owner,
        description=event.description,
        cover_id=event.cover_id,
        tracks=event.tracks,
        version=event.version,
    )


def _followed(followers: int) -> int:
    """A popularity for a number of followers: 0 for none, 100 for a million and more."""
    return _percent(round(100 * (max(0, followers).bit_length() / 20)))


def _percent(popularity: int) -> int:
    return max(0, min(100, popularity))
