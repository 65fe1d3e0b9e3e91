"""A backend bucket behind Cloud CDN: signatures, ranges, conditional requests and a cache."""

import base64
import re
import time
from collections.abc import Mapping
from urllib.parse import quote

import aiohttp
from aiohttp import web
from yarl import URL

from emulators.edge import compression, signatures
from emulators.edge.cache import CachedObject, ObjectCache
from emulators.edge.urlmap import BucketBackend
from emulators.proxy import Proxy

_KEPT_HEADERS = ("Content-Type", "Cache-Control", "ETag", "Last-Modified")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_ETAG = re.compile(r'"[^"]*"')
# What Cloud Storage says of a public object that has no Cache-Control of its own.
_DEFAULT_MAX_AGE_S = 3600.0


class Cdn:
    """Serves objects of buckets. `storage_url` is where Cloud Storage answers."""

    def __init__(self, proxy: Proxy, storage_url: str, cache: ObjectCache) -> None:
        self._proxy = proxy
        self._storage_url = storage_url
        self._cache = cache

    async def serve(self, request: web.Request, backend: BucketBackend, path: str) -> web.Response:
        """The object that the path names, if the request may have it."""
        if request.method not in {"GET", "HEAD"}:
            raise web.HTTPMethodNotAllowed(request.method, ["GET", "HEAD"])
        if backend.keys:
            try:
                signatures.check(
                    f"{request.scheme}://{request.host}{request.raw_path}",
                    request.cookies.get(signatures.COOKIE_NAME),
                    _secrets(backend),
                    time.time(),
                )
            except signatures.Refused as refused:
                return web.Response(status=403, text=f"Forbidden: {refused}\n")
        key = (backend.bucket, path.removeprefix("/"))
        cached = self._cache.get(key)
        status = "hit" if cached else "miss"
        if cached is None and not {"", ".", ".."} & set(key[1].split("/")):
            # To Cloud Storage these are plain characters; to a folder on disk they are not.
            cached = await self._fetch(key)
        if cached is None:
            headers = _response_headers(backend, status)
            return web.Response(status=404, text="Not Found\n", headers=headers)
        return self._answer(request, backend, cached, status)

    async def _fetch(self, key: tuple[str, str]) -> CachedObject | None:
        bucket, name = key
        address = f"{self._storage_url}/storage/v1/b/{bucket}/o/{quote(name, safe='')}?alt=media"
        try:
            async with self._proxy.session.get(URL(address, encoded=True)) as answer:
                if answer.status == 404:
                    return None
                if answer.status != 200:
                    raise web.HTTPBadGateway(text=f"Cloud Storage answered {answer.status}\n")
                headers = {
                    header: answer.headers[header]
                    for header in _KEPT_HEADERS
                    if header in answer.headers
                }
                body = await answer.read()
        except (TimeoutError, aiohttp.ClientError) as error:
            raise web.HTTPBadGateway(text="Cloud Storage does not answer\n") from error
        return self._cache.put(key, body, headers, _max_age_s(headers))

    def _answer(
        self, request: web.Request, backend: BucketBackend, cached: CachedObject, status: str
    ) -> web.Response:
        headers = {
            **cached.headers,
            "Accept-Ranges": "bytes",
            "Age": str(self._cache.age_s(cached)),
            **_response_headers(backend, status),
        }
        etag = cached.headers.get("ETag")
        known = request.headers.get("If-None-Match", "")
        if etag is not None and etag in _ETAG.findall(known):
            return web.Response(status=304, headers=headers)
        asked = request.headers.get("Range") if request.method == "GET" else None
        if asked is not None and request.headers.get("If-Range", etag) == etag:
            return _ranged(cached.body, asked, headers)
        if backend.compressed and compression.is_compressible(headers, len(cached.body)):
            compression.vary(headers)
            if compression.is_accepted(request.headers):
                compression.weaken(headers)
                headers["Content-Encoding"] = "gzip"
                return web.Response(body=cached.gzipped, headers=headers)
        return web.Response(body=cached.body, headers=headers)


def _ranged(body: bytes, asked: str, headers: Mapping[str, str]) -> web.Response:
    """One range of bytes; several at once, or nonsense, get the whole body (RFC 9110)."""
    match = _RANGE.fullmatch(asked)
    if match is None or match[0] == "bytes=-":
        return web.Response(body=body, headers=headers)
    first, last = match.groups()
    if first:
        start, end = int(first), min(int(last) if last else len(body) - 1, len(body) - 1)
    else:
        start, end = max(0, len(body) - int(last)), len(body) - 1
    if start > end:
        return web.Response(
            status=416, headers={**headers, "Content-Range": f"bytes */{len(body)}"}
        )
    return web.Response(
        status=206,
        body=body[start : end + 1],
        headers={**headers, "Content-Range": f"bytes {start}-{end}/{len(body)}"},
    )


def _max_age_s(headers: Mapping[str, str]) -> float:
    control = headers.get("Cache-Control", "")
    if any(word in control for word in ("no-store", "no-cache", "private")):
        return 0
    match = re.search(r"s-maxage=(\d+)", control) or re.search(r"max-age=(\d+)", control)
    return float(match[1]) if match else _DEFAULT_MAX_AGE_S


def _response_headers(backend: BucketBackend, status: str) -> dict[str, str]:
    return {
        name: value.replace("{cdn_cache_status}", status)
        for name, value in backend.response_headers
    }


def _secrets(backend: BucketBackend) -> dict[str, bytes]:
    return {name: base64.urlsafe_b64decode(secret) for name, secret in backend.keys}
