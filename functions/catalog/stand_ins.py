"""Shows, episodes, audiobooks and chapters: the contract has them, and the catalogue has none."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.catalog.asked import IdsQuery, MarketQuery, id_of, ids_of, market_of
from functions.catalog.shapes import Shapes
from shared.caching import cacheable_json
from shared.errors import NotFound
from shared.openapi import Operation
from shared.paging import Page, Window, page
from shared.query import read_query
from shared.web import Api

Handler = Callable[[Request], Awaitable[Response]]


class PartsQuery(msgspec.Struct, frozen=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20
    offset: Annotated[int, msgspec.Meta(ge=0)] = 0
    market: str = ""


@dataclass(frozen=True)
class _Kind:
    """`name`: as paths and answers call them; `parts`: what each would hold, if anything.

    `scope` is asked for one of them, `scope_of_several` for several.
    """

    name: str
    most: int
    parts: str = ""
    scope: str | None = None
    scope_of_several: str | None = None

    @property
    def tag(self) -> str:
        return self.name.title()


_POSITIONS = "user-read-playback-position"
_KINDS = (
    _Kind("shows", 50, parts="episodes", scope=_POSITIONS),
    _Kind("episodes", 50, scope=_POSITIONS, scope_of_several=_POSITIONS),
    _Kind("audiobooks", 50, parts="chapters"),
    _Kind("chapters", 50),
)


class StandIns:
    """The routes: nothing is found, all of several are null, and every page is empty."""

    def __init__(self, *, shapes: Shapes) -> None:
        self._shapes = shapes

    def routes(self, api: Api) -> list[Route]:
        return [route for kind in _KINDS for route in self._routes(api, kind)]

    def _routes(self, api: Api, kind: _Kind) -> list[Route]:
        answer: Any = msgspec.defstruct(f"Many{kind.tag}", [(kind.name, list[None])])
        several = Operation(
            f"Several {kind.name}: there are none",
            kind.tag,
            answer,
            query=IdsQuery,
            errors=(400,),
        )
        one = Operation(f"One of the {kind.name}: there are none", kind.tag, query=MarketQuery)
        routes = [
            api.get(f"/v1/{kind.name}", _several(kind), scope=kind.scope_of_several, doc=several),
            api.get(f"/v1/{kind.name}/{{id}}", _one, scope=kind.scope, doc=one),
        ]
        if kind.parts:
            parts = Operation(
                f"The {kind.parts} of one of the {kind.name}: there are none",
                kind.tag,
                Page[None],
                query=PartsQuery,
                errors=(400,),
            )
            path = f"/v1/{kind.name}/{{id}}/{kind.parts}"
            routes.append(api.get(path, self._parts(kind), scope=kind.scope, doc=parts))
        return routes

    def _parts(self, kind: _Kind) -> Handler:
        async def handler(request: Request) -> Response:
            query = read_query(request, PartsQuery)
            market_of(request, query.market)
            url = self._shapes.href(f"{kind.name}/{id_of(request)}/{kind.parts}")
            window = Window(query.limit, query.offset)
            nothing: list[None] = []
            return cacheable_json(request, page(nothing, window, 0, url))

        return handler


def _several(kind: _Kind) -> Handler:
    async def handler(request: Request) -> Response:
        query = read_query(request, IdsQuery)
        market_of(request, query.market)
        wanted = ids_of(query.ids, kind.most)
        return cacheable_json(request, {kind.name: [None] * len(wanted)})

    return handler


async def _one(request: Request) -> Response:
    market_of(request, read_query(request, MarketQuery).market)
    id_of(request)
    raise NotFound("Resource not found")
