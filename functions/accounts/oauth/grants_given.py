"""What people let apps do: remembered, so that they are asked once, and taken back."""

import datetime
from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.audit import Tag
from functions.accounts.oauth import families
from functions.accounts.oauth.tables import (
    App,
    AuthorizationCode,
    DeviceCode,
    Grant,
    PendingAuthorization,
    TokenFamily,
)


async def covers(session: AsyncSession, app_id: str, user_id: str, scopes: Iterable[str]) -> bool:
    """Whether the person has already let the app do all this."""
    grant = await session.get(Grant, (app_id, user_id))
    return grant is not None and set(scopes) <= set(grant.scopes)


async def give(session: AsyncSession, app_id: str, user_id: str, scopes: list[str]) -> None:
    """Adds to what the app may do."""
    grant = await session.get(Grant, (app_id, user_id), with_for_update=True)
    if grant is not None and set(scopes) <= set(grant.scopes):
        return
    if grant is None:
        session.add(Grant(app_id=app_id, user_id=user_id, scopes=scopes))
    else:
        grant.scopes = list(dict.fromkeys([*grant.scopes, *scopes]))
    audit.record(
        session, Tag.grant_given, subject=user_id, actor=user_id, app=app_id, scopes=scopes
    )


async def of_person(session: AsyncSession, user_id: str) -> list[tuple[App, Grant]]:
    """The apps that the person has let in, newest first."""
    found = await session.execute(
        select(App, Grant)
        .join(Grant, Grant.app_id == App.id)
        .where(Grant.user_id == user_id)
        .order_by(Grant.given_at.desc(), App.id)
    )
    return [(app, grant) for app, grant in found]


async def take_back(
    session: AsyncSession, app_id: str, user_id: str, *, actor: str, now: datetime.datetime
) -> bool:
    """Ends everything the app has of the person; False if it had nothing.

    Access tokens hold until they expire, within the hour.
    """
    had = await session.execute(
        delete(Grant)
        .where(Grant.app_id == app_id, Grant.user_id == user_id)
        .returning(Grant.app_id)
    )
    ended = await session.execute(
        update(TokenFamily)
        .where(
            TokenFamily.app_id == app_id,
            TokenFamily.user_id == user_id,
            TokenFamily.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(TokenFamily.id)
    )
    for table in (AuthorizationCode, DeviceCode, PendingAuthorization):
        await session.execute(delete(table).where(table.app_id == app_id, table.user_id == user_id))
    any_left = bool(had.all()) | bool(ended.all())
    if any_left:
        audit.record(session, Tag.grant_revoked, subject=user_id, actor=actor, app=app_id)
    return any_left


async def end_all(session: AsyncSession, user_id: str, now: datetime.datetime) -> None:
    """Ends everything that every app has of the person."""
    await session.execute(delete(Grant).where(Grant.user_id == user_id))
    for table in (AuthorizationCode, DeviceCode, PendingAuthorization):
        await session.execute(delete(table).where(table.user_id == user_id))
    await families.end_of_person(session, user_id, now)
