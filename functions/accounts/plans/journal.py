"""The journal of payments in Postgres. Every function is part of a transaction.

Whoever asks for a payment has locked the person (`store.lock`).
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from functions.accounts.plans.model import Purchase, Reason
from functions.accounts.plans.money import Money
from functions.accounts.plans.offers import Offer, Period, Plan
from functions.accounts.plans.tables import PaymentEntry
from shared import ids

_OUTCOMES = ("succeeded", "overpaid", "failed")


@dataclass(frozen=True)
class Ask:
    """A charge that was asked for. `charge` is the key that makes a repetition harmless."""

    charge: str
    user_id: str
    purchase: Purchase
    at: datetime.datetime


async def ask(
    session: AsyncSession, user_id: str, purchase: Purchase, provider: str, now: datetime.datetime
) -> Ask:
    """Writes down that a payment is about to be asked for. The person is locked."""
    before = await session.scalar(
        select(func.count()).where(
            PaymentEntry.user_id == user_id,
            PaymentEntry.starts_at == purchase.starts_at,
            PaymentEntry.entry == "asked",
        )
    )
    charge = ids.derive("charge", user_id, purchase.starts_at.isoformat(), str(before))
    asked = Ask(charge, user_id, purchase, now)
    session.add(_entry(asked, "asked", provider, purchase.due, now))
    await session.flush()
    return asked


async def open_ask(session: AsyncSession, user_id: str) -> Ask | None:
    """The person's charge of which the outcome is not known."""
    row = await session.scalar(
        select(PaymentEntry).where(PaymentEntry.user_id == user_id, is_open()).limit(1)
    )
    return _ask(row) if row else None


async def asked(session: AsyncSession, charge: str) -> Ask | None:
    """The charge of that id."""
    row = await session.scalar(
        select(PaymentEntry).where(PaymentEntry.charge == charge, PaymentEntry.entry == "asked")
    )
    return _ask(row) if row else None


async def add_outcome(
    session: AsyncSession,
    ask: Ask,
    entry: str,
    *,
    provider: str,
    reference: str,
    receipt: str,
    now: datetime.datetime,
) -> bool:
    """Writes down how a charge ended; False if that is known, or the period is paid for."""
    row = _entry(ask, entry, provider, ask.purchase.due, now)
    values = {
        column.key: getattr(row, column.key)
        for column in PaymentEntry.__table__.columns
        if column.key not in {"reference", "receipt"}
    }
    added = await session.scalar(
        insert(PaymentEntry)
        .values(**values, reference=reference, receipt=receipt)
        .on_conflict_do_nothing()
        .returning(PaymentEntry.id)
    )
    return added is not None


async def add_refund(
    session: AsyncSession,
    ask: Ask,
    amount: Money,
    *,
    id: str,
    provider: str,
    reference: str,
    now: datetime.datetime,
) -> None:
    """`id` makes it one entry, however often it is told."""
    row = _entry(ask, "refunded", provider, amount, now)
    row.id, row.reference = id, reference
    session.add(row)
    await session.flush()


async def refunded(session: AsyncSession, charge: str) -> int:
    """What of a charge has been given back, in minor units."""
    total = await session.scalar(
        select(func.coalesce(func.sum(PaymentEntry.amount), 0)).where(
            PaymentEntry.charge == charge, PaymentEntry.entry == "refunded"
        )
    )
    return int(total or 0)


async def is_paid(session: AsyncSession, ask: Ask) -> bool:
    """Whether this charge has paid for its period."""
    row = await session.scalar(
        select(PaymentEntry.id).where(
            PaymentEntry.charge == ask.charge, PaymentEntry.entry == "succeeded"
        )
    )
    return row is not None


async def is_paid_by_another(session: AsyncSession, ask: Ask) -> bool:
    """Whether another charge has paid for the same period."""
    row = await session.scalar(
        select(PaymentEntry.id).where(
            PaymentEntry.user_id == ask.user_id,
            PaymentEntry.starts_at == ask.purchase.starts_at,
            PaymentEntry.reason == ask.purchase.reason.value,
            PaymentEntry.entry == "succeeded",
            PaymentEntry.charge != ask.charge,
        )
    )
    return row is not None


async def payments(
    session: AsyncSession, user_id: str, *, limit: int, offset: int
) -> tuple[Sequence[PaymentEntry], int]:
    """What was paid, refused and given back, newest first, and how many entries in all."""
    mine = and_(PaymentEntry.user_id == user_id, PaymentEntry.entry != "asked")
    total = await session.scalar(select(func.count()).select_from(PaymentEntry).where(mine))
    rows = await session.scalars(
        select(PaymentEntry)
        .where(mine)
        .order_by(PaymentEntry.at.desc(), PaymentEntry.id)
        .limit(limit)
        .offset(offset)
    )
    return rows.all(), int(total or 0)


def is_open() -> ColumnElement[bool]:
    """An entry of a charge of which the outcome is not known."""
    outcome = aliased(PaymentEntry)
    return and_(
        PaymentEntry.entry == "asked",
        ~exists().where(outcome.charge == PaymentEntry.charge, outcome.entry.in_(_OUTCOMES)),
    )


def _entry(
    ask: Ask, entry: str, provider: str, amount: Money, now: datetime.datetime
) -> PaymentEntry:
    purchase = ask.purchase
    return PaymentEntry(
        id=ids.derive("payment", ask.charge, entry),
        charge=ask.charge,
        entry=entry,
        user_id=ask.user_id,
        reason=purchase.reason.value,
        plan=purchase.offer.plan.value,
        period=purchase.offer.period.value,
        price=purchase.offer.price.amount,
        credit=purchase.credit,
        amount=amount.amount,
        currency=amount.currency,
        anchor=purchase.anchor,
        number=purchase.number,
        starts_at=purchase.starts_at,
        ends_at=purchase.ends_at,
        provider=provider,
        at=now,
    )


def _ask(row: PaymentEntry) -> Ask:
    offer = Offer(Plan(row.plan), Period(row.period), Money(row.price, row.currency))
    purchase = Purchase(Reason(row.reason), offer, row.anchor, row.number, row.credit)
    return Ask(row.charge, row.user_id, purchase, row.at)
