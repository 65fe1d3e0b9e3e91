"""People, in the database."""

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.people import announcements, profile
from functions.accounts.people.firebase import EmailTaken, Identity
from functions.accounts.people.profile import ProfileChange
from functions.accounts.people.tables import User
from shared import ids
from shared.clock import utc_now


async def get(session: AsyncSession, user_id: str) -> User | None:
    """The person, unless there is none or they have been erased."""
    return await session.scalar(select(User).where(User.id == user_id, User.erased_at.is_(None)))


async def by_email(session: AsyncSession, email: str) -> User | None:
    return await session.scalar(select(User).where(func.lower(User.email) == func.lower(email)))


async def known(session: AsyncSession, identity: Identity) -> User | None:
    """The person whom Firebase knows by this identity."""
    return await session.scalar(select(User).where(User.firebase_uid == identity.uid))


async def create(
    session: AsyncSession, identity: Identity, *, email: str, name: str, country: str
) -> User:
    """A listener. Raises `EmailTaken` when the identity or the address has an account."""
    made: User | None = await session.scalar(
        insert(User)
        .values(
            id=ids.random(),
            firebase_uid=identity.uid,
            email=email,
            display_name=name,
            country=country,
        )
        .on_conflict_do_nothing()
        .returning(User)
    )
    if made is None:
        raise EmailTaken
    await announcements.note(session, made.id, utc_now())
    return made


async def change(session: AsyncSession, user_id: str, wanted: ProfileChange) -> User | None:
    """The person after the change. Raises `InvalidName`, `InvalidCountry`."""
    values: dict[str, Any] = {}
    if wanted.display_name is not None:
        values["display_name"] = profile.check_name(wanted.display_name)
    if wanted.country is not None:
        values["country"] = profile.check_country(wanted.country)
    if wanted.explicit_content is not None:
        values["explicit_content_allowed"] = not wanted.explicit_content.filter_enabled
    if not values:
        return await get(session, user_id)
    changed = await session.scalar(
        update(User)
        .where(User.id == user_id, User.erased_at.is_(None))
        .values(**values)
        .returning(User)
    )
    if changed is not None and "display_name" in values:
        await announcements.note(session, user_id, utc_now())
    return changed


async def set_email(session: AsyncSession, user_id: str, email: str) -> None:
    """Raises `EmailTaken` when somebody else has the address."""
    other = await by_email(session, email)
    if other is not None and other.id != user_id:
        raise EmailTaken
    await session.execute(
        update(User).where(User.id == user_id, User.erased_at.is_(None)).values(email=email)
    )
