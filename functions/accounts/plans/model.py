"""A person's subscription and its rules, as pure functions of what it is and what time it is.

- **Trial.** The first subscription that a person ever has begins with 30 days that cost nothing.
- **Periods** follow each other without a gap: the n-th begins n calendar months (or years) after
  the first, at the same time of day, or on a shorter month's last day.
- **Renewal.** At a period's end the next one is charged, at the price that was agreed.
- **Grace.** If that payment fails, it is tried again daily; after 7 days the subscription ends.
- **Cancellation** holds at the end of what is paid for, or at once while a payment is owed.
- **Change.** To a greater plan, or to the same one for longer: at once. A new period begins, and
  the unused share of the running one, rounded down to a minor unit, comes off its price. Any other
  change, and one where that would leave next to nothing to pay, comes at the period's end. During
  a trial and while a payment is owed nothing has been paid, so every change holds at once.
"""

import calendar
import datetime
from dataclasses import dataclass, replace
from enum import Enum

from functions.accounts.plans.money import Money
from functions.accounts.plans.offers import Offer, Period

TRIAL = datetime.timedelta(days=30)
GRACE = datetime.timedelta(days=7)
RETRY_AFTER = datetime.timedelta(days=1)
# Card networks refuse to move less than this many minor units.
LEAST_CHARGE = 50

_MICROSECOND = datetime.timedelta(microseconds=1)


class Status(str, Enum):
    """Where a subscription is."""

    trial = "trial"
    active = "active"
    grace = "grace"
    ended = "ended"


class Reason(str, Enum):
    """Why a payment is asked for."""

    start = "start"
    change = "change"
    renewal = "renewal"


@dataclass(frozen=True)
class Subscription:
    """A person's paid plan.

    `anchor` is where its periods are counted from and `paid` how many of them are paid for; a
    trial ends at the anchor. `following` is the offer to go on with at the period's end. `failures`
    counts the failed payments for the period that is owed.
    """

    offer: Offer
    anchor: datetime.datetime
    paid: int
    trial: bool = False
    cancelled: bool = False
    following: Offer | None = None
    failures: int = 0
    retry_at: datetime.datetime | None = None
    ended_at: datetime.datetime | None = None

    @property
    def starts_at(self) -> datetime.datetime:
        """When what is paid for (or the trial) began."""
        if self.trial:
            return self.anchor - TRIAL
        return after(self.anchor, self.offer.period, max(0, self.paid - 1))

    @property
    def ends_at(self) -> datetime.datetime:
        """When what is paid for (or the trial) ends."""
        return after(self.anchor, self.offer.period, self.paid)


@dataclass(frozen=True)
class Purchase:
    """A period to be paid for. `due` is its price less `credit`, in minor units."""

    reason: Reason
    offer: Offer
    anchor: datetime.datetime
    number: int
    credit: int = 0

    @property
    def starts_at(self) -> datetime.datetime:
        return after(self.anchor, self.offer.period, self.number)

    @property
    def ends_at(self) -> datetime.datetime:
        return after(self.anchor, self.offer.period, self.number + 1)

    @property
    def due(self) -> Money:
        return self.offer.price.less(self.credit)


def after(anchor: datetime.datetime, period: Period, number: int) -> datetime.datetime:
    """`number` periods after `anchor`, which alone decides on the day of the month."""
    month = anchor.month - 1 + period.months * number
    year, month = anchor.year + month // 12, month % 12 + 1
    day = min(anchor.day, calendar.monthrange(year, month)[1])
    return anchor.replace(year=year, month=month, day=day)


def status(subscription: Subscription, now: datetime.datetime) -> Status:
    """Until a payment has failed, a renewal that is late is our fault and costs nobody the plan."""
    if _end_of(subscription, now) is not None:
        return Status.ended
    if subscription.failures:
        return Status.grace
    return Status.trial if subscription.trial else Status.active


def is_entitled(subscription: Subscription, now: datetime.datetime) -> bool:
    """Whether the person has what the plan gives."""
    return status(subscription, now) is not Status.ended


def choose(
    subscription: Subscription | None, offer: Offer, now: datetime.datetime
) -> Subscription | Purchase:
    """What the person's choice leads to: a subscription as it then is, or something to pay first.

    None: the person never had one.
    """
    if subscription is None:
        return Subscription(offer, anchor=now + TRIAL, paid=0, trial=True)
    at = status(subscription, now)
    if at is Status.ended:
        return Purchase(Reason.start, offer, anchor=now, number=0)
    if _is_same(offer, subscription.offer):
        retry_at = now if at is Status.grace else None
        return replace(subscription, cancelled=False, following=None, retry_at=retry_at)
    if at is not Status.active:
        return _switched(subscription, offer, now)
    credit = _unused(subscription, now)
    if offer.outranks(subscription.offer) and offer.price.amount - credit >= LEAST_CHARGE:
        return Purchase(Reason.change, offer, anchor=now, number=0, credit=credit)
    return replace(subscription, cancelled=False, following=offer)


def _switched(subscription: Subscription, offer: Offer, now: datetime.datetime) -> Subscription:
    """With another offer in the place of one that nothing has been paid for."""
    return replace(
        subscription,
        offer=offer,
        anchor=subscription.ends_at,
        paid=0,
        cancelled=False,
        following=None,
        retry_at=now if subscription.failures else None,
    )


def cancel(subscription: Subscription, now: datetime.datetime) -> Subscription:
    """Nothing is charged from now on."""
    if status(subscription, now) is Status.grace:
        return replace(subscription, cancelled=True, following=None, ended_at=now)
    return replace(subscription, cancelled=True, following=None)


def renewal(subscription: Subscription, now: datetime.datetime) -> Purchase | None:
    """The payment that is due now, if one is."""
    if now < subscription.ends_at or subscription.cancelled:
        return None
    if _end_of(subscription, now) is not None:
        return None
    if subscription.retry_at is not None and now < subscription.retry_at:
        return None
    offer = subscription.following or subscription.offer
    if offer.period is subscription.offer.period:
        return Purchase(Reason.renewal, offer, subscription.anchor, subscription.paid)
    return Purchase(Reason.renewal, offer, subscription.ends_at, 0)


def fits(subscription: Subscription | None, purchase: Purchase) -> bool:
    """Whether the purchase still follows from the subscription, however late it is paid for."""
    if subscription is None:
        return purchase.reason is Reason.start
    if purchase.reason is Reason.renewal:
        return subscription.ends_at == purchase.starts_at
    return subscription.starts_at <= purchase.starts_at


def bought(subscription: Subscription | None, purchase: Purchase) -> Subscription:
    """The subscription once the purchase is paid for.

    Whoever cancelled while a renewal was being paid has what was paid for, and no more.
    """
    renewed = purchase.reason is Reason.renewal
    return Subscription(
        purchase.offer,
        anchor=purchase.anchor,
        paid=purchase.number + 1,
        cancelled=renewed and subscription is not None and subscription.cancelled,
    )


def declined(
    subscription: Subscription | None, purchase: Purchase, now: datetime.datetime
) -> Subscription | None:
    """The subscription once the payment has failed: only a renewal's failure changes it."""
    if subscription is None or purchase.reason is not Reason.renewal:
        return subscription
    if subscription.ends_at != purchase.starts_at or subscription.ended_at is not None:
        return subscription
    return replace(
        subscription,
        trial=False,
        failures=subscription.failures + 1,
        retry_at=now + RETRY_AFTER,
    )


def settled(subscription: Subscription, now: datetime.datetime) -> Subscription:
    """With its end written down, if it has come."""
    return replace(subscription, ended_at=_end_of(subscription, now))


def _end_of(subscription: Subscription, now: datetime.datetime) -> datetime.datetime | None:
    """When it ended, if it has."""
    if subscription.ended_at is not None:
        return subscription.ended_at
    end = None
    if subscription.cancelled:
        end = subscription.ends_at
    elif subscription.failures:
        end = subscription.ends_at + GRACE
    return end if end is not None and now >= end else None


def _is_same(one: Offer, other: Offer) -> bool:
    return (one.plan, one.period) == (other.plan, other.period)


def _unused(subscription: Subscription, now: datetime.datetime) -> int:
    """What the rest of the running period is worth, in minor units."""
    whole = subscription.ends_at - subscription.starts_at
    rest = max(subscription.ends_at - now, datetime.timedelta())
    return subscription.offer.price.share(rest // _MICROSECOND, whole // _MICROSECOND)
