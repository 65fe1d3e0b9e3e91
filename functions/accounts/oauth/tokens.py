"""`/api/token`, `/oauth/revoke`, `/oauth/introspect`, `/oauth/device`: forms in, JSON out."""

from collections.abc import Awaitable, Callable

from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.requests import Request
from starlette.responses import Response

from functions.accounts.oauth import parameters
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.messages import Answer, ParsedRequest, error_response
from functions.accounts.oauth.server import Server
from shared.errors import ApiError
from shared.web import json_response

_CODES = {400: "invalid_request", 503: "temporarily_unavailable"}

_Call = Callable[[Server, ParsedRequest], Awaitable[Answer]]


class TokenEndpoints:
    """Every failure is an error of RFC 6749, those of the database too."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies

    async def token(self, request: Request) -> Response:
        return await self._answer(request, Server.token)

    async def revoke(self, request: Request) -> Response:
        return await self._answer(request, lambda server, form: server.endpoint("revocation", form))

    async def introspect(self, request: Request) -> Response:
        return await self._answer(
            request, lambda server, form: server.endpoint("introspection", form)
        )

    async def device(self, request: Request) -> Response:
        return await self._answer(
            request, lambda server, form: server.endpoint("device_authorization", form)
        )

    async def _answer(self, request: Request, call: _Call) -> Response:
        response = await self._answer_form(request, call)
        # For apps that live in a browser; the answer depends on no cookie.
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    async def _answer_form(self, request: Request, call: _Call) -> Response:
        try:
            form = await parameters.read_form(request)
            async with self._dependencies.database.session() as session:
                server = Server(self._dependencies, session)
                answer = await call(server, server.form_request(request, form))
        except OAuth2Error as error:
            return error_response(error)
        except ApiError as error:
            code = _CODES.get(error.status, "server_error")
            body = {"error": code, "error_description": error.message}
            return json_response(body, error.status, {**error.headers, "Cache-Control": "no-store"})
        return answer.to_response()
