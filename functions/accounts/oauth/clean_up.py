"""Removes what has expired. Run now and then; running it twice does no harm."""

import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.oauth.tables import (
    AuthorizationCode,
    DeviceCode,
    PendingAuthorization,
    RefreshToken,
    RevokedToken,
    TokenFamily,
)

# Used codes stay a while, so that their reuse is noticed; revoked families as long as any
# access token of theirs could live.
_KEPT = datetime.timedelta(days=1)


async def clean_up(session: AsyncSession, now: datetime.datetime) -> None:
    for table in (
        AuthorizationCode,
        DeviceCode,
        PendingAuthorization,
        RefreshToken,
        RevokedToken,
    ):
        await session.execute(delete(table).where(table.expires_at < now - _KEPT))
    await session.execute(delete(TokenFamily).where(TokenFamily.revoked_at < now - _KEPT))
