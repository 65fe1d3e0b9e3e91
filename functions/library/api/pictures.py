"""A playlist's cover: shown, and replaced by its owner."""

import asyncio
import logging
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.library import covers
from functions.library.access import check_owns, check_sees
from functions.library.api.asked import playlist_id_of, revalidated
from functions.library.covers import Covers
from functions.library.describe import Describer
from functions.library.mixes import Mixes
from functions.library.model import Playlist
from functions.library.playlists import Playlists
from functions.library.shapes import ImageObject
from shared.errors import NotFound
from shared.openapi import Operation
from shared.telemetry import fields
from shared.web import Api, caller_of, read_body

UPLOAD = "ugc-image-upload"
TAG = "Playlists"
Base64 = Annotated[str, msgspec.Meta(extra_json_schema={"contentEncoding": "base64"})]

log = logging.getLogger(__name__)


class PicturesApi:
    """Covers of playlists."""

    def __init__(
        self, playlists: Playlists, stored: Covers, mixes: Mixes, describer: Describer
    ) -> None:
        self._playlists = playlists
        self._mixes = mixes
        self._stored = stored
        self._describer = describer

    def routes(self, api: Api) -> list[Route]:
        path = "/v1/playlists/{playlist_id}/images"
        return [
            api.get(
                path,
                self.get,
                doc=Operation("A playlist's cover", TAG, list[ImageObject], errors=(400, 403, 404)),
            ),
            api.put(
                path,
                self.put,
                scope=UPLOAD,
                doc=Operation(
                    "Replace a playlist's cover",
                    TAG,
                    status=202,
                    body=Base64,
                    body_media="image/jpeg",
                    errors=(400, 404, 413),
                ),
            ),
        ]

    async def get(self, request: Request) -> Response:
        caller, playlist_id = caller_of(request), playlist_id_of(request)
        playlist = await self._found(playlist_id)
        if playlist is None:
            playlist = await self._mixes.opened(caller, playlist_id)
        check_sees(caller, playlist)
        return revalidated(request, (await self._describer.images([playlist]))[playlist.id])

    async def put(self, request: Request) -> Response:
        """The pictures are stored before the playlist shows them; what it showed before goes."""
        caller, playlist_id = caller_of(request), playlist_id_of(request)
        async with self._mixes.refusing(caller, playlist_id):
            check_owns(caller, await self._opened(playlist_id))
        picture = covers.decoded(await read_body(request, covers.MOST_BYTES))
        pictures = await asyncio.to_thread(covers.squares, picture)
        cover_id = covers.cover_id(playlist_id, picture)
        await self._stored.put(cover_id, pictures)
        replaced = await self._playlists.set_cover(caller, playlist_id, cover_id)
        if replaced:
            await self._delete(replaced)
        return Response(status_code=202)

    async def _opened(self, playlist_id: str) -> Playlist:
        found = await self._found(playlist_id)
        if found is None:
            raise NotFound("Resource not found")
        return found

    async def _found(self, playlist_id: str) -> Playlist | None:
        return (await self._playlists.found([playlist_id])).get(playlist_id)

    async def _delete(self, cover_id: str) -> None:
        try:
            await self._stored.delete(cover_id)
        except Exception as error:
            # The new cover shows already; what is left here goes with the playlist.
            log.warning("cover left", extra=fields(cover_id=cover_id), exc_info=error)
