"""Revocation (RFC 7009) and introspection (RFC 7662)."""

import datetime
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.audit import Tag
from functions.accounts.oauth import client_authentication, denied, families
from functions.accounts.oauth.core import Core, wait
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.digest import digest
from functions.accounts.oauth.tables import RefreshToken, TokenFamily


@dataclass(frozen=True)
class Issued(TokenMixin):
    """A token of ours, of either kind, with its claims as introspection shows them."""

    claims: dict[str, Any]
    family: TokenFamily | None
    is_spent: bool
    is_denied: bool = False

    def check_client(self, client: ClientMixin) -> bool:
        return bool(self.claims["client_id"] == client.get_client_id())

    def is_expired(self) -> bool:
        return self.is_spent

    def is_revoked(self) -> bool:
        return self.is_denied or (self.family is not None and self.family.revoked_at is not None)


class Revocation(RevocationEndpoint):
    """Ends the family of a token, or an app's own access token.

    Introspection says so at once. Whoever verifies access tokens without asking, as our own
    services do, takes one until it expires, within the hour.
    """

    server: Core
    CLIENT_AUTH_METHODS = client_authentication.METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Issued | None:
        server = self.server
        return wait(find(server.session, token_string, server.dependencies, server.now))

    def revoke_token(self, token: Issued, request: OAuth2Request) -> None:
        if token.family is None:
            wait(denied.add(self.server.session, token.claims))
            return
        server, family = self.server, token.family
        wait(families.end(server.session, family.id, server.now))
        audit.record(
            server.session,
            Tag.grant_revoked,
            subject=family.user_id,
            actor=family.app_id,
            app=family.app_id,
        )


class Introspection(IntrospectionEndpoint):
    """Tells an app with a secret about its own tokens."""

    server: Core
    CLIENT_AUTH_METHODS = client_authentication.SECRET_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Issued | None:
        server = self.server
        return wait(find(server.session, token_string, server.dependencies, server.now))

    def check_permission(self, token: Issued, client: ClientMixin, request: OAuth2Request) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: Issued) -> dict[str, Any]:
        return token.claims


async def find(
    session: AsyncSession, text: str, dependencies: Dependencies, now: datetime.datetime
) -> Issued | None:
    """The token, whether or not it still holds; None if it is not ours."""
    claims = await dependencies.keys.read(text)
    if claims is None:
        return await _find_refresh_token(session, text, dependencies, now)
    if claims.get("iss") != dependencies.issuer or claims.get("aud") != dependencies.audience:
        return None
    sid = claims.pop("sid", None)
    family = await session.get(TokenFamily, sid) if sid else None
    # A family that is gone went with its app or its person.
    is_spent = claims["exp"] <= now.timestamp() or (sid is not None and family is None)
    is_denied = sid is None and await denied.holds(session, claims)
    return Issued({**claims, "token_type": "Bearer"}, family, is_spent, is_denied)


async def _find_refresh_token(
    session: AsyncSession, text: str, dependencies: Dependencies, now: datetime.datetime
) -> Issued | None:
    found = (
        await session.execute(
            select(RefreshToken, TokenFamily)
            .join(TokenFamily, TokenFamily.id == RefreshToken.family_id)
            .where(RefreshToken.hash == digest(text))
        )
    ).first()
    if found is None:
        return None
    token, family = found
    claims = {
        "iss": dependencies.issuer,
        "sub": family.user_id,
        "client_id": family.app_id,
        "scope": " ".join(family.scopes),
        "iat": int(token.created_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
    }
    return Issued(claims, family, token.replaced_at is not None or token.expires_at <= now)
