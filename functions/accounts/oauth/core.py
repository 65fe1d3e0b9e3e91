"""What Authlib's authorization server asks of us, answered from our database.

Authlib calls back synchronously. `server.py` runs it in a greenlet (SQLAlchemy's bridge between
the two worlds), where `wait` awaits: no thread, and one transaction for a request. An error that
Authlib answers is an answer like any other, so what was noticed on the way, such as a code's
reuse, is committed.
"""

from collections.abc import Awaitable, Collection, Mapping, Sequence
from typing import TypeVar

from authlib.oauth2 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError, OAuth2Error
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import await_

from functions.accounts.oauth import (
    access_tokens,
    client_authentication,
    families,
    scopes,
    subjects,
    token_limits,
    usage,
)
from functions.accounts.oauth.clients import Client
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.digest import fresh
from functions.accounts.oauth.messages import Answer, ParsedRequest, answer_of
from functions.accounts.oauth.subjects import Subject
from functions.accounts.oauth.tables import App, TokenFamily

T = TypeVar("T")


def wait(awaitable: Awaitable[T]) -> T:
    """Awaits, within Authlib's calls."""
    return await_(awaitable)


class Core(AuthorizationServer):
    """The authorization server for one request, in the transaction of `session`."""

    def __init__(self, dependencies: Dependencies, session: AsyncSession) -> None:
        super().__init__(scopes.SUPPORTED)
        self.dependencies = dependencies
        self.session = session
        self.now = dependencies.now()
        # The refresh tokens that the token at hand belongs to; the grant sets it.
        self.family: TokenFamily | None = None
        self.register_client_auth_method("client_secret_basic", client_authentication.by_basic)

    def query_client(self, client_id: str) -> Client | None:  # type: ignore[override]  # Authlib takes None for no such client
        app = wait(self.session.get(App, client_id))
        return Client(app, self.now) if app else None

    def find_subject(self, user_id: str) -> Subject | None:
        """The person a token is for, if there still is one."""
        plan_of = self.dependencies.plan_of
        return wait(subjects.find(self.session, user_id, plan_of, self.now))

    def authenticate_client(
        self, request: OAuth2Request, methods: Collection[str], endpoint: str = "token"
    ) -> ClientMixin:
        assert isinstance(request, ParsedRequest)
        client_authentication.check_one_way(request)
        try:
            return super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            raise client_authentication.refusal(request, methods) from None

    def begin_family(self, client: ClientMixin, user_id: str, granted: list[str]) -> str:
        """The token at hand begins a family, of which the id is returned."""
        self.family = wait(families.begin(self.session, client.get_client_id(), user_id, granted))
        return self.family.id

    def generate_token(  # noqa: PLR0917  # Authlib's signature
        self,
        grant_type: str,
        client: ClientMixin,
        user: Subject | None = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, str | int]:
        """A token answer. An app that acts for itself is allowed nothing of anybody's."""
        assert isinstance(client, Client)
        allowed = scopes.grantable(scopes.split(scope), user.roles) if user else []
        wait(token_limits.of_app(self.dependencies.limits, client.app.id, client.app.quota))
        made = access_tokens.make(
            self.dependencies,
            client.app.id,
            user,
            allowed,
            now=self.now,
            family_id=self.family.id if self.family else None,
            quota=client.app.quota,
        )
        answer: dict[str, str | int] = {
            "access_token": wait(made),
            "token_type": "Bearer",
            "expires_in": access_tokens.LIFETIME_S,
            "scope": " ".join(allowed),
        }
        if include_refresh_token:
            answer["refresh_token"] = fresh()
        return answer

    def save_token(self, token: dict[str, str | int], request: OAuth2Request) -> None:
        """Stores a fresh refresh token. One that replaces another is stored by `families`."""
        if self.family is not None and "refresh_token" in token and request.refresh_token is None:
            families.add(self.session, self.family, str(token["refresh_token"]), self.now)
        assert request.client is not None
        wait(usage.count(self.session, request.client.get_client_id(), self.now.date()))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: ParsedRequest) -> ParsedRequest:
        return request

    def handle_response(
        self,
        status: int,
        body: Mapping[str, object] | str,
        headers: Mapping[str, str] | Sequence[tuple[str, str]],
    ) -> Answer:
        return answer_of(status, body, headers)

    def handle_error_response(self, request: OAuth2Request, error: OAuth2Error) -> Answer:
        if error.error == "unsupported_token_type":
            error.status_code = 400  # RFC 7009, 2.2.1; Authlib says 401
        return answer_of(*error())
