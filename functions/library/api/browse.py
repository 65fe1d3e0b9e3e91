"""`/v1/browse`: featured playlists, and those of a category."""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.library import featured
from functions.library.api.asked import WindowQuery, decoded, playlist_id_of
from functions.library.describe import Describer
from functions.library.featured import Featured
from functions.library.playlists import Playlists
from functions.library.shapes import FeaturedPlaylists
from shared.caching import cacheable_json
from shared.errors import BadRequest, Forbidden, NotFound
from shared.openapi import Operation
from shared.paging import page
from shared.query import read_query
from shared.web import Api, caller_of, read_body

TAG = "Browse"
OPERATOR = "operator"
_MESSAGE = "Popular Playlists"
_MOST_MESSAGE = 200
_MOST_CATEGORIES = 50


class FeatureBody(msgspec.Struct, frozen=True):
    """`message` stands over the playlists; that of the newest is shown."""

    message: str = ""
    categories: list[str] = []


class BrowseApi:
    """What an operator puts forward; only public playlists show."""

    def __init__(
        self, shelf: featured.FeaturedPlaylists, playlists: Playlists, describer: Describer
    ) -> None:
        self._shelf = shelf
        self._playlists = playlists
        self._describer = describer

    def routes(self, api: Api) -> list[Route]:
        path = "/v1/browse/featured-playlists"
        return [
            api.get(
                path,
                self.get,
                doc=Operation("Featured playlists", TAG, FeaturedPlaylists, query=WindowQuery),
            ),
            api.put(
                f"{path}/{{playlist_id}}",
                self.put,
                doc=Operation(
                    "Put a playlist forward (operators)",
                    TAG,
                    status=204,
                    body=FeatureBody,
                    errors=(400, 403, 404),
                ),
            ),
            api.delete(
                f"{path}/{{playlist_id}}",
                self.delete,
                doc=Operation(
                    "Put a playlist forward no more (operators)",
                    TAG,
                    status=204,
                    errors=(400, 403, 404),
                ),
            ),
            api.get(
                "/v1/browse/categories/{category_id}/playlists",
                self.get_of_category,
                doc=Operation(
                    "Featured playlists of a category", TAG, FeaturedPlaylists, query=WindowQuery
                ),
            ),
        ]

    async def get(self, request: Request) -> Response:
        return await self._answer(request, await self._shelf.all(), "browse/featured-playlists")

    async def get_of_category(self, request: Request) -> Response:
        category = request.path_params["category_id"]
        chosen = [each for each in await self._shelf.all() if category in each.categories]
        name = quote(category, safe="")
        return await self._answer(request, chosen, f"browse/categories/{name}/playlists")

    async def put(self, request: Request) -> Response:
        playlist_id = _for_operators(request)
        body: FeatureBody = decoded(await read_body(request), FeatureBody)
        if len(body.message) > _MOST_MESSAGE:
            raise BadRequest(f"Invalid message: longer than {_MOST_MESSAGE} characters")
        if len(body.categories) > _MOST_CATEGORIES:
            raise BadRequest(f"Invalid categories: at most {_MOST_CATEGORIES}")
        found = (await self._playlists.found([playlist_id])).get(playlist_id)
        if found is None or not found.public:
            raise NotFound("Resource not found")
        await self._shelf.put(Featured(playlist_id, body.message, body.categories))
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
        await self._shelf.remove(_for_operators(request))
        return Response(status_code=204)

    async def _answer(self, request: Request, chosen: Sequence[Featured], path: str) -> Response:
        window = read_query(request, WindowQuery).window
        found = await self._playlists.found(each.playlist_id for each in chosen)
        public = [each for each in chosen if (it := found.get(each.playlist_id)) and it.public]
        shown = public[window.offset : window.offset + window.limit]
        items = await self._describer.simplified([found[each.playlist_id] for each in shown])
        listed = page(items, window, len(public), self._describer.shapes.href(path))
        message = next((each.message for each in public if each.message), _MESSAGE)
        return cacheable_json(request, FeaturedPlaylists(message, listed))


def _for_operators(request: Request) -> str:
    """The playlist's id; raises `Forbidden`."""
    if OPERATOR not in caller_of(request).roles:
        raise Forbidden("Only an operator puts playlists forward")
    return playlist_id_of(request)
