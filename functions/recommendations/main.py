"""Entry points that Google's runtime starts."""

import functions_framework.aio
from starlette.requests import Request
from starlette.types import ASGIApp

from functions.recommendations import handlers, routes
from functions.recommendations.settings import ApiSettings, EventsSettings
from shared.entry import application

_api = application(ApiSettings, routes.create)
_events = application(EventsSettings, handlers.create)


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def api(_: Request) -> ASGIApp:
    """People's mixes, what they think of them, and radio."""
    return _api()


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def events(_: Request) -> ASGIApp:
    """Learns from what is listened to, every night, and forgets people who leave."""
    return _events()
