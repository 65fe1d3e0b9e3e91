"""`/api/token`, `/oauth/revoke`, `/oauth/introspect`, `/oauth/device`: forms in, JSON out."""

from collections.abc import Awaitable, Callable

from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.requests import Request
from starlette.responses import Response

from functions.accounts.oauth import parameters, token_limits
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.messages import Answer, ParsedRequest, error_response
from functions.accounts.oauth.server import Server
from functions.accounts.people.attempts import address_of
from shared.errors import ApiError
from shared.web import json_response

_CODES = {
    400: "invalid_request",
    403: "access_denied",
    429: "temporarily_unavailable",
    503: "temporarily_unavailable",
}

Call = Callable[[Server, ParsedRequest], Awaitable[Answer]]


class TokenEndpoints:
    """Every failure is an error of RFC 6749, those of the database too."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies

    async def token(self, request: Request) -> Response:
        return await self._answer(request, Server.token, counted=True)

    async def revoke(self, request: Request) -> Response:
        return await self._answer(request, lambda server, form: server.endpoint("revocation", form))

    async def introspect(self, request: Request) -> Response:
        return await self._answer(
            request, lambda server, form: server.endpoint("introspection", form)
        )

    async def device(self, request: Request) -> Response:
        return await self._answer(
            request,
            lambda server, form: server.endpoint("device_authorization", form),
            counted=True,
        )

    async def _answer(self, request: Request, call: Call, *, counted: bool = False) -> Response:
        try:
            if counted:
                await token_limits.of_address(self._dependencies.limits, address_of(request))
            form = await parameters.read_form(request)
            async with self._dependencies.database.session() as session:
                server = Server(self._dependencies, session)
                answer = await call(server, server.form_request(request, form))
        except (OAuth2Error, ApiError) as error:
            return refusal(error)
        return answer.to_response()


def refusal(error: OAuth2Error | ApiError) -> Response:
    """Any failure, as RFC 6749 writes errors."""
    if isinstance(error, OAuth2Error):
        return error_response(error)
    code = _CODES.get(error.status, "server_error")
    body = {"error": code, "error_description": error.message}
    return json_response(body, error.status, {**error.headers, "Cache-Control": "no-store"})
