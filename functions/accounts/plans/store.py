"""Subscriptions in Postgres. Every function is part of a transaction.

Whoever changes a person's plan first calls `lock`: changes to one person's follow each other.
"""

import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.people.tables import User
from functions.accounts.plans import journal, model
from functions.accounts.plans.model import Subscription
from functions.accounts.plans.money import Money
from functions.accounts.plans.offers import Offer, Period, Plan
from functions.accounts.plans.tables import (
    FamilyMember,
    PaymentAccount,
    PaymentEntry,
    ProviderEvent,
    SubscriptionRow,
)


async def lock(session: AsyncSession, user_id: str) -> User | None:
    """The person, whose plan nobody else changes until the transaction ends; None if erased."""
    found = await session.execute(
        select(User)
        .where(User.id == user_id, User.erased_at.is_(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found.scalar_one_or_none()


async def subscription(session: AsyncSession, user_id: str) -> Subscription | None:
    row = await session.get(SubscriptionRow, user_id, populate_existing=True)
    return _subscription(row) if row else None


async def save(session: AsyncSession, user_id: str, changed: Subscription) -> None:
    following = changed.following
    values = {
        "plan": changed.offer.plan.value,
        "period": changed.offer.period.value,
        "amount": changed.offer.price.amount,
        "currency": changed.offer.price.currency,
        "anchor": changed.anchor,
        "paid": changed.paid,
        "trial": changed.trial,
        "cancelled": changed.cancelled,
        "following_plan": following.plan.value if following else None,
        "following_period": following.period.value if following else None,
        "following_amount": following.price.amount if following else None,
        "failures": changed.failures,
        "retry_at": changed.retry_at,
        "ended_at": changed.ended_at,
        "ends_at": changed.ends_at,
    }
    await session.execute(
        insert(SubscriptionRow)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


async def plan_of(session: AsyncSession, user_id: str, now: datetime.datetime) -> Plan:
    """The plan that a person has now; a member's is that of the family."""
    manager = select(FamilyMember.manager_id).where(FamilyMember.member_id == user_id)
    rows = await session.scalars(
        select(SubscriptionRow).where(
            or_(
                SubscriptionRow.user_id == user_id,
                SubscriptionRow.user_id == manager.scalar_subquery(),
            )
        )
    )
    plans = [Plan.free]
    for row in rows:
        found = _subscription(row)
        is_own = row.user_id == user_id
        if model.is_entitled(found, now) and (is_own or found.offer.plan is Plan.family):
            plans.append(found.offer.plan)
    return max(plans, key=list(Plan).index)


async def account(session: AsyncSession, user_id: str) -> PaymentAccount | None:
    return await session.get(PaymentAccount, user_id, populate_existing=True)


async def save_account(
    session: AsyncSession, user_id: str, *, provider: str, customer: str, method: str
) -> None:
    values = {"provider": provider, "customer": customer, "method": method}
    await session.execute(
        insert(PaymentAccount)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values | {"updated_at": func.now()})
    )


async def is_known_event(session: AsyncSession, event_id: str) -> bool:
    return await session.get(ProviderEvent, event_id) is not None


async def is_new_event(session: AsyncSession, event_id: str, type: str) -> bool:
    """Writes down that an event of the provider is dealt with; False if it already was."""
    added = await session.scalar(
        insert(ProviderEvent)
        .values(id=event_id, type=type)
        .on_conflict_do_nothing()
        .returning(ProviderEvent.id)
    )
    return added is not None


async def forget_events(session: AsyncSession, before: datetime.datetime) -> None:
    """Events that the provider no longer repeats."""
    await session.execute(delete(ProviderEvent).where(ProviderEvent.received_at < before))


async def due(
    session: AsyncSession, now: datetime.datetime, *, asked_before: datetime.datetime, limit: int
) -> list[str]:
    """The people whose subscription may have something to do, the longest waiting first."""
    running = await session.scalars(
        select(SubscriptionRow.user_id)
        .where(
            SubscriptionRow.ended_at.is_(None),
            SubscriptionRow.ends_at <= now,
            or_(
                SubscriptionRow.retry_at.is_(None),
                SubscriptionRow.retry_at <= now,
                SubscriptionRow.ends_at <= now - model.GRACE,
            ),
        )
        .order_by(SubscriptionRow.ends_at)
        .limit(limit)
    )
    hanging = await session.scalars(
        select(PaymentEntry.user_id)
        .where(journal.is_open(), PaymentEntry.at < asked_before)
        .limit(limit)
    )
    return list(dict.fromkeys([*hanging, *running]))


def _subscription(row: SubscriptionRow) -> Subscription:
    following = None
    if row.following_plan and row.following_period and row.following_amount is not None:
        following = Offer(
            Plan(row.following_plan),
            Period(row.following_period),
            Money(row.following_amount, row.currency),
        )
    return Subscription(
        offer=Offer(Plan(row.plan), Period(row.period), Money(row.amount, row.currency)),
        anchor=row.anchor,
        paid=row.paid,
        trial=row.trial,
        cancelled=row.cancelled,
        following=following,
        failures=row.failures,
        retry_at=row.retry_at,
        ended_at=row.ended_at,
    )
