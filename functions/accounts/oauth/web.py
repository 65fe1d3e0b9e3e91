"""`/oauth/web/…`: tokens for our own pages, which never see the refresh token.

It lies in a cookie that scripts cannot read and that other sites' requests do not carry; what the
page is given is an access token, for its memory alone.
"""

from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
    UnsupportedGrantTypeError,
)
from starlette.requests import Request
from starlette.responses import Response

from functions.accounts.oauth import families, parameters, seed, token_limits
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.messages import Answer, ParsedRequest
from functions.accounts.oauth.server import Server
from functions.accounts.oauth.tokens import Call, refusal
from functions.accounts.people.attempts import address_of
from shared.errors import ApiError, Forbidden

COOKIE = "cadenza_web"
PATH = "/oauth/web"
_GRANT_TYPES = frozenset({"authorization_code", "refresh_token"})


class WebTokens:
    """What `/api/token` and `/oauth/revoke` do, for the web player alone."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies
        address = urlsplit(dependencies.public_url)
        self._origin = f"{address.scheme}://{address.netloc}"
        self._is_https = address.scheme == "https"

    async def token(self, request: Request) -> Response:
        """An access token, for a code or for the cookie, which is replaced."""
        try:
            self._check_origin(request)
            await token_limits.of_address(self._dependencies.limits, address_of(request))
            form = await self._form(request)
            answer = await self._call(Server.token, form)
        except InvalidGrantError as error:
            return self._without_cookie(refusal(error))
        except (OAuth2Error, ApiError) as error:
            return refusal(error)
        if answer.status != 200:
            failed = answer.to_response()
            return self._without_cookie(failed) if _is_invalid_grant(answer) else failed
        assert isinstance(answer.body, dict)
        refresh_token = answer.body.pop("refresh_token")
        response = answer.to_response()
        self._set_cookie(response, str(refresh_token))
        return response

    async def revoke(self, request: Request) -> Response:
        """Ends what the cookie stands for, and takes it away."""
        try:
            self._check_origin(request)
            token = request.cookies.get(COOKIE)
            if token is not None:
                await self._call(
                    lambda server, form: server.endpoint("revocation", form), {"token": token}
                )
        except (OAuth2Error, ApiError) as error:
            return refusal(error)
        return self._without_cookie(
            Response(status_code=200, headers={"Cache-Control": "no-store"})
        )

    async def _form(self, request: Request) -> dict[str, str]:
        form = await parameters.read_form(request)
        if form.get("client_id", seed.WEB) != seed.WEB or "client_secret" in form:
            raise InvalidRequestError("Only the web player may ask here")
        if form.get("grant_type") not in _GRANT_TYPES:
            raise UnsupportedGrantTypeError(form.get("grant_type", ""))
        # What a script could send, a script could have stolen.
        form.pop("refresh_token", None)
        if form["grant_type"] == "refresh_token":
            token = request.cookies.get(COOKIE)
            if not token:
                raise InvalidGrantError("Nobody is signed in to this browser")
            form["refresh_token"] = token
        return form

    async def _call(self, call: Call, form: dict[str, str]) -> Answer:
        uri = f"{self._dependencies.public_url}{PATH}"
        asked = ParsedRequest("POST", uri, {**form, "client_id": seed.WEB}, {})
        async with self._dependencies.database.session() as session:
            return await call(Server(self._dependencies, session), asked)

    def _check_origin(self, request: Request) -> None:
        """Raises `Forbidden` unless a page of this very site asks."""
        origin = request.headers.get("origin")
        if origin is None:
            is_ours = request.headers.get("sec-fetch-site") == "same-origin"
        else:
            is_ours = origin == self._origin
        if not is_ours:
            raise Forbidden("Only the web player may ask here")

    def _set_cookie(self, response: Response, refresh_token: str) -> None:
        response.set_cookie(
            COOKIE,
            refresh_token,
            max_age=int(families.LIFETIME.total_seconds()),
            path=PATH,
            secure=self._is_https,
            httponly=True,
            samesite="strict",
        )

    def _without_cookie(self, response: Response) -> Response:
        response.delete_cookie(
            COOKIE, path=PATH, secure=self._is_https, httponly=True, samesite="strict"
        )
        return response


def _is_invalid_grant(answer: Answer) -> bool:
    return isinstance(answer.body, dict) and answer.body.get("error") == "invalid_grant"
