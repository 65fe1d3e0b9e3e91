"""What time brings: renewals, retries and ends of subscriptions."""

import asyncio
import datetime
import logging
from collections.abc import Callable

from functions.accounts.database import Database
from functions.accounts.plans import store
from functions.accounts.plans.billing import LEASE, Billing
from shared.errors import ApiError
from shared.telemetry import fields

BATCH = 500
# The database's connections are shared with whoever else is calling.
_AT_ONCE = 4
# Stripe repeats an event for three days.
_EVENTS_KEPT = datetime.timedelta(days=30)

log = logging.getLogger(__name__)


async def tick(
    database: Database, billing: Billing, *, now: Callable[[], datetime.datetime]
) -> dict[str, int]:
    """Takes up everybody for whom something is due. One person's failure is not another's."""
    async with database.session() as session:
        people = await store.due(session, now(), asked_before=now() - LEASE, limit=BATCH)
        await store.forget_events(session, now() - _EVENTS_KEPT)
    places = asyncio.Semaphore(_AT_ONCE)

    async def renew(user_id: str) -> bool:
        async with places:
            try:
                await billing.renew(user_id)
            except ApiError as error:
                log.warning("renewal put off", extra=fields(user_id=user_id), exc_info=error)
                return False
            return True

    done = await asyncio.gather(*(renew(user_id) for user_id in people))
    return {"renewals": sum(done), "renewals_put_off": len(done) - sum(done)}
