"""Subscriptions, families and the journal of payments."""

import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, event, func, text
from sqlalchemy.orm import Mapped, mapped_column

from functions.accounts.database import Base


class SubscriptionRow(Base):
    """One a person, kept after its end: whoever has one has had the trial.

    The columns are those of `model.Subscription`; amounts are in minor units. `ends_at` is worked
    out from the others, for the search for what is due.
    """

    __tablename__ = "subscriptions"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    plan: Mapped[str]
    period: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    anchor: Mapped[datetime.datetime]
    paid: Mapped[int]
    trial: Mapped[bool]
    cancelled: Mapped[bool]
    following_plan: Mapped[str | None]
    following_period: Mapped[str | None]
    following_amount: Mapped[int | None]
    failures: Mapped[int]
    retry_at: Mapped[datetime.datetime | None]
    ended_at: Mapped[datetime.datetime | None]
    ends_at: Mapped[datetime.datetime]

    __table_args__ = (
        CheckConstraint("amount >= 0 AND paid >= 0 AND failures >= 0", name="subscriptions_counts"),
        Index("subscriptions_by_end", "ends_at", postgresql_where=text("ended_at IS NULL")),
    )


class PaymentAccount(Base):
    """How a person pays: the provider's own names for the customer and for the card."""

    __tablename__ = "payment_accounts"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    provider: Mapped[str]
    customer: Mapped[str]
    method: Mapped[str]
    updated_at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())


class PaymentEntry(Base):
    """An entry of the journal of payments, which is added to and never changed.

    A charge is asked for, then succeeds or fails, and may be refunded: each is an entry, and
    `charge` holds them together. `overpaid`: the period was paid for already, so that an operator
    has to give the money back. The entry `asked` is made before the provider is, so that a crash
    between the two is seen and made good. `amount` is what moves, in minor units; `credit` what an
    earlier payment had already covered. `number` counts the period from `anchor`.
    """

    __tablename__ = "payments"

    id: Mapped[str] = mapped_column(primary_key=True)
    charge: Mapped[str]
    entry: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str]
    plan: Mapped[str]
    period: Mapped[str]
    price: Mapped[int]
    credit: Mapped[int]
    amount: Mapped[int]
    currency: Mapped[str]
    anchor: Mapped[datetime.datetime]
    number: Mapped[int]
    starts_at: Mapped[datetime.datetime]
    ends_at: Mapped[datetime.datetime]
    provider: Mapped[str]
    reference: Mapped[str] = mapped_column(server_default="")
    receipt: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime.datetime]

    __table_args__ = (
        CheckConstraint(
            "entry IN ('asked', 'succeeded', 'overpaid', 'failed', 'refunded')",
            name="payments_entry",
        ),
        CheckConstraint("amount >= 0 AND credit >= 0", name="payments_amount"),
        Index(
            "payments_one_of_each_a_charge",
            "charge",
            "entry",
            unique=True,
            postgresql_where=text("entry <> 'refunded'"),
        ),
        Index(
            "payments_one_a_period",
            "user_id",
            "starts_at",
            "reason",
            unique=True,
            postgresql_where=text("entry = 'succeeded'"),
        ),
        Index("payments_by_user", "user_id", "at"),
    )


class FamilyMember(Base):
    """A person whom a family's manager pays for. Nobody is in two families."""

    __tablename__ = "family_members"

    member_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    manager_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    joined_at: Mapped[datetime.datetime]

    __table_args__ = (CheckConstraint("member_id <> manager_id", name="family_members_others"),)


class FamilyInvitation(Base):
    """A place in a family for whoever has the code, of which only a hash is kept."""

    __tablename__ = "family_invitations"

    id: Mapped[str] = mapped_column(primary_key=True)
    manager_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime]


class ProviderEvent(Base):
    """An event of the payment provider that has been dealt with, so that it is not again."""

    __tablename__ = "payment_events"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    received_at: Mapped[datetime.datetime] = mapped_column(server_default=func.now(), index=True)


class JournalIsAppendOnly(Exception):
    """Somebody tried to change or remove an entry of the journal."""


@event.listens_for(PaymentEntry, "before_update")
@event.listens_for(PaymentEntry, "before_delete")
def _refuse(_mapper: Any, _connection: Any, _entry: PaymentEntry) -> None:
    raise JournalIsAppendOnly
