"""Entry points that Google's runtime starts."""

import functions_framework.aio
from starlette.requests import Request
from starlette.types import ASGIApp

from functions.media import handlers, routes
from functions.media.settings import ApiSettings, EventsSettings
from shared.entry import application

_api = application(ApiSettings, routes.create)
_events = application(EventsSettings, handlers.create)


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def api(_: Request) -> ASGIApp:
    """Uploads: asking for one, and what became of it."""
    return _api()


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def events(_: Request) -> ASGIApp:
    """Starts the encoding of what was uploaded, and follows it to its end."""
    return _events()
