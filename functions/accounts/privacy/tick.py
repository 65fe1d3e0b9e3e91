"""What time brings: erasures and exports that hang, and exports that expire."""

import logging

from functions.accounts.database import Database
from functions.accounts.privacy.erasures import Erasures
from functions.accounts.privacy.exports import Exports, forget_expired
from functions.accounts.privacy.files import Files
from shared.clock import Clock
from shared.errors import ApiError
from shared.telemetry import fields

log = logging.getLogger(__name__)


async def tick(
    erasures: Erasures, exports: Exports, database: Database, files: Files, *, now: Clock
) -> dict[str, int]:
    """One person's trouble does not keep the next from being erased."""
    under_way = await erasures.under_way()
    done = 0
    for user_id in under_way:
        try:
            done += await erasures.see_through(user_id)
        except ApiError as error:
            log.warning("erasure put off", extra=fields(user_id=user_id), exc_info=error)
    return {
        "erasures_taken_up": len(under_way),
        "erasures_done": done,
        "exports_made": await exports.make_waiting(),
        "exports_expired": await forget_expired(database, files, now()),
    }
