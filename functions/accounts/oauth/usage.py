"""How many tokens each app was given, a day."""

import datetime
import random

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.oauth.tables import AppUsage

_SLOTS = 16


async def count(session: AsyncSession, app_id: str, day: datetime.date) -> None:
    """One token more."""
    slot = random.randrange(_SLOTS)  # noqa: S311  # any will do
    await session.execute(
        insert(AppUsage)
        .values(app_id=app_id, day=day, slot=slot, tokens=1)
        .on_conflict_do_update(
            index_elements=["app_id", "day", "slot"], set_={"tokens": AppUsage.tokens + 1}
        )
    )


async def of_app(
    session: AsyncSession, app_id: str, since: datetime.date
) -> dict[datetime.date, int]:
    """Tokens by day, the days without any left out."""
    found = await session.execute(
        select(AppUsage.day, func.sum(AppUsage.tokens))
        .where(AppUsage.app_id == app_id, AppUsage.day >= since)
        .group_by(AppUsage.day)
        .order_by(AppUsage.day)
    )
    return {day: int(tokens) for day, tokens in found}
