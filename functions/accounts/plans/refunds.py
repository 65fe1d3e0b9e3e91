"""Refunds are bookkeeping: they take nothing away from the person."""

import datetime
from dataclasses import replace

from functions.accounts.database import Database
from functions.accounts.plans import journal, store
from functions.accounts.plans.provider import News, Refunded
from shared import ids
from shared.errors import NotFound


async def write_down(
    database: Database, news: News, refunded: Refunded, *, provider: str, now: datetime.datetime
) -> None:
    """Adds what was given back since the last time; raises `NotFound` for an unknown charge."""
    async with database.session() as session:
        ask = await journal.asked(session, refunded.charge)
        if ask is None:
            raise NotFound("There is no such charge")
        await store.lock(session, ask.user_id)
        if not await store.is_new_event(session, news.id, news.type):
            return
        rest = refunded.total.amount - await journal.refunded(session, ask.charge)
        if rest > 0:
            await journal.add_refund(
                session,
                ask,
                replace(refunded.total, amount=rest),
                id=ids.derive("refund", news.id),
                provider=provider,
                reference=refunded.reference,
                now=now,
            )
