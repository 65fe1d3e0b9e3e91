"""Entry points that Google's runtime starts."""

import functions_framework.aio
from starlette.requests import Request
from starlette.types import ASGIApp

from functions.playback import routes
from functions.playback.settings import ApiSettings
from shared.entry import application

_api = application(ApiSettings, routes.create)


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def api(_: Request) -> ASGIApp:
    """Streams and licences."""
    return _api()
