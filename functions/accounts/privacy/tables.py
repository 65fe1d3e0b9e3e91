"""Exports, and erasures on their way."""

import datetime

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from functions.accounts.database import Base


class ExportRow(Base):
    """An archive of what is held about a person. `ready_at` is None until it can be fetched.

    Whoever makes it sets `taken_at`, and counts in `attempts`; who fails takes `taken_at` away.
    """

    __tablename__ = "exports"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime.datetime]
    ready_at: Mapped[datetime.datetime | None]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(server_default="0")
    taken_at: Mapped[datetime.datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (
        Index("exports_by_user", "user_id", "created_at"),
        Index("exports_to_make", "created_at", postgresql_where=text("ready_at IS NULL")),
    )


class Erasure(Base):
    """A person who is being, or has been, erased.

    It is written in the transaction that empties the person's row, and holds what is still to be
    done elsewhere: whoever dies in the middle, the tick goes on. Each of `firebase_uid`, `customer`
    (the payment provider's) and `exports` is emptied once that is gone.
    """

    __tablename__ = "erasures"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    requested_at: Mapped[datetime.datetime]
    firebase_uid: Mapped[str] = mapped_column(server_default="")
    customer: Mapped[str] = mapped_column(server_default="")
    exports: Mapped[list[str]] = mapped_column(server_default="{}")
    tried_at: Mapped[datetime.datetime | None]
    published_at: Mapped[datetime.datetime | None]
    completed_at: Mapped[datetime.datetime | None]

    __table_args__ = (
        Index("erasures_under_way", "tried_at", postgresql_where=text("completed_at IS NULL")),
    )


class Confirmation(Base):
    """An owner of other data has said that it holds nothing about the person any more."""

    __tablename__ = "erasure_confirmations"

    user_id: Mapped[str] = mapped_column(ForeignKey("erasures.user_id"), primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())
