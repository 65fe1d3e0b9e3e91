"""Passing HTTP requests on, body and answer streamed."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

# Functions close idle connections after two seconds; we let go of them earlier.
_KEEPALIVE_S = 1.0
_CHUNK_BYTES = 64 * 1024
_HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip

Keep = Callable[[aiohttp.ClientResponse, bytes], None]
Begun = Callable[[web.StreamResponse], None]

log = logging.getLogger(__name__)


class Proxy:
    """A pool of connections to servers on this machine, for the lifetime of an application."""

    def __init__(self) -> None:
        self.session: aiohttp.ClientSession

    async def connections(self, _: web.Application) -> AsyncIterator[None]:
        """For `Application.cleanup_ctx`."""
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_S),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
            # What the client did not ask for is not asked for on its behalf.
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            auto_decompress=False,
        )
        yield
        await self.session.close()

    async def forward(
        self,
        request: web.Request,
        to: str,
        extra: dict[str, str] | None = None,
        *,
        keep: Keep | None = None,
        body: bytes | None = None,
        begun: Begun | None = None,
    ) -> web.StreamResponse:
        """The answer of the server at `to` (scheme, host and port); 503 if there is none.

        `keep` is given a successful answer with its body; `body` is the request's, if it has been
        read. `begun` may change the answer before any of it is sent.
        """
        headers = without_hop_by_hop(request.headers)
        headers.update(extra or {})
        data = body if body is not None else request.content if request.body_exists else None
        try:
            answer = await self.session.request(
                request.method,
                same_address(request, to),
                headers=headers,
                data=data,
                allow_redirects=False,
            )
        except (TimeoutError, aiohttp.ClientConnectionError) as error:
            log.warning("%s %s: %r", request.method, request.path, error)
            return web.Response(
                status=503, headers={"Retry-After": "1"}, text="no healthy upstream\n"
            )
        async with answer:
            try:
                return await _stream_back(request, answer, keep, begun)
            except BaseException:
                # Whoever asked is gone: the rest of a stream may never come to its end.
                answer.close()
                raise


def same_address(request: web.Request, at: str) -> URL:
    """The request's path and query, to the letter, at another server."""
    return URL(at + request.rel_url.raw_path_qs, encoded=True)


async def _stream_back(
    request: web.Request,
    answer: aiohttp.ClientResponse,
    keep: Keep | None,
    begun: Begun | None,
) -> web.StreamResponse:
    headers = without_hop_by_hop(answer.headers)
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    if begun is not None:
        begun(response)
    await response.prepare(request)
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
        await response.write(chunk)
        if keep is not None:
            body += chunk
    await response.write_eof()
    if keep is not None and answer.status == 200:
        keep(answer, bytes(body))
    return response


def without_hop_by_hop(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """The headers that are not only about one connection."""
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP
    )
