"""Fills in what others know: tracks from the catalogue, covers, and what people are called."""

import logging
import re
from collections.abc import Sequence
from typing import Protocol

import msgspec
from starlette.requests import Request

from functions.library.mixes import OWNER, OWNER_NAME, Mix
from functions.library.model import Playlist
from functions.library.people import People
from functions.library.sequence import Entry
from functions.library.shapes import (
    ImageObject,
    Item,
    Shapes,
    SimplifiedPlaylistObject,
    marked,
)
from shared.audience import ANYBODY, Audience, audience_of
from shared.catalog_client import Form
from shared.errors import BadRequest, Unavailable
from shared.protos.catalog_pb2 import Album, Artist, Track
from shared.web import caller_of

# Of how many of its first tracks the covers are looked at, until one is found.
_COVERS_OF = 3
_MARKET = re.compile(r"[A-Z]{2}")

log = logging.getLogger(__name__)


class Catalog(Protocol):
    """What is asked of `shared.catalog_client.CatalogClient`."""

    async def tracks(self, ids: Sequence[str]) -> list[Track]: ...

    async def albums(self, ids: Sequence[str]) -> list[Album]: ...

    async def artists(self, ids: Sequence[str]) -> list[Artist]: ...

    async def describe(
        self, form: Form, ids: Sequence[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]: ...


class Describer:
    """Many playlists or items at a time, with one call each to those who know."""

    def __init__(self, catalog: Catalog, people: People, shapes: Shapes) -> None:
        self._catalog = catalog
        self._people = people
        self.shapes = shapes

    async def simplified(self, playlists: Sequence[Playlist]) -> list[SimplifiedPlaylistObject]:
        names = await self._names(playlists)
        images = await self.images(playlists)
        return [
            self.shapes.simplified(playlist, names[playlist.owner], images[playlist.id])
            for playlist in playlists
        ]

    async def owner_name(self, playlist: Playlist) -> str | None:
        return (await self._names([playlist]))[playlist.owner]

    async def items(self, entries: Sequence[Entry], audience: Audience) -> list[Item]:
        wanted = [entry.id for entry in entries]
        tracks = await self._catalog.describe(Form.track, wanted, audience)
        shown = {id: marked(track) for id, track in tracks.items()}
        return [Item(entry, shown.get(entry.id)) for entry in entries]

    async def images(self, playlists: Sequence[Playlist]) -> dict[str, list[ImageObject]]:
        """A playlist's own cover, or else that of the first of its tracks that has one."""
        bare = [
            playlist
            for playlist in playlists
            if not playlist.cover_id and not isinstance(playlist, Mix)
        ]
        wanted = list({id: None for playlist in bare for id in playlist.first[:_COVERS_OF]})
        try:
            tracks = await self._catalog.tracks(wanted) if wanted else []
        except Unavailable as error:
            log.warning("no covers for playlists", exc_info=error)
            tracks = []
        covers = {track.id: track.cover_id for track in tracks if track.cover_id}
        images: dict[str, list[ImageObject]] = {}
        for playlist in playlists:
            found = next((covers[id] for id in playlist.first[:_COVERS_OF] if id in covers), "")
            if isinstance(playlist, Mix):
                found = playlist.album_cover_id
            if playlist.cover_id:
                images[playlist.id] = self.shapes.cover(playlist.cover_id)
            else:
                images[playlist.id] = self.shapes.album_cover(found) if found else []
        return images

    async def _names(self, playlists: Sequence[Playlist]) -> dict[str, str | None]:
        """Of those whose playlists they are."""
        owners = {playlist.owner for playlist in playlists}
        names = await self._people.names(owners - {OWNER})
        return names | {OWNER: OWNER_NAME}


def audience_in(request: Request, market: str) -> Audience:
    """The caller in the market asked for; in their own where none is. Raises `BadRequest`."""
    caller = caller_of(request)
    if market in ("", "from_token"):
        return audience_of(caller)
    if _MARKET.fullmatch(market) is None:
        raise BadRequest("Invalid market: not an ISO 3166-1 alpha-2 code")
    return Audience(market, caller.explicit_filter)
