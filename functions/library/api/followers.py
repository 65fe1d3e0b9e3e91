"""`/v1/playlists/{id}/followers`: who follows a playlist."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.library.access import MODIFY, check_modifies
from functions.library.api.asked import IdsQuery, decoded, playlist_id_of, split
from functions.library.lists import Lists
from functions.library.mixes import Mixes
from functions.library.model import SHOWN, Kind, is_user_id
from functions.library.playlists import Playlists
from shared.errors import BadRequest, NotFound
from shared.openapi import Operation
from shared.query import read_query
from shared.web import Api, caller_of, json_response, read_body

TAG = "Playlists"
_MOST_ASKED_ABOUT = 5


class FollowPlaylist(msgspec.Struct, frozen=True):
    """`public`: whether the playlist shows among the follower's public ones."""

    public: bool = True


class FollowersApi:
    """Following playlists, and whether somebody does."""

    def __init__(self, playlists: Playlists, lists: Lists, mixes: Mixes) -> None:
        self._playlists = playlists
        self._lists = lists
        self._mixes = mixes

    def routes(self, api: Api) -> list[Route]:
        path = "/v1/playlists/{playlist_id}/followers"
        return [
            api.put(
                path,
                self.follow,
                scope=MODIFY,
                doc=Operation("Follow a playlist", TAG, body=FollowPlaylist),
            ),
            api.delete(
                path,
                self.unfollow,
                scope=MODIFY,
                doc=Operation("Unfollow a playlist, or delete one's own", TAG),
            ),
            api.get(
                f"{path}/contains",
                self.is_followed,
                doc=Operation("Whether a playlist is followed", TAG, list[bool], query=IdsQuery),
            ),
        ]

    async def follow(self, request: Request) -> Response:
        playlist_id = playlist_id_of(request)
        wanted: FollowPlaylist = decoded(await read_body(request), FollowPlaylist)
        caller = caller_of(request)
        check_modifies(caller, public=wanted.public)
        async with self._mixes.refusing(caller, playlist_id):
            await self._playlists.follow(caller.subject, playlist_id, shown=wanted.public)
        return Response(status_code=200)

    async def unfollow(self, request: Request) -> Response:
        caller, playlist_id = caller_of(request), playlist_id_of(request)
        async with self._mixes.refusing(caller, playlist_id):
            await self._playlists.unfollow(caller, playlist_id)
        return Response(status_code=200)

    async def is_followed(self, request: Request) -> Response:
        """By the caller, or by those of `ids` who show that they do. Nobody follows a mix."""
        playlist_id, caller = playlist_id_of(request), caller_of(request)
        me = caller.subject
        users = split(read_query(request, IdsQuery).ids) or [me]
        if len(users) > _MOST_ASKED_ABOUT:
            raise BadRequest(f"Too many ids: at most {_MOST_ASKED_ABOUT}")
        found = (await self._playlists.found([playlist_id])).get(playlist_id)
        if found is None:
            found = await self._mixes.opened(caller, playlist_id)
        if not found.shows_to(me):
            raise NotFound("Resource not found")
        return json_response([await self._follows(user, playlist_id, me) for user in users])

    async def _follows(self, user: str, playlist_id: str, me: str) -> bool:
        if not is_user_id(user):
            return False
        entries = await self._lists.everything(user, Kind.playlists)
        return any(
            entry.id == playlist_id and (user == me or entry.by == SHOWN) for entry in entries
        )
