"""Entry points that Google's runtime starts."""

import functions_framework.aio
from starlette.requests import Request
from starlette.types import ASGIApp

from functions.catalog import handlers, routes
from functions.catalog.settings import ApiSettings, EventsSettings
from shared.entry import application

_api = application(ApiSettings, routes.create)
_events = application(EventsSettings, handlers.create)


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def api(_: Request) -> ASGIApp:
    """Tracks, albums and artists, as the Web API shows them."""
    return _api()


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def events(_: Request) -> ASGIApp:
    """Puts what was encoded into the catalogue."""
    return _events()
