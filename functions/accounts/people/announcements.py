"""Tells others of new people and new names: `profile-changed`.

A change is noted in its own transaction and published after it; what is noted and was not
published, because somebody died in between, the tick publishes.
"""

import datetime
import logging

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.database import Database
from functions.accounts.people.tables import ProfileChange, User
from shared import ids
from shared.clock import Clock, utc_now
from shared.events import ProfileChanged
from shared.messaging import Publisher
from shared.telemetry import fields

# Whoever noted a change is publishing it, or has died.
PUT_OFF_AFTER = datetime.timedelta(minutes=1)
BATCH = 500

log = logging.getLogger(__name__)


async def note(session: AsyncSession, user_id: str, now: datetime.datetime) -> None:
    """Notes that there is something to tell of this person."""
    values = {"changed_at": now}
    await session.execute(
        insert(ProfileChange)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


class Announcements:
    """Publishes what was noted. `topic` is the full name."""

    def __init__(
        self, database: Database, publisher: Publisher, topic: str, *, now: Clock = utc_now
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._topic = topic
        self._now = now

    async def tell(self, user_id: str) -> None:
        """Publishes a change that was just committed. If that fails, the tick does it."""
        try:
            await self._tell(user_id)
        except Exception:  # the change itself has been made
            log.exception("profile-changed is put off", extra=fields(user_id=user_id))

    async def tell_put_off(self) -> int:
        """Publishes what is left over, and returns how much that was."""
        async with self._database.session() as session:
            waiting = await session.scalars(
                select(ProfileChange.user_id)
                .where(ProfileChange.changed_at <= self._now() - PUT_OFF_AFTER)
                .order_by(ProfileChange.changed_at)
                .limit(BATCH)
            )
            people = list(waiting)
        told = 0
        for user_id in people:
            try:
                told += await self._tell(user_id)
            except Exception:  # one person's trouble is not another's
                log.exception("profile-changed is put off", extra=fields(user_id=user_id))
        return told

    async def _tell(self, user_id: str) -> bool:
        async with self._database.session() as session:
            found = (
                await session.execute(
                    select(ProfileChange.changed_at, User.display_name)
                    .join(User, User.id == ProfileChange.user_id)
                    .where(ProfileChange.user_id == user_id, User.erased_at.is_(None))
                )
            ).one_or_none()
        if found is None:
            return False
        changed_at, name = found
        at = round(changed_at.timestamp() * 1000)
        event = ProfileChanged(
            event_id=ids.derive("profile-changed", user_id, str(at)),
            user_id=user_id,
            display_name=name,
            changed_at=at,
        )
        await self._publisher.publish(self._topic, event, event_id=event.event_id)
        async with self._database.session() as session:
            # One that was noted meanwhile is told by whoever noted it.
            await session.execute(
                delete(ProfileChange).where(
                    ProfileChange.user_id == user_id, ProfileChange.changed_at == changed_at
                )
            )
        return True
