"""Playlists: made, listed, shown, described anew, followed."""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.library import fields
from functions.library.access import MODIFY, READ_PRIVATE
from functions.library.api.asked import (
    PageQuery,
    decoded,
    keyed,
    playlist_id_of,
    revalidated,
    user_of,
)
from functions.library.api.playlist_items import FIRST, ItemsApi
from functions.library.describe import Describer, audience_in
from functions.library.lists import Lists
from functions.library.mixes import Mix, Mixes
from functions.library.model import (
    MOST_DESCRIPTION,
    MOST_NAME,
    SHOWN,
    Kind,
    Playlist,
)
from functions.library.playlists import Details, Playlists
from functions.library.sequence import Entry
from functions.library.shapes import (
    Item,
    PlaylistObject,
    SimplifiedPlaylistObject,
)
from shared import ids
from shared.errors import BadRequest, Forbidden
from shared.openapi import Operation, Selected
from shared.paging import Page, page
from shared.query import read_query
from shared.web import Api, caller_of, json_response, read_body

TAG = "Playlists"

T = TypeVar("T")


class PlaylistQuery(msgspec.Struct, frozen=True):
    """`fields`: which parts are wanted, as in `name,tracks.items(track.name)`."""

    fields: str = ""
    market: str = ""
    additional_types: str = ""


class NewPlaylist(msgspec.Struct, frozen=True):
    """A collaborative playlist is not public."""

    name: str
    public: bool | None = None
    collaborative: bool | None = None
    description: str | None = None


class PlaylistDetails(msgspec.Struct, frozen=True):
    """What is left out stays as it is."""

    name: str | None = None
    public: bool | None = None
    collaborative: bool | None = None
    description: str | None = None


class PlaylistsApi:
    """Playlists but for their items."""

    def __init__(
        self,
        playlists: Playlists,
        lists: Lists,
        items: ItemsApi,
        mixes: Mixes,
        describer: Describer,
    ) -> None:
        self._playlists = playlists
        self._lists = lists
        self._items = items
        self._mixes = mixes
        self._describer = describer

    def routes(self, api: Api) -> list[Route]:
        listed = Page[SimplifiedPlaylistObject]
        created = Operation(
            "Create a playlist", TAG, answer=PlaylistObject, status=201, body=NewPlaylist
        )
        one = "/v1/playlists/{playlist_id}"
        return [
            api.get(
                "/v1/me/playlists",
                self.get_mine,
                scope=READ_PRIVATE,
                doc=Operation(
                    "One's own and followed playlists, and then one's mixes",
                    TAG,
                    listed,
                    query=PageQuery,
                ),
            ),
            api.post("/v1/me/playlists", self.create, scope=MODIFY, doc=created),
            api.get(
                "/v1/users/{user_id}/playlists",
                self.get_of_user,
                doc=Operation("Somebody's playlists", TAG, listed, query=PageQuery),
            ),
            api.post("/v1/users/{user_id}/playlists", self.create_for, scope=MODIFY, doc=created),
            api.get(
                one,
                self.get,
                doc=Operation(
                    "A playlist",
                    TAG,
                    PlaylistObject | Selected,
                    query=PlaylistQuery,
                    errors=(400, 403, 404),
                ),
            ),
            api.put(
                one,
                self.change,
                scope=MODIFY,
                doc=Operation("Change a playlist's details", TAG, body=PlaylistDetails),
            ),
        ]

    async def get(self, request: Request) -> Response:
        query = read_query(request, PlaylistQuery)
        selection = fields.parse(query.fields)
        playlist, items = await self._items.first(
            caller_of(request), playlist_id_of(request), audience_in(request, query.market)
        )
        return revalidated(request, selection.of(await self._full(playlist, items)))

    async def create(self, request: Request) -> Response:
        """With an `Idempotency-Key` the same request makes one playlist, however often it comes."""
        raw = await read_body(request)
        wanted: NewPlaylist = decoded(raw, NewPlaylist)
        caller, key = caller_of(request), keyed(request, raw)
        public = wanted.public if wanted.public is not None else not wanted.collaborative
        collaborative = bool(wanted.collaborative)
        if public and collaborative:
            raise BadRequest("Invalid collaborative: a public playlist cannot be collaborative")
        playlist = Playlist(
            id=ids.derive("playlist", key.key.hex()) if key else ids.random(),
            owner=caller.subject,
            name=_name(wanted.name),
            description=_description(wanted.description or ""),
            public=public,
            collaborative=collaborative,
        )
        made = await self._playlists.create(caller, playlist)
        made, items = await self._items.first(None, made.id, audience_in(request, ""))
        value = await self._full(made, items)
        return json_response(value, 201, {"Location": value.href})

    async def create_for(self, request: Request) -> Response:
        if user_of(request) != caller_of(request).subject:
            raise Forbidden("You cannot create a playlist for another user")
        return await self.create(request)

    async def change(self, request: Request) -> Response:
        playlist_id = playlist_id_of(request)
        wanted: PlaylistDetails = decoded(await read_body(request), PlaylistDetails)
        details = Details(
            name=None if wanted.name is None else _name(wanted.name),
            description=None if wanted.description is None else _description(wanted.description),
            public=wanted.public,
            collaborative=wanted.collaborative,
        )
        caller = caller_of(request)
        async with self._mixes.refusing(caller, playlist_id):
            await self._playlists.change(caller, playlist_id, details)
        return Response(status_code=200)

    async def get_mine(self, request: Request) -> Response:
        query, caller = read_query(request, PageQuery), caller_of(request)
        found, mixes = await asyncio.gather(
            self._lists.page(
                caller.subject,
                Kind.playlists,
                limit=query.limit,
                offset=query.offset,
                as_of=query.as_of,
            ),
            self._mixes.listed(caller),
        )
        start = max(0, query.offset - found.total)
        end = max(0, query.offset + query.limit - found.total)
        items = await self._listed(caller.subject, found.entries, mixes[start:end], forgets=True)
        links = {"as_of": str(found.total)}
        url = self._describer.shapes.href("me/playlists")
        total = found.total + len(mixes)
        return revalidated(request, page(items, query.window, total, url, links))

    async def get_of_user(self, request: Request) -> Response:
        """The public ones; one's own, where the app may read them, as `/v1/me/playlists` does."""
        user, caller = user_of(request), caller_of(request)
        if user == caller.subject and READ_PRIVATE in caller.scopes:
            return await self.get_mine(request)
        query = read_query(request, PageQuery)
        entries = await self._lists.everything(user, Kind.playlists)
        shown = [entry for entry in reversed(entries) if entry.by == SHOWN]
        chosen = shown[query.offset : query.offset + query.limit]
        items = [each for each in await self._listed(user, chosen) if each.public]
        url = self._describer.shapes.href(f"users/{user}/playlists")
        return revalidated(request, page(items, query.window, len(shown), url))

    async def _listed(
        self,
        user: str,
        entries: list[Entry],
        mixes: Sequence[Mix] = (),
        *,
        forgets: bool = False,
    ) -> list[SimplifiedPlaylistObject]:
        """Those that still show; `forgets` takes deleted ones out of the person's list."""
        found = await self._playlists.found(entry.id for entry in entries)
        if forgets and (gone := [entry.id for entry in entries if entry.id not in found]):
            await self._playlists.forget(user, gone)
        playlists = [found[entry.id] for entry in entries if entry.id in found]
        return await self._describer.simplified(
            [playlist for playlist in [*playlists, *mixes] if playlist.shows_to(user)]
        )

    async def _full(self, playlist: Playlist, items: list[Item]) -> PlaylistObject:
        images = await self._describer.images([playlist])
        is_mix = isinstance(playlist, Mix)
        return self._describer.shapes.full(
            playlist,
            await self._describer.owner_name(playlist),
            images[playlist.id],
            0 if is_mix else await self._playlists.followers(playlist.id),
            items=self._first(playlist, "items", self._describer.shapes.as_items(items)),
            tracks=self._first(playlist, "tracks", self._describer.shapes.as_tracks(items)),
        )

    def _first(self, playlist: Playlist, name: str, items: list[T]) -> Page[T]:
        url = self._describer.shapes.href(f"playlists/{playlist.id}/{name}")
        return page(items, FIRST, playlist.directory.total, url)


def _name(text: str) -> str:
    name = _description(text)
    if not name:
        raise BadRequest("Missing required field: name")
    if len(name) > MOST_NAME:
        raise BadRequest(f"Invalid name: longer than {MOST_NAME} characters")
    return name


def _description(text: str) -> str:
    """One line of text, without characters that nobody sees."""
    cleaned = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    if len(cleaned) > MOST_DESCRIPTION:
        raise BadRequest(f"Invalid description: longer than {MOST_DESCRIPTION} characters")
    return cleaned
