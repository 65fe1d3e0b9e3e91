"""Entry points that Google's runtime starts."""

import functions_framework.aio
from starlette.requests import Request
from starlette.types import ASGIApp

from functions.accounts import handlers, routes
from functions.accounts.settings import ApiSettings, EventsSettings
from shared.entry import application

_api = application(ApiSettings, routes.create)
_events = application(EventsSettings, handlers.create)


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def api(_: Request) -> ASGIApp:
    """Signing up and in, OAuth 2.0, profiles, apps, plans, exports."""
    return _api()


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def events(_: Request) -> ASGIApp:
    """Renews, cleans up, and sees erasures through to their end."""
    return _events()
