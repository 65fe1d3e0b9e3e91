"""Erasure of a person: here in one transaction, elsewhere until everybody has confirmed."""

import datetime
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.database import Database
from functions.accounts.people.tables import User
from functions.accounts.plans.tables import PaymentAccount
from functions.accounts.privacy import holdings
from functions.accounts.privacy.files import Files
from functions.accounts.privacy.tables import Confirmation, Erasure, ExportRow
from shared import ids
from shared.errors import NotFound
from shared.events import PersonErased
from shared.messaging import Publisher
from shared.telemetry import fields

# An owner that has not confirmed by then is told again.
RETRY_AFTER = datetime.timedelta(minutes=10)
BATCH = 100

Forget = Callable[[str], Awaitable[None]]

log = logging.getLogger(__name__)


class Erasures:
    """Asks for erasures, and sees them through.

    `forget_identity` deletes Firebase's user and `forget_customer` the payment provider's, by
    their own ids; `services` are the owners who have to confirm.
    """

    def __init__(
        self,
        database: Database,
        *,
        publisher: Publisher,
        topic: str,
        services: Collection[str],
        forget_identity: Forget,
        forget_customer: Forget,
        files: Files,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._topic = topic
        self._services = frozenset(services)
        self._forget_identity = forget_identity
        self._forget_customer = forget_customer
        self._files = files
        self._now = now

    async def ask(self, user_id: str) -> None:
        """Erases the person here, and starts it elsewhere; raises `NotFound`.

        Once this returns, whatever does not answer now is asked again until it does.
        """
        async with self._database.session() as session:
            await self._erase(session, user_id)
        await self.see_through(user_id)

    async def see_through(self, user_id: str) -> bool:
        """Does what is still to be done, as far as it can be; True once everything is."""
        now = self._now()
        async with self._database.session() as session:
            erasure = await session.scalar(
                update(Erasure)
                .where(Erasure.user_id == user_id, Erasure.completed_at.is_(None))
                .values(tried_at=now)
                .returning(Erasure)
            )
            if erasure is None:
                return True
            # Something may have been written for the person while the erasure was.
            await holdings.forget(session, user_id)
        if uid := erasure.firebase_uid:
            await self._do(user_id, {"firebase_uid": ""}, self._forget_identity, uid)
        if erasure.customer:
            await self._do(user_id, {"customer": ""}, self._forget_customer, erasure.customer)
        if erasure.exports:
            await self._do(user_id, {"exports": []}, self._forget_exports, erasure.exports)
        if erasure.published_at is None or now - erasure.published_at >= RETRY_AFTER:
            await self._do(user_id, {"published_at": now}, self._publish, erasure)
        return await self._complete(user_id)

    async def confirm(self, user_id: str, service: str) -> None:
        """Writes down that an owner is done. Whom we never erased we know nothing about."""
        if service not in self._services:
            log.warning("nobody asked them", extra=fields(service=service))
            return
        async with self._database.session() as session:
            if await session.get(Erasure, user_id) is None:
                log.warning("no such erasure", extra=fields(user_id=user_id, service=service))
                return
            await session.execute(
                insert(Confirmation)
                .values(user_id=user_id, service=service)
                .on_conflict_do_nothing()
            )
        await self._complete(user_id)

    async def under_way(self) -> list[str]:
        """Those who were not taken up lately, the longest waiting first."""
        async with self._database.session() as session:
            found = await session.scalars(
                select(Erasure.user_id)
                .where(
                    Erasure.completed_at.is_(None),
                    or_(
                        Erasure.tried_at.is_(None),
                        Erasure.tried_at <= self._now() - RETRY_AFTER,
                    ),
                )
                .order_by(Erasure.tried_at.asc().nulls_first())
                .limit(BATCH)
            )
            return list(found)

    async def _erase(self, session: AsyncSession, user_id: str) -> None:
        now = self._now()
        person = await session.scalar(
            select(User).where(User.id == user_id, User.erased_at.is_(None)).with_for_update()
        )
        if person is None:
            raise NotFound("There is no such person")
        paying = await session.get(PaymentAccount, user_id)
        exports = await session.scalars(select(ExportRow.id).where(ExportRow.user_id == user_id))
        session.add(
            Erasure(
                user_id=user_id,
                requested_at=now,
                firebase_uid=person.firebase_uid or "",
                customer=paying.customer if paying else "",
                exports=list(exports),
            )
        )
        await session.flush()
        await holdings.forget(session, user_id)
        await session.execute(update(User).where(User.id == user_id).values(**_emptied(now)))
        audit.record(session, audit.Tag.erasure_asked, subject=user_id, actor=user_id)

    async def _do(
        self,
        user_id: str,
        done: dict[str, Any],
        step: Callable[[Any], Awaitable[None]],
        what: Any,
    ) -> None:
        """One step, and a note that it is done. If it fails, the next time is soon enough."""
        try:
            await step(what)
        except Exception:  # whatever it is, the other steps are to be done all the same
            log.exception("erasure: %s", next(iter(done)), extra=fields(user_id=user_id))
            return
        async with self._database.session() as session:
            await session.execute(update(Erasure).where(Erasure.user_id == user_id).values(**done))

    async def _forget_exports(self, export_ids: list[str]) -> None:
        for export_id in export_ids:
            await self._files.delete(export_id)

    async def _publish(self, erasure: Erasure) -> None:
        event = PersonErased(
            event_id=ids.derive("person-erased", erasure.user_id),
            user_id=erasure.user_id,
            requested_at=erasure.requested_at.astimezone(datetime.UTC).isoformat(),
        )
        await self._publisher.publish(self._topic, event, event_id=event.event_id)

    async def _complete(self, user_id: str) -> bool:
        """Ends the erasure if nothing is left to do; once."""
        async with self._database.session() as session:
            confirmed = await session.scalars(
                select(Confirmation.service).where(Confirmation.user_id == user_id)
            )
            if self._services - set(confirmed):
                return False
            ended = await session.scalar(
                update(Erasure)
                .where(
                    Erasure.user_id == user_id,
                    Erasure.completed_at.is_(None),
                    Erasure.firebase_uid == "",
                    Erasure.customer == "",
                    Erasure.exports == [],
                    Erasure.published_at.is_not(None),
                )
                .values(completed_at=self._now())
                .returning(Erasure.user_id)
            )
            if ended is not None:
                audit.record(session, audit.Tag.erasure_done, subject=user_id)
            return ended is not None


def _emptied(now: datetime.datetime) -> dict[str, Any]:
    """What is left of a person's row: the id, and when they were erased."""
    return {
        "firebase_uid": None,
        "email": None,
        "display_name": "",
        "country": "",
        "explicit_content_allowed": True,
        "roles": [],
        "created_at": now,
        "erased_at": now,
        "google_linked_at": None,
    }
