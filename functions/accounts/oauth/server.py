"""The authorization server, as the routes call it."""

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc9207 import IssuerParameter
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import greenlet_spawn
from starlette.requests import Request

from functions.accounts.oauth import grants_given, people_allowed, scopes
from functions.accounts.oauth.clients import Client
from functions.accounts.oauth.core import Core
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.device import DeviceEndpoint, DeviceGrant
from functions.accounts.oauth.grants import CodeGrant, CredentialsGrant, Pkce, RefreshGrant
from functions.accounts.oauth.messages import Answer, ParsedRequest, answer_of
from functions.accounts.oauth.tables import App
from functions.accounts.oauth.token_endpoints import Introspection, Revocation
from functions.accounts.people.tables import User


class Server(Core):
    """The authorization server for one request, in the transaction of `session`."""

    def __init__(self, dependencies: Dependencies, session: AsyncSession) -> None:
        super().__init__(dependencies, session)
        self._issuer = _Issuer(dependencies.issuer)
        self.register_extension(self._issuer)
        self.register_grant(CodeGrant, [Pkce(required=True)])
        for grant in (CredentialsGrant, RefreshGrant, DeviceGrant):
            self.register_grant(grant)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)
        self.register_endpoint(DeviceEndpoint)  # type: ignore[arg-type]  # an endpoint by shape only

    def form_request(self, request: Request, form: dict[str, str]) -> ParsedRequest:
        """A request to an endpoint that takes forms."""
        uri = f"{self.dependencies.public_url}{request.url.path}"
        authorization = request.headers.get("authorization")
        headers = {"Authorization": authorization} if authorization else {}
        return ParsedRequest("POST", uri, form, headers)

    def authorization_request(self, query: dict[str, str]) -> ParsedRequest:
        """A request to `/authorize`."""
        return ParsedRequest("GET", f"{self.dependencies.public_url}/authorize", query, {})

    async def token(self, request: ParsedRequest) -> Answer:
        """Trades what the app has for a token."""
        if "grant_type" not in request.form:
            return answer_of(*InvalidRequestError("Missing grant_type")())
        return await greenlet_spawn(lambda: _answer(self.create_token_response(request)))

    async def endpoint(self, name: str, request: ParsedRequest) -> Answer:
        """Revocation, introspection or device authorization."""
        return await greenlet_spawn(lambda: _answer(self.create_endpoint_response(name, request)))  # type: ignore[no-untyped-call]  # Authlib's stubs leave it open

    async def check(self, request: ParsedRequest) -> App:
        """The app that asks; raises `OAuth2Error` for `refusal` to answer."""
        grant = await greenlet_spawn(self.get_consent_grant, request)
        client: Client = grant.client
        return client.app

    def refusal(self, error: OAuth2Error) -> Answer:
        """Where an error sends the browser; `location` is None if it must not leave."""
        answer = answer_of(*error())
        if answer.location is not None:
            self._issuer.add_issuer_parameter(self, answer)
        return answer

    async def approve(self, request: ParsedRequest, user: User) -> Answer:
        """Sends the browser back to the app with a code, and remembers what was granted."""
        try:
            app = await self.check(request)
        except OAuth2Error as error:
            return self.refusal(error)
        if not await people_allowed.may_use(self.session, app, user.id):
            return await self.deny(request)
        asked = scopes.grantable(scopes.split(request.scope), user.roles)
        await grants_given.give(self.session, app.id, user.id, asked)
        return await self._respond(request, user)

    async def deny(self, request: ParsedRequest) -> Answer:
        """Sends the browser back to the app with `access_denied`."""
        return await self._respond(request, None)

    async def _respond(self, request: ParsedRequest, user: User | None) -> Answer:
        def respond() -> Answer:
            try:
                grant = self.get_consent_grant(request, user)  # type: ignore[no-untyped-call]  # Authlib's stubs leave it open
            except OAuth2Error as error:
                return self.refusal(error)
            return _answer(self.create_authorization_response(request, user, grant))

        return await greenlet_spawn(respond)


def _answer(made: object) -> Answer:
    """What `Core.handle_response` made, which Authlib hands through."""
    assert isinstance(made, Answer)
    return made


class _Issuer(IssuerParameter):
    """RFC 9207: an app that uses several servers can tell whose answer it got."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer
