"""The HTTP face that every function shares: who may call, typed JSON, and the contract's errors."""

import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import telemetry
from shared.errors import (
    ApiError,
    BadRequest,
    Forbidden,
    PayloadTooLarge,
    Unauthorized,
    Unavailable,
)
from shared.limits import RateLimits
from shared.openapi import Documented, Operation
from shared.tokens import Caller, Verifier

MAX_BODY_BYTES = 1024 * 1024

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]
# None: any token will do. Of several, one is enough.
Scopes = str | tuple[str, ...] | None

_CORS = Middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["GET", "POST", "PUT", "DELETE"],
    allow_headers=[
        "Authorization",
        "Content-Encoding",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "Last-Event-ID",
    ],
    expose_headers=["ETag", "Location", "Retry-After"],
    max_age=7200,
)

log = logging.getLogger(__name__)


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Any msgspec-encodable value as JSON."""
    return Response(
        msgspec.json.encode(value), status, headers=headers, media_type="application/json"
    )


async def read_json(request: Request, into: type[T]) -> T:
    """The request's body as `into`; raises `BadRequest` naming what is wrong."""
    body = await read_body(request)
    try:
        return msgspec.json.decode(body, type=into)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
    except msgspec.DecodeError as error:
        raise BadRequest("The body is not valid JSON") from error


async def read_body(request: Request, most: int = MAX_BODY_BYTES) -> bytes:
    """The request's body as it came, of at most so many bytes; raises `PayloadTooLarge`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise PayloadTooLarge(f"The body is larger than {most} bytes")
    return bytes(body)


def caller_of(request: Request) -> Caller:
    """Who calls, on a route made by `Api`."""
    caller: Caller = request.state.caller
    return caller


class ApiRoute(Route):
    """A route that may say what it is."""

    def __init__(
        self, path: str, handler: Handler, method: str, documented: Documented | None
    ) -> None:
        super().__init__(path, handler, methods=[method])
        self.documented = documented


class Api:
    """Makes routes that need a token, with the scope each of them asks for.

    Of several scopes any one is enough.
    """

    def __init__(self, verifier: Verifier, limits: RateLimits | None = None) -> None:
        self._verifier = verifier
        self._limits = limits or RateLimits()

    def get(
        self, path: str, handler: Handler, *, scope: Scopes = None, doc: Operation | None = None
    ) -> Route:
        return self._route("GET", path, handler, scope, doc)

    def post(
        self, path: str, handler: Handler, *, scope: Scopes = None, doc: Operation | None = None
    ) -> Route:
        return self._route("POST", path, handler, scope, doc)

    def put(
        self, path: str, handler: Handler, *, scope: Scopes = None, doc: Operation | None = None
    ) -> Route:
        return self._route("PUT", path, handler, scope, doc)

    def delete(
        self, path: str, handler: Handler, *, scope: Scopes = None, doc: Operation | None = None
    ) -> Route:
        return self._route("DELETE", path, handler, scope, doc)

    def _route(
        self, method: str, path: str, handler: Handler, scope: Scopes, doc: Operation | None
    ) -> Route:
        scopes = (scope,) if isinstance(scope, str) else scope or ()
        documented = Documented(method, path, scopes, doc) if doc else None
        return ApiRoute(path, self._guard(handler, scopes), method, documented)

    def _guard(self, handler: Handler, scopes: tuple[str, ...]) -> Handler:
        async def guarded(request: Request) -> Response:
            caller = await self._verifier.verify(_bearer_token(request))
            await self._limits.check(caller)
            if scopes and caller.scopes.isdisjoint(scopes):
                raise Forbidden(f"Insufficient client scope: needs {' or '.join(scopes)}")
            request.state.caller = caller
            return await handler(request)

        return guarded


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("No token provided")
    return token.strip()


def create_app(routes: Sequence[BaseRoute], *, cors: bool = False) -> Starlette:
    """An application whose every failure is the contract's error object.

    With `cors` pages of any origin may call it with a token; cookies are never taken from them.
    """
    return Starlette(
        routes=routes,
        middleware=[*([_CORS] if cors else []), Middleware(_TraceAndFailures)],
        exception_handlers={ApiError: _answer_api_error, HTTPException: _answer_http_error},
    )


def error_response(error: ApiError) -> Response:
    """`{"error": {"status": …, "message": …}}`, with a `reason` where the error has one."""
    described: dict[str, Any] = {"status": error.status, "message": error.message}
    if error.reason:
        described["reason"] = error.reason
    return json_response({"error": described}, error.status, error.headers)


async def _answer_api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error_response(error)


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = "Service not found" if error.status_code == 404 else error.detail
    body = {"error": {"status": error.status_code, "message": message}}
    return json_response(body, error.status_code, dict(error.headers or {}))


class _TraceAndFailures:
    """Puts log lines under the request's trace, and answers what nobody expected."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        telemetry.trace_id.set(
            telemetry.trace_of(
                request.headers.get("traceparent"), request.headers.get("x-cloud-trace-context")
            )
        )
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, note_start)
        except Exception as error:
            log.exception("%s %s failed", request.method, request.url.path)
            if started:
                raise
            await error_response(_seen_from_outside(error))(scope, receive, send)


def _seen_from_outside(error: Exception) -> ApiError:
    """Outages of Google's services become 503; everything else is our fault and says nothing."""
    google = sys.modules.get("google.api_core.exceptions")
    if google is not None and isinstance(
        error,
        (google.ServerError, google.RetryError, google.TooManyRequests, google.Aborted),
    ):
        return Unavailable("A service that this needs is not answering; try again")
    return ApiError("Something went wrong")
