"""`/v1/me/library`: whatever a URI may name, saved and followed in one call."""

from collections.abc import Iterable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.library.access import MODIFY as MODIFY_PLAYLISTS
from functions.library.access import READ_PRIVATE
from functions.library.api import following, saved
from functions.library.api.asked import Asked, decoded, split
from functions.library.api.following import Followed, Following
from functions.library.api.saved import Saved
from functions.library.lists import Lists
from functions.library.mixes import Mixes
from functions.library.model import Kind, is_user_id
from functions.library.playlists import Playlists
from shared import uris
from shared.errors import BadRequest, Forbidden, NotFound
from shared.openapi import Operation
from shared.query import read_query
from shared.tokens import Caller
from shared.uris import Uri
from shared.web import Api, caller_of, json_response, read_body

MOST_URIS = 40
_KINDS = {
    "track": Kind.tracks,
    "album": Kind.albums,
    "artist": Kind.artists,
    "user": Kind.users,
    "playlist": Kind.playlists,
}
# The contract's, of which there are none.
_EMPTY = {"show", "episode", "audiobook", "chapter"}
_FOLLOWED = {"artist", "user"}


class UrisQuery(msgspec.Struct, frozen=True):
    """`uris`: with commas between them; a body may hold them instead."""

    uris: str = ""


class UrisBody(msgspec.Struct, frozen=True):
    uris: list[str] = []


class WholeLibrary:
    """Sorts URIs by what they name; each kind asks for its own scope."""

    def __init__(
        self,
        lists: Lists,
        saved: Saved,
        following: Following,
        playlists: Playlists,
        mixes: Mixes,
    ) -> None:
        self._lists = lists
        self._saved = saved
        self._following = following
        self._playlists = playlists
        self._mixes = mixes

    def routes(self, api: Api) -> list[Route]:
        path = "/v1/me/library"
        modify = (saved.MODIFY, following.MODIFY, *MODIFY_PLAYLISTS)
        read = (saved.READ, following.READ, READ_PRIVATE)
        return [
            api.put(
                path,
                self.put,
                scope=modify,
                doc=Operation("Save or follow", saved.TAG, query=UrisQuery, body=UrisBody),
            ),
            api.delete(
                path,
                self.delete,
                scope=modify,
                doc=Operation("Remove or unfollow", saved.TAG, query=UrisQuery, body=UrisBody),
            ),
            api.get(
                f"{path}/contains",
                self.contains,
                scope=read,
                doc=Operation(
                    "Whether something is saved or followed",
                    saved.TAG,
                    answer=list[bool],
                    query=UrisQuery,
                ),
            ),
        ]

    async def put(self, request: Request) -> Response:
        caller, wanted = caller_of(request), await _uris(request)
        by_type = _by_type(caller, wanted)
        if not _EMPTY.isdisjoint(by_type):
            raise NotFound("Resource not found")
        for type in ("track", "album", "artist"):
            if ids := by_type.get(type):
                await self._saved.check_exist(_KINDS[type], ids)
        playlist_ids = by_type.get("playlist", [])
        found = await self._playlists.found(playlist_ids)
        async with self._mixes.refusing(caller, *(id for id in playlist_ids if id not in found)):
            if not all(id in found and found[id].shows_to(caller.subject) for id in playlist_ids):
                raise NotFound("Resource not found")
        for type, ids in by_type.items():
            if type == "playlist":
                for id in ids:
                    await self._playlists.follow(caller.subject, id)
            elif type in _FOLLOWED:
                await self._following.follow(caller.subject, Followed(type), ids)
            else:
                await self._saved.save(caller.subject, _KINDS[type], Asked(ids))
        return Response(status_code=200)

    async def delete(self, request: Request) -> Response:
        caller, wanted = caller_of(request), await _uris(request)
        by_type = _by_type(caller, wanted)
        if not _EMPTY.isdisjoint(by_type):
            raise NotFound("Resource not found")
        for type, ids in by_type.items():
            if type == "playlist":
                for id in ids:
                    async with self._mixes.refusing(caller, id):
                        await self._playlists.unfollow(caller, id)
            else:
                await self._lists.remove(caller.subject, _KINDS[type], set(ids))
        return Response(status_code=200)

    async def contains(self, request: Request) -> Response:
        caller, wanted = caller_of(request), await _uris(request)
        there: dict[tuple[str, str], bool] = {}
        for type, ids in _by_type(caller, wanted, reads=True).items():
            if type not in _EMPTY:
                found = await self._lists.contain(caller.subject, _KINDS[type], ids)
                there |= {(type, id): is_there for id, is_there in zip(ids, found, strict=True)}
        return json_response([there.get((each.type, each.id), False) for each in wanted])


async def _uris(request: Request) -> list[Uri]:
    texts = split(read_query(request, UrisQuery).uris)
    if not texts and request.method != "GET":
        texts = decoded(await read_body(request), UrisBody).uris
    if not texts:
        raise BadRequest("Missing required field: uris")
    if len(texts) > MOST_URIS:
        raise BadRequest(f"Too many uris: at most {MOST_URIS}")
    return [_parsed(text) for text in texts]


def _parsed(text: str) -> Uri:
    try:
        found = uris.parse(text)
    except uris.InvalidUri as error:
        raise BadRequest(f"Invalid uris: {error}") from None
    if found.type not in _KINDS.keys() | _EMPTY or not is_user_id(found.id):
        raise BadRequest(f"Invalid uris: {text[:100]!r} cannot be saved")
    return found


def _by_type(caller: Caller, wanted: Iterable[Uri], *, reads: bool = False) -> dict[str, list[str]]:
    """Ids, each once, by type; raises `Forbidden` where the app lacks a type's scope."""
    by_type: dict[str, list[str]] = {}
    for each in dict.fromkeys(wanted):
        by_type.setdefault(each.type, []).append(each.id)
    for type in by_type:
        needed = _scopes(type, reads=reads)
        if caller.scopes.isdisjoint(needed):
            raise Forbidden(f"Insufficient client scope: needs {' or '.join(needed)}")
    return by_type


def _scopes(type: str, *, reads: bool) -> tuple[str, ...]:
    if type == "playlist":
        return (READ_PRIVATE,) if reads else MODIFY_PLAYLISTS
    if type in _FOLLOWED:
        return (following.READ,) if reads else (following.MODIFY,)
    return (saved.READ,) if reads else (saved.MODIFY,)
