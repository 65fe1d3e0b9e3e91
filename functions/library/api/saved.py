"""`/v1/me/tracks`, `/v1/me/albums`, and the kinds of items that Cadenza has none of."""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.library.api.asked import (
    Asked,
    IdsBody,
    IdsQuery,
    MarketPageQuery,
    checked,
    read_ids,
    revalidated,
    split,
)
from functions.library.describe import Catalog, audience_in
from functions.library.lists import Lists, newest_first
from functions.library.model import Kind
from functions.library.sequence import Entry
from functions.library.shapes import SavedAlbumObject, SavedTrackObject, Shapes, moment
from shared.catalog_client import Form
from shared.clock import Clock
from shared.errors import NotFound
from shared.openapi import Operation
from shared.paging import Page, page
from shared.query import read_query
from shared.web import Api, caller_of, json_response

READ = "user-library-read"
MODIFY = "user-library-modify"
TAG = "Library"
# What the contract lets people save that no catalogue of ours holds.
NONE_OF = ("shows", "episodes", "audiobooks")


class Saved:
    """Saved tracks and albums, newest first."""

    def __init__(self, lists: Lists, catalog: Catalog, shapes: Shapes, clock: Clock) -> None:
        self._lists = lists
        self._catalog = catalog
        self._shapes = shapes
        self._clock = clock

    def routes(self, api: Api) -> list[Route]:
        return [
            *self._routes_of(api, Kind.tracks, self.get_tracks, SavedTrackObject),
            *self._routes_of(api, Kind.albums, self.get_albums, SavedAlbumObject),
            *(route for kind in NONE_OF for route in self._empty(api, kind)),
        ]

    def _routes_of(self, api: Api, kind: Kind, get: Any, shape: type) -> list[Route]:
        path, name = f"/v1/me/{kind.value}", kind.value

        async def save(request: Request) -> Response:
            await self.save(caller_of(request).subject, kind, await read_ids(request))
            return Response(status_code=200)

        async def remove(request: Request) -> Response:
            asked = await read_ids(request)
            await self._lists.remove(caller_of(request).subject, kind, set(asked.ids))
            return Response(status_code=200)

        async def contains(request: Request) -> Response:
            wanted = split(read_query(request, IdsQuery).ids)
            checked(wanted)
            found = await self._lists.contain(caller_of(request).subject, kind, wanted)
            return json_response(found)

        listed: Any = Page[shape]  # type: ignore[valid-type]
        return [
            api.get(
                path,
                get,
                scope=READ,
                doc=Operation(f"Saved {name}", TAG, answer=listed, query=MarketPageQuery),
            ),
            api.put(
                path,
                save,
                scope=MODIFY,
                doc=Operation(f"Save {name}", TAG, query=IdsQuery, body=IdsBody | list[str]),
            ),
            api.delete(
                path,
                remove,
                scope=MODIFY,
                doc=Operation(
                    f"Remove saved {name}", TAG, query=IdsQuery, body=IdsBody | list[str]
                ),
            ),
            api.get(
                f"{path}/contains",
                contains,
                scope=READ,
                doc=Operation(f"Whether {name} are saved", TAG, answer=list[bool], query=IdsQuery),
            ),
        ]

    async def get_tracks(self, request: Request) -> Response:
        query = read_query(request, MarketPageQuery)
        described, entries, total = await self._page(request, query, Kind.tracks, Form.track)
        items = [SavedTrackObject(moment(each.at), described[each.id]) for each in entries]
        return revalidated(request, self._paged("me/tracks", items, query, total))

    async def get_albums(self, request: Request) -> Response:
        query = read_query(request, MarketPageQuery)
        described, entries, total = await self._page(request, query, Kind.albums, Form.full_album)
        items = [SavedAlbumObject(moment(each.at), described[each.id]) for each in entries]
        return revalidated(request, self._paged("me/albums", items, query, total))

    async def _page(
        self, request: Request, query: MarketPageQuery, kind: Kind, form: Form
    ) -> tuple[dict[str, msgspec.Raw], list[Entry], int]:
        """What has left the catalogue is not shown, and comes back with it."""
        audience = audience_in(request, query.market)
        found = await self._lists.page(
            caller_of(request).subject,
            kind,
            limit=query.limit,
            offset=query.offset,
            as_of=query.as_of,
        )
        described = await self._catalog.describe(
            form, [entry.id for entry in found.entries], audience
        )
        entries = [entry for entry in found.entries if entry.id in described]
        return described, entries, found.total

    def _paged(self, path: str, items: list[Any], query: MarketPageQuery, total: int) -> Page[Any]:
        kept = {"market": query.market} if query.market else {}
        links = {**kept, "as_of": str(total)}
        return page(items, query.window, total, self._shapes.href(path), links)

    async def save(self, user: str, kind: Kind, asked: Asked) -> None:
        """Raises `NotFound` for what is not in the catalogue."""
        await self.check_exist(kind, asked.ids)
        now = int(self._clock().timestamp())
        entries = [
            entry._replace(at=min(now, asked.times.get(entry.id, now)))
            for entry in newest_first(asked.ids, now)
        ]
        await self._lists.add(user, kind, entries)

    async def check_exist(self, kind: Kind, wanted: Sequence[str]) -> None:
        """Raises `NotFound` if one of them is not in the catalogue."""
        readers: dict[Kind, Any] = {
            Kind.tracks: self._catalog.tracks,
            Kind.albums: self._catalog.albums,
            Kind.artists: self._catalog.artists,
        }
        there = {item.id for item in await readers[kind](list(wanted))}
        if not there.issuperset(wanted):
            raise NotFound("Resource not found")

    def _empty(self, api: Api, name: str) -> list[Route]:
        path = f"/v1/me/{name}"

        async def listed(request: Request) -> Response:
            query = read_query(request, MarketPageQuery)
            audience_in(request, query.market)
            nothing: Page[None] = page([], query.window, 0, self._shapes.href(f"me/{name}"))
            return revalidated(request, nothing)

        async def refuse(request: Request) -> Response:
            await read_ids(request)
            raise NotFound("Resource not found")

        async def remove(request: Request) -> Response:
            await read_ids(request)
            return Response(status_code=200)

        async def contains(request: Request) -> Response:
            wanted = split(read_query(request, IdsQuery).ids)
            checked(wanted)
            return json_response([False] * len(wanted))

        return [
            api.get(
                path,
                listed,
                scope=READ,
                doc=Operation(f"Saved {name}: none", TAG, answer=Page[None], query=MarketPageQuery),
            ),
            api.put(
                path,
                refuse,
                scope=MODIFY,
                doc=Operation(f"There are no {name}", TAG, query=IdsQuery, body=IdsBody),
            ),
            api.delete(
                path,
                remove,
                scope=MODIFY,
                doc=Operation(f"There are no {name}", TAG, query=IdsQuery, body=IdsBody),
            ),
            api.get(
                f"{path}/contains",
                contains,
                scope=READ,
                doc=Operation(
                    f"Whether {name} are saved: no", TAG, answer=list[bool], query=IdsQuery
                ),
            ),
        ]
