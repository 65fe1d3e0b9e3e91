"""Entry points that Google's runtime starts."""

from functools import cache

import functions_framework.aio
from starlette.requests import Request
from starlette.types import ASGIApp

from functions.playback import routes
from functions.playback.settings import ApiSettings
from shared import settings, telemetry


@cache
def _api() -> ASGIApp:
    configured = settings.load(ApiSettings)
    telemetry.configure(configured.google_cloud_project, configured.log_level)
    return routes.create(configured)


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def api(_: Request) -> ASGIApp:
    """Streams and licences."""
    return _api()
