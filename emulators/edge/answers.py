"""Cloud CDN before a function: it keeps answers that call themselves public, and no others."""

import re
from functools import partial

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from emulators.edge import compression
from emulators.edge.cache import CachedObject, ObjectCache
from emulators.proxy import Proxy, without_hop_by_hop

_MAX_AGE = re.compile(r"(?:s-maxage|max-age)=(\d+)")
_ETAG = re.compile(r'"[^"]*"')


class CachedAnswers:
    """Answers by address, query included. Who asks makes no difference, as with the real one."""

    def __init__(self, proxy: Proxy, cache: ObjectCache) -> None:
        self._proxy = proxy
        self._cache = cache

    async def serve(
        self, request: web.Request, to: str, extra: dict[str, str], *, compressed: bool = False
    ) -> web.StreamResponse:
        """What is kept for this address, or the answer of the server at `to`."""
        if request.method != "GET":
            return await self._proxy.forward(request, to, extra)
        key = (to, request.rel_url.raw_path_qs)
        if (kept := self._cache.get(key)) is not None:
            return _answer(request, kept, self._cache.age_s(kept), compressed=compressed)
        begun = partial(_compress, request) if compressed else None
        return await self._proxy.forward(
            request, to, extra, keep=lambda *got: self._keep(key, *got), begun=begun
        )

    def _keep(self, key: tuple[str, str], answer: aiohttp.ClientResponse, body: bytes) -> None:
        if (max_age_s := _max_age_s(answer)) > 0:
            self._cache.put(key, body, without_hop_by_hop(answer.headers), max_age_s)


def _max_age_s(answer: aiohttp.ClientResponse) -> float:
    """How long an answer may be kept; 0 for one that is not for everybody."""
    control = answer.headers.get("Cache-Control", "")
    if answer.status != 200 or "public" not in control or "Set-Cookie" in answer.headers:
        return 0
    found = _MAX_AGE.search(control)
    return float(found[1]) if found else 0


def _compress(request: web.Request, answer: web.StreamResponse) -> None:
    """Has an answer that is passed on compressed, where it may be."""
    size = answer.content_length or 0
    if answer.status != 200 or not compression.is_compressible(answer.headers, size):
        return
    compression.vary(answer.headers)
    if compression.is_accepted(request.headers):
        compression.weaken(answer.headers)
        answer.enable_compression(web.ContentCoding.gzip)


def _answer(
    request: web.Request, kept: CachedObject, age_s: int, *, compressed: bool
) -> web.Response:
    headers = CIMultiDict(kept.headers)
    headers["Age"] = str(age_s)
    headers.pop("Content-Length", None)
    known = _ETAG.findall(request.headers.get("If-None-Match", ""))
    if headers.get("ETag") in known:
        headers.pop("Content-Type", None)
        return web.Response(status=304, headers=headers)
    if compressed and compression.is_compressible(headers, len(kept.body)):
        compression.vary(headers)
        if compression.is_accepted(request.headers):
            compression.weaken(headers)
            headers["Content-Encoding"] = "gzip"
            return web.Response(body=kept.gzipped, headers=headers)
    return web.Response(body=kept.body, headers=headers)
