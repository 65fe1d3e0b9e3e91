"""Plans, payments and families as their person sees them. Amounts in minor units."""

import datetime

import msgspec

from functions.accounts.plans import model
from functions.accounts.plans.model import Status, Subscription
from functions.accounts.plans.money import Money
from functions.accounts.plans.offers import Offer, Period, Plan, offers
from functions.accounts.plans.tables import PaymentEntry


class OfferView(msgspec.Struct, frozen=True):
    """What may be chosen, and what it costs."""

    plan: Plan
    period: Period
    amount: int
    currency: str


class SubscriptionView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A paid plan. Of `renews_at`, `ends_at` and `grace_until` one is there."""

    plan: Plan
    period: Period
    amount: int
    currency: str
    status: Status
    period_started_at: str
    renews_at: str = ""
    ends_at: str = ""
    grace_until: str = ""
    following: OfferView | None = None


class PlanView(msgspec.Struct, frozen=True, omit_defaults=True):
    """`GET /v1/me/plan`. `manager` is who pays, where that is somebody else."""

    plan: Plan
    product: str
    trial_available: bool
    offers: list[OfferView]
    provider: str
    note: str = ""
    subscription: SubscriptionView | None = None
    manager: str = ""


class PaymentView(msgspec.Struct, frozen=True):
    """One entry of the journal. `status` is succeeded, failed or refunded."""

    id: str
    charge: str
    status: str
    reason: str
    plan: str
    period: str
    period_starts_at: str
    period_ends_at: str
    amount: int
    credit: int
    currency: str
    provider: str
    receipt: str
    at: str


def product_of(plan: Plan | str) -> str:
    """The contract's `product`: a family's members have premium."""
    return "free" if plan == Plan.free else "premium"


def offers_in(currency: str) -> list[OfferView]:
    return [_offer(each) for each in offers(currency)]


def subscription_view(subscription: Subscription, now: datetime.datetime) -> SubscriptionView:
    status, ends_at = model.status(subscription, now), iso(subscription.ends_at)
    in_grace = status is Status.grace
    ends = subscription.cancelled and not in_grace
    following = subscription.following
    return SubscriptionView(
        plan=subscription.offer.plan,
        period=subscription.offer.period,
        amount=subscription.offer.price.amount,
        currency=subscription.offer.price.currency,
        status=status,
        period_started_at=iso(subscription.starts_at),
        renews_at="" if ends or in_grace else ends_at,
        ends_at=ends_at if ends else "",
        grace_until=iso(subscription.ends_at + model.GRACE) if in_grace else "",
        following=_offer(following) if following else None,
    )


def payment_view(entry: PaymentEntry) -> PaymentView:
    return PaymentView(
        id=entry.id,
        charge=entry.charge,
        status=entry.entry,
        reason=entry.reason,
        plan=entry.plan,
        period=entry.period,
        period_starts_at=iso(entry.starts_at),
        period_ends_at=iso(entry.ends_at),
        amount=entry.amount,
        credit=entry.credit,
        currency=entry.currency,
        provider=entry.provider,
        receipt=entry.receipt,
        at=iso(entry.at),
    )


def iso(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _offer(offer: Offer) -> OfferView:
    price: Money = offer.price
    return OfferView(offer.plan, offer.period, price.amount, price.currency)
