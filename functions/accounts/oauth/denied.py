"""Access tokens of no family that were revoked: remembered until they would have expired."""

import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.oauth.tables import RevokedToken


async def add(session: AsyncSession, claims: dict[str, Any]) -> None:
    expires_at = datetime.datetime.fromtimestamp(claims["exp"], datetime.UTC)
    await session.execute(
        insert(RevokedToken)
        .values(jti=claims["jti"], expires_at=expires_at)
        .on_conflict_do_nothing()
    )


async def holds(session: AsyncSession, claims: dict[str, Any]) -> bool:
    """Whether the token with these claims was revoked."""
    jti = claims.get("jti")
    return jti is not None and await session.get(RevokedToken, jti) is not None
