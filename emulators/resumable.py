"""Resumable uploads as Cloud Storage keeps them, in front of fake-gcs-server, which does not.

fake-gcs-server ends an upload that is only asked how far it is, keeps nothing of a request that
breaks off, and does not check where a chunk begins. Everything else is passed on.

Source: https://cloud.google.com/storage/docs/performing-resumable-uploads
"""

import asyncio
import re
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from yarl import URL

from emulators.proxy import Proxy, same_address

BLOCK_BYTES = 256 * 1024
# What is passed on at a time; Cloud Storage keeps whole blocks of a request that breaks off.
_PIECE_BYTES = 32 * BLOCK_BYTES

_RANGE = re.compile(r"bytes (?:(?P<start>\d+)-(?P<end>\d+)|\*)/(?P<total>\d+|\*)")
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Range",
}
# What a browser asks before it sends a part of a file from a page of another origin.
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "PUT",
    "Access-Control-Allow-Headers": "Content-Range, Content-Type",
    "Access-Control-Max-Age": "3600",
}


@dataclass
class _Session:
    received: int = 0
    result: bytes | None = None  # the object's metadata, once all bytes are there
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class ResumableUploads:
    """Sessions by their id. `storage_url` is where fake-gcs-server answers."""

    def __init__(self, storage_url: str) -> None:
        self._storage_url = storage_url
        self._proxy = Proxy()
        self._sessions: dict[str, _Session] = {}

    def app(self) -> web.Application:
        app = web.Application(client_max_size=0)
        app.cleanup_ctx.append(self._proxy.connections)
        app.add_routes([web.route("*", "/{path:.*}", self._route)])
        return app

    async def _route(self, request: web.Request) -> web.StreamResponse:
        if "upload_id" in request.query:
            if request.method == "PUT":
                return await self._put(request)
            if request.method == "OPTIONS":
                return web.Response(status=204, headers={**_CORS, **_PREFLIGHT})
        response = await self._proxy.forward(request, self._storage_url)
        if request.query.get("uploadType") == "resumable" and "Location" in response.headers:
            opened = URL(response.headers["Location"]).query["upload_id"]
            self._sessions[opened] = _Session()
        return response

    async def _put(self, request: web.Request) -> web.Response:
        session = self._sessions.get(request.query["upload_id"])
        if session is None:
            return web.Response(status=404, text="no such session", headers=_CORS)
        header = request.headers.get("Content-Range")
        asked = _RANGE.fullmatch(header) if header is not None else None
        if header is not None and asked is None:
            return web.Response(status=400, text="Content-Range is malformed", headers=_CORS)
        async with session.lock:
            if session.result is not None:
                return _finished(session)
            if asked is not None and asked["start"] is None:
                complete = asked["total"] == str(session.received)
                return await self._commit(request, session) if complete else _so_far(session)
            start = int(asked["start"]) if asked else 0
            if start > session.received:
                return web.Response(status=503, text="the chunk begins after a gap", headers=_CORS)
            return await self._receive(request, session, start, _last_byte(request, asked))

    async def _receive(
        self, request: web.Request, session: _Session, at: int, last: int | None
    ) -> web.Response:
        """Pass on what has not been received yet; `last` is the upload's last byte, if known."""
        piece = bytearray()
        try:
            async for data in request.content.iter_any():
                piece += data[max(0, session.received - at) :] if at < session.received else data
                at += len(data)
                if len(piece) > _PIECE_BYTES:
                    await self._pass_on(request, session, piece, _PIECE_BYTES)
        except (aiohttp.ClientError, ConnectionError, web.RequestPayloadError):
            await self._pass_on(request, session, piece, len(piece) // BLOCK_BYTES * BLOCK_BYTES)
            raise
        if last is not None and session.received + len(piece) > last:
            return await self._commit(request, session, bytes(piece))
        await self._pass_on(request, session, piece, len(piece) // BLOCK_BYTES * BLOCK_BYTES)
        return _so_far(session)

    async def _pass_on(
        self, request: web.Request, session: _Session, piece: bytearray, count: int
    ) -> None:
        if count == 0:
            return
        end = session.received + count - 1
        await self._forward(request, bytes(piece[:count]), f"bytes {session.received}-{end}/*")
        session.received += count
        del piece[:count]

    async def _commit(
        self, request: web.Request, session: _Session, rest: bytes = b""
    ) -> web.Response:
        total = session.received + len(rest)
        content_range = f"bytes {session.received}-{total - 1}/{total}" if rest else "bytes */0"
        session.result = await self._forward(request, rest, content_range)
        return _finished(session)

    async def _forward(self, request: web.Request, body: bytes, content_range: str) -> bytes:
        async with self._proxy.session.put(
            same_address(request, self._storage_url),
            data=body,
            headers={"Content-Range": content_range},
        ) as answer:
            if answer.status >= 400:
                raise web.HTTPBadGateway(text=await answer.text(), headers=_CORS)
            return await answer.read()


def _last_byte(request: web.Request, asked: re.Match[str] | None) -> int | None:
    """The position of the upload's last byte; None if more requests are to come."""
    if asked is None:
        return (request.content_length or 0) - 1
    ends_here = asked["total"] != "*" and int(asked["end"]) + 1 == int(asked["total"])
    return int(asked["end"]) if ends_here else None


def _so_far(session: _Session) -> web.Response:
    received = {"Range": f"bytes=0-{session.received - 1}"} if session.received else {}
    return web.Response(status=308, headers={**_CORS, **received})


def _finished(session: _Session) -> web.Response:
    return web.Response(
        status=200, body=session.result, content_type="application/json", headers=_CORS
    )
