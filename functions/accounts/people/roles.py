"""What people may be beside listeners, and how they come to be it."""

from enum import StrEnum

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.people.tables import User
from shared.errors import Forbidden, NotFound


class Role(StrEnum):
    """A listener listens; an artist may upload and owns what it made; an operator runs it all."""

    listener = "listener"
    artist = "artist"
    operator = "operator"


# What people may become by asking.
FOR_THE_ASKING = frozenset({Role.artist})


def check_may_ask(role: Role) -> None:
    """Raises `Forbidden` for a role that only an operator gives."""
    if role not in FOR_THE_ASKING:
        raise Forbidden(f"The role {role.value} is given by an operator")


async def add(session: AsyncSession, user_id: str, role: Role, *, actor: str) -> list[str]:
    """The person's roles, now with this one. Raises `NotFound`; audited if anything changed."""
    return await _change(session, user_id, role, actor=actor, wanted=True)


async def remove(session: AsyncSession, user_id: str, role: Role, *, actor: str) -> list[str]:
    """The person's roles, now without this one. Raises `NotFound`; audited likewise."""
    return await _change(session, user_id, role, actor=actor, wanted=False)


async def _change(
    session: AsyncSession, user_id: str, role: Role, *, actor: str, wanted: bool
) -> list[str]:
    user = await session.get(User, user_id, with_for_update=True)
    if user is None or user.erased_at is not None:
        raise NotFound("User not found")
    if (role.value in user.roles) is wanted:
        return list(user.roles)
    kept = {*user.roles, role.value} if wanted else {*user.roles} - {role.value}
    roles: list[str] = [each.value for each in Role if each.value in kept]
    await session.execute(update(User).where(User.id == user_id).values(roles=roles))
    tag = audit.Tag.role_added if wanted else audit.Tag.role_removed
    audit.record(session, tag, subject=user_id, actor=actor, role=role.value)
    return roles
