"""The audit trail: what happened to whom, by whom. Rows are added, and never changed."""

import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from functions.accounts.database import Base


class Tag(StrEnum):
    """`source:subject:action`."""

    signed_up = "people:account:signed-up"
    signed_in = "people:session:signed-in"
    sign_in_failed = "people:session:sign-in-failed"
    signed_out = "people:session:signed-out"
    google_linked = "people:identity:google-linked"
    email_changed = "people:account:email-changed"
    password_changed = "people:account:password-changed"  # noqa: S105  # a tag
    role_added = "people:role:added"
    role_removed = "people:role:removed"
    app_registered = "oauth:app:registered"
    app_changed = "oauth:app:changed"
    app_secret_rotated = "oauth:app:secret-rotated"  # noqa: S105  # a tag
    app_removed = "oauth:app:removed"
    grant_given = "oauth:grant:given"
    grant_refused = "oauth:grant:refused"
    grant_revoked = "oauth:grant:revoked"
    tokens_reused = "oauth:token:reused"  # a tag
    plan_started = "plans:plan:started"
    plan_changed = "plans:plan:changed"
    plan_renewed = "plans:plan:renewed"
    plan_cancelled = "plans:plan:cancelled"
    payment_failed = "plans:payment:failed"
    export_asked = "privacy:export:asked"
    erasure_asked = "privacy:erasure:asked"
    erasure_done = "privacy:erasure:done"


class AuditEvent(Base):
    """One entry. `subject` is the user it is about; `actor` who did it, "" if nobody known."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())
    tag: Mapped[str]
    subject: Mapped[str]
    actor: Mapped[str]
    details: Mapped[dict[str, Any]]

    __table_args__ = (Index("audit_events_by_subject", "subject", "at"),)


def record(
    session: AsyncSession, tag: Tag, *, subject: str, actor: str = "", **details: object
) -> None:
    """Adds an entry to the transaction at hand; `details` are JSON values."""
    session.add(AuditEvent(tag=tag.value, subject=subject, actor=actor, details=details))
