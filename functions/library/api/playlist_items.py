"""A playlist's items, under `/tracks` as ever and under `/items` as of late."""

from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.library import fields
from functions.library.access import MODIFY, check_sees
from functions.library.api.asked import (
    Offset,
    decoded,
    keyed,
    playlist_id_of,
    revalidated,
    split,
)
from functions.library.describe import Catalog, Describer, audience_in
from functions.library.edits import (
    MOST_A_CALL,
    Add,
    Edit,
    Removal,
    Remove,
    Reorder,
    Replace,
)
from functions.library.items import Items
from functions.library.mixes import Mixes
from functions.library.model import Playlist
from functions.library.reader import PlaylistReader
from functions.library.sequence import Entry
from functions.library.shapes import (
    Item,
    PlaylistItemOrTrackObject,
    PlaylistSnapshot,
    PlaylistTrackObject,
)
from shared import uris
from shared.audience import Audience
from shared.clock import Clock
from shared.errors import BadRequest, NotFound
from shared.openapi import Operation, Selected
from shared.paging import Page, Window, page
from shared.query import read_query
from shared.tokens import Caller
from shared.web import Api, caller_of, json_response, read_body

TAG = "Playlists"
FIRST = Window(100, 0)


class ItemsQuery(msgspec.Struct, frozen=True):
    """`fields`: which parts are wanted, as in `total,items(added_at,track.name)`."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    offset: Offset = 0
    fields: str = ""
    market: str = ""
    additional_types: str = ""


class AddQuery(msgspec.Struct, frozen=True):
    """`uris`: with commas between them; they go before those of the body."""

    uris: str = ""
    position: int | None = None


class ReplaceQuery(msgspec.Struct, frozen=True):
    uris: str | None = None


class AddBody(msgspec.Struct, frozen=True):
    """`position` counts from 0; left out, items come at the end."""

    uris: list[str] = []
    position: int | None = None


class ChangeBody(msgspec.Struct, frozen=True):
    """Either `uris` to replace all items by, or a stretch of items and where it is to be."""

    uris: list[str] | None = None
    range_start: int | None = None
    insert_before: int | None = None
    range_length: int = 1
    snapshot_id: str | None = None


class RemovedItem(msgspec.Struct, frozen=True):
    """`positions` left out: wherever it is."""

    uri: str
    positions: list[int] | None = None


class RemoveBody(msgspec.Struct, frozen=True):
    """`items`, or `tracks` by its older name. Positions are those of `snapshot_id`."""

    items: list[RemovedItem] | None = None
    tracks: list[RemovedItem] | None = None
    snapshot_id: str | None = None


class ItemsApi:
    """Reads pages, and turns requests into edits."""

    def __init__(
        self,
        reader: PlaylistReader,
        items: Items,
        *,
        catalog: Catalog,
        describer: Describer,
        mixes: Mixes,
        clock: Clock,
    ) -> None:
        self._reader = reader
        self._items = items
        self._mixes = mixes
        self._catalog = catalog
        self._describer = describer
        self._clock = clock

    def routes(self, api: Api) -> list[Route]:
        return [
            *self._routes_at(api, "items", PlaylistItemOrTrackObject),
            *self._routes_at(api, "tracks", PlaylistTrackObject),
        ]

    def _routes_at(self, api: Api, name: str, shape: type) -> list[Route]:
        path, errors = f"/v1/playlists/{{playlist_id}}/{name}", (400, 404, 409)
        answer: Any = Page[shape] | Selected  # type: ignore[valid-type]

        async def get(request: Request) -> Response:
            return await self.get(request, name)

        return [
            api.get(
                path,
                get,
                doc=Operation(
                    "A playlist's items",
                    TAG,
                    answer,
                    query=ItemsQuery,
                    errors=(400, 403, 404),
                ),
            ),
            api.post(
                path,
                self.add,
                scope=MODIFY,
                doc=Operation(
                    "Add items",
                    TAG,
                    PlaylistSnapshot,
                    status=201,
                    query=AddQuery,
                    body=AddBody | list[str],
                ),
            ),
            api.put(
                path,
                self.change,
                scope=MODIFY,
                doc=Operation(
                    "Replace or reorder items",
                    TAG,
                    PlaylistSnapshot,
                    query=ReplaceQuery,
                    body=ChangeBody,
                    errors=errors,
                ),
            ),
            api.delete(
                path,
                self.remove,
                scope=MODIFY,
                doc=Operation(
                    "Remove items", TAG, PlaylistSnapshot, body=RemoveBody, errors=errors
                ),
            ),
        ]

    async def get(self, request: Request, name: str) -> Response:
        """`name` of the list: "items" or "tracks"."""
        query = read_query(request, ItemsQuery)
        selection = fields.parse(query.fields)
        playlist_id, window = playlist_id_of(request), Window(query.limit, query.offset)
        audience = audience_in(request, query.market)
        playlist, found = await self._page(caller_of(request), playlist_id, window, audience)
        shapes = self._describer.shapes
        items: list[Any] = shapes.as_both(found) if name == "items" else shapes.as_tracks(found)
        links = {
            each: value
            for each in ("fields", "market", "additional_types")
            if (value := getattr(query, each))
        }
        url = shapes.href(f"playlists/{playlist_id}/{name}")
        shown = page(items, window, playlist.directory.total, url, links)
        return revalidated(request, selection.of(shown))

    async def first(
        self, caller: Caller | None, playlist_id: str, audience: Audience
    ) -> tuple[Playlist, list[Item]]:
        """A playlist with the items that are shown with it; `caller` None sees all."""
        return await self._page(caller, playlist_id, FIRST, audience)

    async def _page(
        self, caller: Caller | None, playlist_id: str, window: Window, audience: Audience
    ) -> tuple[Playlist, list[Item]]:
        """What is no playlist may be one of the caller's mixes."""
        try:
            playlist, entries = await self._reader.page(
                caller, playlist_id, limit=window.limit, offset=window.offset
            )
        except NotFound:
            if caller is None:
                raise
            mix = await self._mixes.opened(caller, playlist_id)
            check_sees(caller, mix)
            playlist = mix
            entries = list(mix.entries[window.offset : window.offset + window.limit])
        return playlist, await self._describer.items(entries, audience)

    async def add(self, request: Request) -> Response:
        query, raw = read_query(request, AddQuery), await read_body(request)
        body = decoded(raw, AddBody | list[str])
        if isinstance(body, list):
            body = AddBody(body)
        position = query.position if query.position is not None else body.position
        wanted = _track_ids(split(query.uris) or body.uris)
        if not wanted:
            raise BadRequest("Missing required field: uris")
        entries = await self._entries(request, wanted)
        return await self._edited(request, raw, Add(entries, position), status=201)

    async def change(self, request: Request) -> Response:
        query, raw = read_query(request, ReplaceQuery), await read_body(request)
        body: ChangeBody = decoded(raw, ChangeBody)
        wanted = split(query.uris) if query.uris is not None else body.uris
        if wanted is not None:
            if body.range_start is not None:
                raise BadRequest("Invalid range_start: items are replaced or reordered, not both")
            entries = await self._entries(request, _track_ids(wanted))
            return await self._edited(request, raw, Replace(entries))
        if body.range_start is None or body.insert_before is None:
            missing = "range_start" if body.range_start is None else "insert_before"
            raise BadRequest(f"Missing required field: {missing}")
        reorder = Reorder(body.range_start, body.insert_before, body.range_length)
        return await self._edited(request, raw, reorder, seen=body.snapshot_id)

    async def remove(self, request: Request) -> Response:
        raw = await read_body(request)
        body: RemoveBody = decoded(raw, RemoveBody)
        wanted = body.items if body.items is not None else body.tracks
        if not wanted:
            raise BadRequest("Missing required field: items")
        ids = _track_ids([each.uri for each in wanted])
        removals = [Removal(id, each.positions) for id, each in zip(ids, wanted, strict=True)]
        return await self._edited(request, raw, Remove(removals), seen=body.snapshot_id)

    async def _edited(
        self,
        request: Request,
        raw: bytes,
        edit: Edit,
        *,
        seen: str | None = None,
        status: int = 200,
    ) -> Response:
        caller, playlist_id = caller_of(request), playlist_id_of(request)
        known = keyed(request, request.url.path.encode() + b"\n" + raw)
        async with self._mixes.refusing(caller, playlist_id):
            snapshot = await self._items.edit(caller, playlist_id, edit, seen=seen, request=known)
        return json_response(PlaylistSnapshot(snapshot), status)

    async def _entries(self, request: Request, wanted: list[str]) -> list[Entry]:
        """Raises `BadRequest` for tracks that are not in the catalogue."""
        distinct = list(dict.fromkeys(wanted))
        known = {track.id for track in await self._catalog.tracks(distinct)} if distinct else ()
        if len(known) < len(distinct):
            raise BadRequest("Payload contains a non-existing ID")
        now, me = int(self._clock().timestamp()), caller_of(request).subject
        return [Entry(id, now, me) for id in wanted]


def _track_ids(texts: list[str]) -> list[str]:
    if len(texts) > MOST_A_CALL:
        raise BadRequest(f"Too many uris: at most {MOST_A_CALL}")
    return [_track_id(text) for text in texts]


def _track_id(text: str) -> str:
    if text.startswith("spotify:local:"):
        raise BadRequest("Invalid uris: local files are not supported")
    try:
        found = uris.parse(text)
    except uris.InvalidUri as error:
        raise BadRequest(f"Invalid uris: {error}") from None
    if found.type != "track":
        raise BadRequest("Invalid uris: only tracks can be in a playlist")
    return found.id
