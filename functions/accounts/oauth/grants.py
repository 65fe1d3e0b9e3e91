"""The grant types of RFC 6749, with PKCE (RFC 7636)."""

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import (
    AuthorizationCodeGrant,
    BaseGrant,
    ClientCredentialsGrant,
    ClientMixin,
    InvalidGrantError,
    InvalidRequestError,
    RefreshTokenGrant,
    TokenMixin,
)
from authlib.oauth2.rfc7636 import CodeChallenge

from functions.accounts.oauth import client_authentication, codes, families, scopes
from functions.accounts.oauth.clients import Client
from functions.accounts.oauth.core import Core, wait
from functions.accounts.oauth.digest import fresh
from functions.accounts.oauth.families import Presented
from functions.accounts.oauth.subjects import Subject
from functions.accounts.oauth.tables import AuthorizationCode


class CodeGrant(AuthorizationCodeGrant):
    """Authorization code: for a person who is in a browser."""

    server: Core
    TOKEN_ENDPOINT_AUTH_METHODS = client_authentication.METHODS

    @staticmethod
    def validate_authorization_redirect_uri(request: OAuth2Request, client: ClientMixin) -> str:
        """Replaces Authlib's, whose message repeats the URI and fails on some."""
        assert request.payload is not None
        requested: str | None = request.payload.redirect_uri
        if not requested or not client.check_redirect_uri(requested):
            raise InvalidRequestError("The redirect_uri is not one that the app has registered")
        return requested

    def generate_authorization_code(self) -> str:
        return fresh()

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        assert request.payload is not None
        assert request.client is not None
        assert request.user is not None
        codes.add(
            self.server.session,
            code,
            app_id=request.client.get_client_id(),
            user_id=request.user.id,
            scopes=scopes.grantable(scopes.split(request.scope), request.user.roles),
            query=request.payload.data,
            now=self.server.now,
        )

    def query_authorization_code(self, code: str, client: ClientMixin) -> "_Code | None":
        row = wait(
            codes.present(self.server.session, code, client.get_client_id(), self.server.now)
        )
        return _Code(row) if row else None

    def authenticate_user(self, authorization_code: "_Code") -> Subject | None:
        """Also begins the family of what the code is traded for."""
        row = authorization_code.row
        subject = self.server.find_subject(row.user_id)
        if subject is not None:
            row.family_id = self.server.begin_family(self.client, row.user_id, row.scopes)
        return subject

    def delete_authorization_code(self, authorization_code: "_Code") -> None:
        """It is kept until it expires, to notice its reuse."""
        authorization_code.row.used_at = self.server.now


class _Code:
    """An authorization code, as Authlib reads it."""

    def __init__(self, row: AuthorizationCode) -> None:
        self.row = row
        self.code_challenge = row.code_challenge
        self.code_challenge_method = row.code_challenge_method

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.row.scopes)


class Pkce(CodeChallenge):
    """S256 and nothing else; a public app has to use it."""

    def validate_code_challenge(self, grant: BaseGrant, redirect_uri: str) -> None:
        super().validate_code_challenge(grant, redirect_uri)
        request = grant.request
        assert request.payload is not None
        assert isinstance(request.client, Client)
        if "code_challenge" not in request.payload.data:
            if not request.client.app.confidential:
                raise InvalidRequestError("Missing code_challenge: this app has to use PKCE")
        elif request.payload.data.get("code_challenge_method") != "S256":
            # Left out, it would mean plain.
            raise InvalidRequestError("The code_challenge_method has to be S256")


class CredentialsGrant(ClientCredentialsGrant):
    """Client credentials: for an app on its own."""

    TOKEN_ENDPOINT_AUTH_METHODS = client_authentication.SECRET_METHODS


class RefreshGrant(RefreshTokenGrant):
    """Refresh: a public app's token is replaced, a confidential app keeps the one it has."""

    server: Core
    TOKEN_ENDPOINT_AUTH_METHODS = client_authentication.METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> "_Refresh":
        """Raises `InvalidGrantError` itself, so that a person who is gone answers the same."""
        app_id, now = self.client.get_client_id(), self.server.now
        presented = wait(families.present(self.server.session, refresh_token, app_id, now))
        subject = self.server.find_subject(presented.family.user_id) if presented else None
        if presented is None or subject is None:
            raise InvalidGrantError("Invalid refresh token")
        self.server.family = presented.family
        return _Refresh(presented, subject)

    def authenticate_user(self, refresh_token: "_Refresh") -> Subject:
        return refresh_token.subject

    def issue_token(self, user: Subject, refresh_token: TokenMixin) -> dict[str, str | int]:
        assert isinstance(refresh_token, _Refresh)
        assert isinstance(self.client, Client)
        token: dict[str, str | int] = super().issue_token(user, refresh_token)
        presented, now = refresh_token.presented, self.server.now
        if self.client.app.confidential:
            families.keep(presented, now)
        else:
            token["refresh_token"] = families.replace(self.server.session, presented, now)
        return token

    def revoke_old_credential(self, refresh_token: TokenMixin) -> None:
        """Done when it was replaced."""


class _Refresh(TokenMixin):
    """A refresh token, as Authlib reads it."""

    def __init__(self, presented: Presented, subject: Subject) -> None:
        self.presented = presented
        self.subject = subject

    def check_client(self, client: ClientMixin) -> bool:
        return bool(self.presented.family.app_id == client.get_client_id())

    def get_scope(self) -> str:
        return " ".join(self.presented.family.scopes)
