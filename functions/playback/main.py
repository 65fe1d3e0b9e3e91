"""Entry points that Google's runtime starts."""

import functions_framework.aio
from starlette.requests import Request
from starlette.types import ASGIApp

from functions.playback import handlers, routes
from functions.playback.push import routes as push_routes
from functions.playback.settings import ApiSettings, EventsSettings, PushSettings
from shared.entry import application

_api = application(ApiSettings, routes.create)
_push = application(PushSettings, push_routes.create)
_events = application(EventsSettings, handlers.create)


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def api(_: Request) -> ASGIApp:
    """Streams and licences, players and devices, play reports."""
    return _api()


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def push(_: Request) -> ASGIApp:
    """Tells players and remote controls what changed, as it changes."""
    return _push()


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def events(_: Request) -> ASGIApp:
    """Counts plays, and forgets people who leave."""
    return _events()
