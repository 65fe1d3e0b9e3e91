"""The catalogue as other services read it: gRPC, many items a call."""

import asyncio
import builtins
import time
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import msgspec
from cachetools import LRUCache

from shared.audience import ANYBODY, Audience
from shared.errors import BadRequest, Unavailable
from shared.grpc_channel import CALL_TIMEOUT_S, Channel
from shared.protos.catalog_pb2 import Album, Artist, Listed, Track

if TYPE_CHECKING:
    from grpc.aio import AioRpcError

MAX_IDS = 100
# For how long what was described is shown again without asking, and how much of it.
TTL_S = 30.0
_MOST_DESCRIBED = 10_000
_LIST_TIMEOUT_S = 30.0


class Form(IntEnum):
    """What of an item is shown, numbered as in catalog.proto.

    `album` is the Web API's SimplifiedAlbumObject, `simple_artist` its SimplifiedArtistObject.
    """

    track = 0
    album = 1
    full_album = 2
    artist = 3
    simple_artist = 4


_Key = tuple[Form, str, Audience]


class CatalogClient:
    """A connection to `catalog-rpc`, made when first used. Every call raises `Unavailable`.

    `describe` raises `BadRequest` for a market that there is not.

    Any number of ids may be asked for; they must be well-formed. Ids that are not in the
    catalogue, or not listed any more, are left out of the answers.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = CALL_TIMEOUT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channel = Channel(url)
        self._timeout_s = timeout_s
        self._stub: Any = None
        self._clock = clock
        self._described: LRUCache[_Key, tuple[float, msgspec.Raw]] = LRUCache(_MOST_DESCRIBED)

    async def tracks(self, ids: Sequence[str]) -> builtins.list[Track]:
        """In the order asked for."""
        answers = await self._get("GetTracks", ids)
        return [track for answer in answers for track in answer.tracks]

    async def albums(self, ids: Sequence[str]) -> builtins.list[Album]:
        """In the order asked for."""
        answers = await self._get("GetAlbums", ids)
        return [album for answer in answers for album in answer.albums]

    async def artists(self, ids: Sequence[str]) -> builtins.list[Artist]:
        """In the order asked for."""
        answers = await self._get("GetArtists", ids)
        return [artist for answer in answers for artist in answer.artists]

    async def artist_tracks(self, artist_id: str, limit: int = MAX_IDS) -> builtins.list[str]:
        """The ids of what an artist is known for, the most popular first."""
        from shared.protos.catalog_pb2 import ArtistTracksRequest

        request = ArtistTracksRequest(artist_id=artist_id, limit=limit)
        return list((await self._call("GetArtistTracks", request)).ids)

    async def describe(
        self, form: Form, ids: Iterable[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]:
        """By id, the Web API's own JSON, at most `TTL_S` old."""
        from shared.protos.catalog_pb2 import DescribeRequest

        wanted = list(dict.fromkeys(ids))
        found = {id: kept for id in wanted if (kept := self._fresh((form, id, audience)))}
        lacking = [id for id in wanted if id not in found]
        form_number: Any = int(form)
        requests = [
            DescribeRequest(
                form=form_number,
                ids=some,
                market=audience.market,
                explicit_filter=audience.explicit_filter,
            )
            for some in _in_parts(lacking)
        ]
        asked_at = self._clock()
        for answer in await asyncio.gather(*(self._call("Describe", each) for each in requests)):
            for item in answer.items:
                found[item.id] = self._keep((form, item.id, audience), asked_at, item.json)
        return {id: found[id] for id in wanted if id in found}

    async def list(self, type: str, page_token: str = "", limit: int = 1000) -> Listed:
        """A page of the whole catalogue; `type` is track, album or artist."""
        from shared.protos.catalog_pb2 import ListRequest

        request = ListRequest(type=type, page_token=page_token, limit=limit)
        listed: Listed = await self._call("List", request, timeout_s=_LIST_TIMEOUT_S)
        return listed

    async def close(self) -> None:
        await self._channel.close()

    async def _get(self, method: str, ids: Sequence[str]) -> builtins.list[Any]:
        from shared.protos.catalog_pb2 import GetRequest

        requests = [GetRequest(ids=some) for some in _in_parts(ids)]
        return await asyncio.gather(*(self._call(method, each) for each in requests))

    async def _call(self, method: str, request: Any, *, timeout_s: float = 0.0) -> Any:
        import grpc.aio

        if self._stub is None:
            from shared.protos.catalog_pb2_grpc import CatalogStub

            self._stub = CatalogStub(self._channel.open())
        try:
            return await self._channel.call(
                getattr(self._stub, method), request, timeout_s=timeout_s or self._timeout_s
            )
        except grpc.aio.AioRpcError as error:
            if _names_no_market(error):
                raise BadRequest("Invalid market code") from error
            raise Unavailable("The catalogue is not answering; try again") from error

    def _fresh(self, key: _Key) -> msgspec.Raw | None:
        kept = self._described.get(key)
        if kept is None or self._clock() - kept[0] >= TTL_S:
            return None
        return kept[1]

    def _keep(self, key: _Key, asked_at: float, json: bytes) -> msgspec.Raw:
        raw = msgspec.Raw(json)
        self._described[key] = (asked_at, raw)
        return raw


def _names_no_market(error: "AioRpcError") -> bool:
    invalid = error.code().name == "INVALID_ARGUMENT"
    return invalid and (error.details() or "").startswith("market:")


def _in_parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + MAX_IDS] for start in range(0, len(ids), MAX_IDS))
