"""Exports: everything that is held about a person, in one archive."""

import asyncio
import datetime
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.database import Database
from functions.accounts.people.tables import User
from functions.accounts.privacy import archive, holdings
from functions.accounts.privacy.files import Files
from functions.accounts.privacy.links import DownloadLinks
from functions.accounts.privacy.sources import ExportSource
from functions.accounts.privacy.tables import ExportRow
from shared import ids
from shared.errors import NotFound
from shared.telemetry import fields

LIFETIME = datetime.timedelta(days=7)
# Whoever asks again within this gets the archive that there is.
FRESH_FOR = datetime.timedelta(hours=1)
# Longer than making one takes: whoever took it up before that has died.
LEASE = datetime.timedelta(minutes=10)
# Whoever was asked is at it; the tick leaves it to them for so long.
PUT_OFF_AFTER = datetime.timedelta(minutes=1)
MOST_ATTEMPTS = 5
_AT_ONCE = 20
_EXPIRED_AT_ONCE = 100

log = logging.getLogger(__name__)


class Status(str, Enum):
    """Where an export is."""

    collecting = "collecting"
    ready = "ready"
    failed = "failed"


@dataclass(frozen=True)
class Export:
    """An export as its person sees it. `download_url` is "" until it is ready."""

    id: str
    status: Status
    created_at: datetime.datetime
    expires_at: datetime.datetime
    size: int
    download_url: str


class Exports:
    """Makes archives, and hands them out."""

    def __init__(
        self,
        database: Database,
        files: Files,
        links: DownloadLinks,
        *,
        sources: Sequence[ExportSource],
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._database = database
        self._files = files
        self._links = links
        self._sources = sources
        self._now = now

    async def ask(self, user_id: str) -> Export:
        """The export that `make` is to make, or a fresh one that there is; raises `NotFound`."""
        async with self._database.session() as session:
            row = await self._fresh_or_new(session, user_id)
        return self._view(row)

    async def make(self, export_id: str) -> bool:
        """Makes the archive, unless somebody else is at it or has; True if it is there now.

        It lies under the export's own name: made twice it is there once. If an owner does not
        answer, there is none, rather than half of one, until the next attempt.
        """
        now = self._now()
        async with self._database.session() as session:
            row = await session.scalar(
                update(ExportRow)
                .where(
                    ExportRow.id == export_id,
                    ExportRow.ready_at.is_(None),
                    ExportRow.attempts < MOST_ATTEMPTS,
                    or_(ExportRow.taken_at.is_(None), ExportRow.taken_at <= now - LEASE),
                )
                .values(taken_at=now, attempts=ExportRow.attempts + 1)
                .returning(ExportRow)
            )
        if row is None:
            return False
        try:
            return await self._fill(row)
        except Exception:  # whatever it is, the next attempt may do better
            log.exception("export put off", extra=fields(export_id=export_id))
        async with self._database.session() as session:
            await session.execute(
                update(ExportRow).where(ExportRow.id == export_id).values(taken_at=None)
            )
        return False

    async def make_waiting(self) -> int:
        """Takes up what nobody is at, and returns how many are made."""
        now = self._now()
        async with self._database.session() as session:
            found = await session.scalars(
                select(ExportRow.id)
                .where(
                    ExportRow.ready_at.is_(None),
                    ExportRow.attempts < MOST_ATTEMPTS,
                    ExportRow.created_at <= now - PUT_OFF_AFTER,
                    or_(ExportRow.taken_at.is_(None), ExportRow.taken_at <= now - LEASE),
                )
                .order_by(ExportRow.created_at)
                .limit(_AT_ONCE)
            )
            waiting = list(found)
        return sum([await self.make(export_id) for export_id in waiting])

    async def _fill(self, row: ExportRow) -> bool:
        async with self._database.session() as session:
            rows = await holdings.rows_about(session, row.user_id)
        files = {f"accounts/{table}": entries for table, entries in rows.items()}
        for source in self._sources:
            files |= await source.collect(row.user_id)
        packed = await asyncio.to_thread(archive.pack, files, at=self._now().isoformat())
        await self._files.put(row.id, packed)
        async with self._database.session() as session:
            ready = await session.scalar(
                update(ExportRow)
                .where(ExportRow.id == row.id)
                .values(ready_at=self._now(), size=len(packed))
                .returning(ExportRow.id)
            )
        if ready is None:
            # The person was erased meanwhile.
            await self._files.delete(row.id)
        return ready is not None

    async def get(self, user_id: str, export_id: str) -> Export:
        """Raises `NotFound`, also for other people's and expired ones."""
        async with self._database.session() as session:
            row = await session.get(ExportRow, export_id)
        if row is None or row.user_id != user_id or row.expires_at <= self._now():
            raise NotFound("There is no such export, or no longer")
        return self._view(row)

    async def download(
        self, export_id: str, *, expires: str, signature: str
    ) -> AsyncIterator[bytes]:
        """The archive, in chunks; raises `NotFound` unless the link holds."""
        if not self._links.holds(export_id, expires, signature):
            raise NotFound("This link does not hold, or no longer")
        async with self._database.session() as session:
            row = await session.get(ExportRow, export_id)
        if row is None or row.ready_at is None or row.expires_at <= self._now():
            raise NotFound("There is no such export, or no longer")
        return self._files.read(export_id)

    async def _fresh_or_new(self, session: AsyncSession, user_id: str) -> ExportRow:
        now = self._now()
        person = await session.scalar(
            select(User.id)
            .where(User.id == user_id, User.erased_at.is_(None))
            .with_for_update(key_share=True)
        )
        if person is None:
            raise NotFound("There is no such person")
        latest = await session.scalar(
            select(ExportRow)
            .where(ExportRow.user_id == user_id, ExportRow.created_at > now - FRESH_FOR)
            .order_by(ExportRow.created_at.desc())
            .limit(1)
        )
        if latest is not None and self._status(latest) is not Status.failed:
            return latest
        row = ExportRow(id=ids.random(), user_id=user_id, created_at=now, expires_at=now + LIFETIME)
        session.add(row)
        audit.record(session, audit.Tag.export_asked, subject=user_id, actor=user_id)
        await session.flush()
        await session.refresh(row)
        log.info("export asked", extra=fields(export_id=row.id))
        return row

    def _status(self, row: ExportRow) -> Status:
        if row.ready_at is not None:
            return Status.ready
        is_held = row.taken_at is not None and self._now() - row.taken_at <= LEASE
        is_given_up = row.attempts >= MOST_ATTEMPTS and not is_held
        return Status.failed if is_given_up else Status.collecting

    def _view(self, row: ExportRow) -> Export:
        status = self._status(row)
        return Export(
            id=row.id,
            status=status,
            created_at=row.created_at,
            expires_at=row.expires_at,
            size=row.size,
            download_url=self._links.make(row.id) if status is Status.ready else "",
        )


async def forget_expired(database: Database, files: Files, now: datetime.datetime) -> int:
    """Removes archives that nobody may fetch any more, and returns how many."""
    async with database.session() as session:
        expired = await session.scalars(
            select(ExportRow)
            .where(ExportRow.expires_at <= now)
            .order_by(ExportRow.expires_at)
            .limit(_EXPIRED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        gone = 0
        for row in expired:
            # The object first: a row without one is found again, an object without a row not.
            await files.delete(row.id)
            await session.delete(row)
            gone += 1
    return gone
