"""Who may use an app: while it is in development, its owner and the people on its list."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.oauth.tables import App, AppUser
from functions.accounts.people.tables import User

MOST = 25


async def may_use(session: AsyncSession, app: App, user_id: str) -> bool:
    if not app.development or app.first_party or app.owner_id == user_id:
        return True
    return await session.get(AppUser, (app.id, user_id)) is not None


async def listed(session: AsyncSession, app_id: str) -> Sequence[str]:
    """The ids of the people on the list."""
    found = await session.scalars(
        select(AppUser.user_id).where(AppUser.app_id == app_id).order_by(AppUser.user_id)
    )
    return found.all()


async def people(session: AsyncSession, app_id: str) -> Sequence[User]:
    """The people on the list, by name."""
    found = await session.scalars(
        select(User)
        .join(AppUser, AppUser.user_id == User.id)
        .where(AppUser.app_id == app_id)
        .order_by(User.display_name, User.id)
    )
    return found.all()
