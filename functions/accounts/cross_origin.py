"""Which of our addresses pages of other origins may call: those that take no cookie."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_OPEN = ("/v1/", "/api/token", "/oauth/", "/.well-known/")
_OWN = ("/oauth/web/",)


class CrossOrigin:
    """Answers browsers for the open addresses, and says nothing for the others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match"],
            expose_headers=["ETag", "Location", "Retry-After"],
            max_age=7200,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_open = path.startswith(_OPEN) and not path.startswith(_OWN)
        await (self._open if is_open else self._app)(scope, receive, send)
