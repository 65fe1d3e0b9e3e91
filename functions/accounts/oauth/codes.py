"""Authorization codes: good for five minutes, one app, one redirect URI, and one use."""

import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.oauth import families
from functions.accounts.oauth.digest import digest
from functions.accounts.oauth.tables import AuthorizationCode, TokenFamily

LIFETIME = datetime.timedelta(minutes=5)


def add(
    session: AsyncSession,
    code: str,
    *,
    app_id: str,
    user_id: str,
    scopes: list[str],
    query: dict[str, str],
    now: datetime.datetime,
) -> None:
    """Stores a code given in answer to the request `query`."""
    session.add(
        AuthorizationCode(
            hash=digest(code),
            app_id=app_id,
            user_id=user_id,
            scopes=scopes,
            redirect_uri=query["redirect_uri"],
            code_challenge=query.get("code_challenge"),
            code_challenge_method=query.get("code_challenge_method"),
            expires_at=now + LIFETIME,
        )
    )


async def present(
    session: AsyncSession, code: str, app_id: str, now: datetime.datetime
) -> AuthorizationCode | None:
    """The code, locked; None if it does not hold. A used one ends what it was traded for."""
    row = await session.scalar(
        select(AuthorizationCode)
        .where(AuthorizationCode.hash == digest(code), AuthorizationCode.app_id == app_id)
        .with_for_update()
    )
    if row is None:
        return None
    if row.used_at is not None:
        if row.family_id is not None:
            family = await session.get_one(TokenFamily, row.family_id)
            await families.end_for_reuse(session, family, now)
        return None
    return row if row.expires_at > now else None
