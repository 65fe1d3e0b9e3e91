"""The person whom a token is about, as far as the token tells."""

import datetime
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.oauth.dependencies import PlanOf
from functions.accounts.people.tables import User
from functions.accounts.plans.offers import Plan


@dataclass(frozen=True)
class Subject:
    """A person at the moment a token is made."""

    id: str
    plan: Plan
    country: str
    roles: tuple[str, ...]
    explicit_filter: bool = False


async def find(
    session: AsyncSession, user_id: str, plan_of: PlanOf, now: datetime.datetime
) -> Subject | None:
    """None if there is no such person (any more)."""
    user = await session.get(User, user_id)
    if user is None or user.erased_at is not None:
        return None
    plan = await plan_of(session, user.id, now)
    return Subject(
        user.id,
        plan,
        user.country,
        tuple(user.roles),
        explicit_filter=not user.explicit_content_allowed,
    )
