"""The HTTP face that every function shares: who may call, typed JSON, and the contract's errors."""

import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
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
from shared.tokens import Caller, Verifier

MAX_BODY_BYTES = 1024 * 1024

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]

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


async def read_body(request: Request) -> bytes:
    """The request's body as it came; raises `PayloadTooLarge`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise PayloadTooLarge(f"The body is larger than {MAX_BODY_BYTES} bytes")
    return bytes(body)


def caller_of(request: Request) -> Caller:
    """Who calls, on a route made by `Api`."""
    caller: Caller = request.state.caller
    return caller


class Api:
    """Makes routes that need a token, with the scope each of them asks for."""

    def __init__(self, verifier: Verifier, limits: RateLimits | None = None) -> None:
        self._verifier = verifier
        self._limits = limits or RateLimits()

    def get(self, path: str, handler: Handler, *, scope: str | None = None) -> Route:
        return Route(path, self._guard(handler, scope), methods=["GET"])

    def post(self, path: str, handler: Handler, *, scope: str | None = None) -> Route:
        return Route(path, self._guard(handler, scope), methods=["POST"])

    def put(self, path: str, handler: Handler, *, scope: str | None = None) -> Route:
        return Route(path, self._guard(handler, scope), methods=["PUT"])

    def delete(self, path: str, handler: Handler, *, scope: str | None = None) -> Route:
        return Route(path, self._guard(handler, scope), methods=["DELETE"])

    def _guard(self, handler: Handler, scope: str | None) -> Handler:
        async def guarded(request: Request) -> Response:
            caller = await self._verifier.verify(_bearer_token(request))
            await self._limits.check(caller)
            if scope is not None and scope not in caller.scopes:
                raise Forbidden(f"Insufficient client scope: needs {scope}")
            request.state.caller = caller
            return await handler(request)

        return guarded


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("No token provided")
    return token.strip()


def create_app(routes: Sequence[BaseRoute]) -> Starlette:
    """An application whose every failure is the contract's error object."""
    return Starlette(
        routes=routes,
        middleware=[Middleware(_TraceAndFailures)],
        exception_handlers={ApiError: _answer_api_error, HTTPException: _answer_http_error},
    )


def error_response(error: ApiError) -> Response:
    """`{"error": {"status": …, "message": …}}`."""
    body = {"error": {"status": error.status, "message": error.message}}
    return json_response(body, error.status, error.headers)


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
