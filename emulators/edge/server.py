"""The local edge: one port that follows the declared URL map, in the load balancer's place."""

import uuid

from aiohttp import web

from emulators.edge.answers import CachedAnswers
from emulators.edge.cache import ObjectCache
from emulators.edge.cdn import Cdn
from emulators.edge.urlmap import BucketBackend, UrlMap
from emulators.proxy import Proxy

CACHE_BYTES = 256 * 1024 * 1024
ANSWERS_BYTES = 32 * 1024 * 1024


class Edge:
    """Passes each request to the backend that the URL map names."""

    def __init__(self, *, url_map: UrlMap, unit_urls: dict[str, str], storage_url: str) -> None:
        self._url_map = url_map
        self._unit_urls = unit_urls
        self._proxy = Proxy()
        self._cdn = Cdn(self._proxy, storage_url, ObjectCache(CACHE_BYTES))
        self._answers = CachedAnswers(self._proxy, ObjectCache(ANSWERS_BYTES))

    def app(self) -> web.Application:
        app = web.Application(client_max_size=0)
        app.cleanup_ctx.append(self._proxy.connections)
        app.add_routes([web.route("*", "/{path:(?s:.*)}", self._route)])
        return app

    async def _route(self, request: web.Request) -> web.StreamResponse:
        target = self._url_map.target_of(request.path)
        if target is None:
            return web.Response(status=404, text="response 404 (backend NotFound)\n")
        backend = target.backend
        if isinstance(backend, BucketBackend):
            return await self._cdn.serve(request, backend, target.path)
        url = self._unit_urls[backend.unit]
        extra = _load_balancer_headers(request)
        if backend.cached:
            return await self._answers.serve(request, url, extra, compressed=backend.compressed)
        return await self._proxy.forward(request, url, extra)


def _load_balancer_headers(request: web.Request) -> dict[str, str]:
    headers = {"X-Forwarded-For": request.remote or "", "X-Forwarded-Proto": request.scheme}
    if "X-Cloud-Trace-Context" not in request.headers:
        headers["X-Cloud-Trace-Context"] = f"{uuid.uuid4().hex}/1;o=0"
    return headers
