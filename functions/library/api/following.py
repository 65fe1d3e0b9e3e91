"""`/v1/me/following`: the artists and people whom somebody follows."""

from bisect import bisect_right
from enum import Enum

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.library.api.asked import (
    IdsBody,
    IdsQuery,
    Limit,
    checked,
    checked_users,
    read_ids_body,
    revalidated,
    split,
)
from functions.library.api.saved import Saved
from functions.library.describe import Catalog
from functions.library.lists import Lists, newest_first
from functions.library.model import Kind
from functions.library.shapes import ArtistsPage, Cursors, FollowedArtists, Shapes
from shared.catalog_client import Form
from shared.clock import Clock
from shared.openapi import Operation
from shared.query import read_query
from shared.web import Api, caller_of, json_response

READ = "user-follow-read"
MODIFY = "user-follow-modify"
TAG = "Follow"


class Followed(str, Enum):
    """Who may be followed."""

    artist = "artist"
    user = "user"


class Listed(str, Enum):
    """Whose list can be read."""

    artist = "artist"


class FollowingQuery(msgspec.Struct, frozen=True):
    """`after`: the last artist's id of the page before."""

    type: Listed
    after: str = ""
    limit: Limit = 20


class FollowQuery(IdsQuery, frozen=True, kw_only=True):
    type: Followed


_KINDS = {Followed.artist: Kind.artists, Followed.user: Kind.users}


class Following:
    """Artists in the order of their ids: a cursor holds whoever comes and goes meanwhile."""

    def __init__(
        self, lists: Lists, catalog: Catalog, saved: Saved, shapes: Shapes, clock: Clock
    ) -> None:
        self._lists = lists
        self._catalog = catalog
        self._saved = saved
        self._shapes = shapes
        self._clock = clock

    def routes(self, api: Api) -> list[Route]:
        path = "/v1/me/following"
        body = IdsBody | list[str]
        return [
            api.get(
                path,
                self.get,
                scope=READ,
                doc=Operation(
                    "Followed artists", TAG, answer=FollowedArtists, query=FollowingQuery
                ),
            ),
            api.put(
                path,
                self.put,
                scope=MODIFY,
                doc=Operation(
                    "Follow artists or people", TAG, status=204, query=FollowQuery, body=body
                ),
            ),
            api.delete(
                path,
                self.delete,
                scope=MODIFY,
                doc=Operation(
                    "Unfollow artists or people", TAG, status=204, query=FollowQuery, body=body
                ),
            ),
            api.get(
                f"{path}/contains",
                self.contains,
                scope=READ,
                doc=Operation(
                    "Whether artists or people are followed",
                    TAG,
                    answer=list[bool],
                    query=FollowQuery,
                ),
            ),
        ]

    async def get(self, request: Request) -> Response:
        query = read_query(request, FollowingQuery)
        if query.after:
            checked([query.after])
        entries = await self._lists.everything(caller_of(request).subject, Kind.artists)
        ids = sorted(entry.id for entry in entries)
        start = bisect_right(ids, query.after) if query.after else 0
        chosen = ids[start : start + query.limit]
        more = start + query.limit < len(ids)
        described = await self._catalog.describe(Form.artist, chosen)
        href = self._shapes.href(f"me/following?type=artist&limit={query.limit}")
        after = chosen[-1] if more else None
        artists = ArtistsPage(
            href=f"{href}&after={query.after}" if query.after else href,
            items=[described[id] for id in chosen if id in described],
            limit=query.limit,
            next=f"{href}&after={after}" if after else None,
            cursors=Cursors(after),
            total=len(ids),
        )
        return revalidated(request, FollowedArtists(artists))

    async def put(self, request: Request) -> Response:
        type, ids = await self._asked(request)
        await self.follow(caller_of(request).subject, type, ids)
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
        type, ids = await self._asked(request)
        await self._lists.remove(caller_of(request).subject, _KINDS[type], set(ids))
        return Response(status_code=204)

    async def contains(self, request: Request) -> Response:
        query = read_query(request, FollowQuery)
        ids = split(query.ids)
        _check(query.type, ids)
        user = caller_of(request).subject
        return json_response(await self._lists.contain(user, _KINDS[query.type], ids))

    async def follow(self, user: str, type: Followed, ids: list[str]) -> None:
        """Raises `NotFound` for artists who are not in the catalogue."""
        if type is Followed.artist:
            await self._saved.check_exist(Kind.artists, ids)
        now = int(self._clock().timestamp())
        await self._lists.add(user, _KINDS[type], newest_first(ids, now))

    async def _asked(self, request: Request) -> tuple[Followed, list[str]]:
        query = read_query(request, FollowQuery)
        ids = split(query.ids) or (await read_ids_body(request)).ids
        return query.type, _check(query.type, ids)


def _check(type: Followed, ids: list[str]) -> list[str]:
    return checked(ids) if type is Followed.artist else checked_users(ids)
