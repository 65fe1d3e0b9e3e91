"""Entry points that Google's runtime starts."""

import functions_framework.aio
from starlette.requests import Request
from starlette.types import ASGIApp

from functions.search import handlers, routes
from functions.search.settings import ApiSettings, EventsSettings
from shared.entry import application

_api = application(ApiSettings, routes.create)
_events = application(EventsSettings, handlers.create)


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def api(_: Request) -> ASGIApp:
    """Finds what is in the catalogue."""
    return _api()


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def events(_: Request) -> ASGIApp:
    """Keeps the index up to date."""
    return _events()
