import datetime
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.plans import model
from functions.accounts.plans.model import (
    GRACE,
    LEAST_CHARGE,
    TRIAL,
    Purchase,
    Reason,
    Status,
    Subscription,
)
from functions.accounts.plans.offers import Offer, Period, Plan, offer

START = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
PREMIUM = offer(Plan.premium, Period.month, "EUR")
PREMIUM_YEAR = offer(Plan.premium, Period.year, "EUR")
FAMILY = offer(Plan.family, Period.month, "EUR")
FAMILY_YEAR = offer(Plan.family, Period.year, "EUR")
OFFERS = (PREMIUM, PREMIUM_YEAR, FAMILY, FAMILY_YEAR)
PAID = Subscription(PREMIUM, anchor=START, paid=1)


class Person:
    """Lives under the model as `Billing` applies it, and keeps what was charged."""

    def __init__(self) -> None:
        self.now = START
        self.subscription: Subscription | None = None
        self.charged: list[tuple[Purchase, datetime.datetime]] = []

    def choose(self, wanted: Offer, pays: bool) -> None:
        chosen = model.choose(self.subscription, wanted, self.now)
        if isinstance(chosen, Purchase):
            self.pay(chosen, pays)
        else:
            self.subscription = chosen

    def cancel(self) -> None:
        if self.subscription and model.is_entitled(self.subscription, self.now):
            self.subscription = model.cancel(self.subscription, self.now)

    def tick(self, pays: bool) -> None:
        for _ in range(50):
            if self.subscription is None:
                return
            self.subscription = model.settled(self.subscription, self.now)
            purchase = model.renewal(self.subscription, self.now)
            if purchase is None or not self.pay(purchase, pays):
                return

    def pay(self, purchase: Purchase, pays: bool) -> bool:
        if pays:
            self.charged.append((purchase, self.now))
            self.subscription = model.bought(self.subscription, purchase)
        else:
            self.subscription = model.declined(self.subscription, purchase, self.now)
        return pays


LIVES = st.lists(
    st.one_of(
        st.tuples(st.just("choose"), st.sampled_from(OFFERS), st.booleans()),
        st.tuples(st.just("cancel"), st.none(), st.none()),
        st.tuples(st.just("tick"), st.none(), st.booleans()),
        st.tuples(st.just("wait"), st.integers(0, 400 * 24 * 60), st.none()),
    ),
    max_size=25,
)


@given(LIVES)
def test_whatever_happens_nobody_is_charged_wrongly(
    life: list[tuple[str, Offer | int | None, bool | None]],
) -> None:
    person = Person()
    for what, value, pays in life:
        was_cancelled = person.subscription is not None and person.subscription.cancelled
        charged = len(person.charged)
        # What one person asks for is done one after the other, never at one instant.
        person.now += datetime.timedelta(microseconds=1)
        if isinstance(value, int):
            person.now += datetime.timedelta(minutes=value)
        elif isinstance(value, Offer):
            person.choose(value, bool(pays))
        elif what == "cancel":
            person.cancel()
        else:
            person.tick(bool(pays))
            assert not (was_cancelled and len(person.charged) > charged)
    check(person.charged)


def check(charged: list[tuple[Purchase, datetime.datetime]]) -> None:
    """Periods start one after the other; they overlap only where the rest is credited."""
    for (earlier, _), (later, _) in itertools.pairwise(charged):
        assert later.starts_at > earlier.starts_at
        if later.starts_at < earlier.ends_at:
            assert later.reason is Reason.change
            worth = earlier.offer.price.amount * (earlier.ends_at - later.starts_at)
            assert later.credit == worth // (earlier.ends_at - earlier.starts_at)
    for purchase, at in charged:
        assert purchase.starts_at <= at
        assert LEAST_CHARGE <= purchase.due.amount <= purchase.offer.price.amount


@given(
    st.sampled_from(OFFERS),
    st.datetimes(
        datetime.datetime(2020, 1, 1),  # noqa: DTZ001  # the strategy adds the zone
        datetime.datetime(2040, 1, 1),  # noqa: DTZ001  # likewise
        timezones=st.just(datetime.UTC),
    ),
    st.integers(1, 40),
)
def test_periods_follow_each_other_without_a_gap(
    sold: Offer, anchor: datetime.datetime, renewals: int
) -> None:
    subscription = Subscription(sold, anchor=anchor, paid=1)
    for _ in range(renewals):
        end = subscription.ends_at
        purchase = model.renewal(subscription, end)
        assert purchase is not None
        assert purchase.starts_at == end
        subscription = model.bought(subscription, purchase)
        assert subscription.starts_at == end
        assert model.renewal(subscription, end) is None
    assert subscription.ends_at == model.after(anchor, sold.period, renewals + 1)


def test_the_last_day_of_a_month_comes_back() -> None:
    ends = [model.after(START, Period.month, number).date().isoformat() for number in range(4)]
    assert ends == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    leap = datetime.datetime(2028, 2, 29, tzinfo=datetime.UTC)
    assert model.after(leap, Period.year, 1).date().isoformat() == "2029-02-28"
    assert model.after(leap, Period.year, 4).date().isoformat() == "2032-02-29"


def test_the_first_subscription_begins_with_a_trial() -> None:
    trial = model.choose(None, PREMIUM, START)
    assert isinstance(trial, Subscription)
    assert model.status(trial, START) is Status.trial
    assert (trial.starts_at, trial.ends_at) == (START, START + TRIAL)
    assert model.renewal(trial, START + TRIAL - DAY) is None
    purchase = model.renewal(trial, START + TRIAL)
    assert purchase is not None
    assert (purchase.starts_at, purchase.due) == (START + TRIAL, PREMIUM.price)


def test_there_is_no_second_trial() -> None:
    ended = replace(PAID, ended_at=START)
    bought = model.choose(ended, FAMILY, START + DAY)
    assert isinstance(bought, Purchase)
    assert (bought.reason, bought.due, bought.starts_at) == (
        Reason.start,
        FAMILY.price,
        START + DAY,
    )


def test_a_change_during_the_trial_costs_nothing_and_lengthens_nothing() -> None:
    trial = model.choose(None, PREMIUM, START)
    assert isinstance(trial, Subscription)
    changed = model.choose(trial, FAMILY_YEAR, START + DAY)
    assert changed == replace(trial, offer=FAMILY_YEAR)


def test_a_cancelled_trial_is_never_charged() -> None:
    trial = model.choose(None, PREMIUM, START)
    assert isinstance(trial, Subscription)
    cancelled = model.cancel(trial, START + DAY)
    assert model.is_entitled(cancelled, START + TRIAL - DAY)
    assert not model.is_entitled(cancelled, START + TRIAL)
    assert model.renewal(cancelled, START + TRIAL) is None


def test_a_greater_plan_comes_at_once_less_what_is_unused() -> None:
    half = START + (PAID.ends_at - START) / 2
    purchase = model.choose(PAID, FAMILY, half)
    assert isinstance(purchase, Purchase)
    assert purchase.credit == PREMIUM.price.amount // 2
    assert purchase.due.amount == FAMILY.price.amount - PREMIUM.price.amount // 2
    assert (purchase.starts_at, purchase.reason) == (half, Reason.change)


@pytest.mark.parametrize("wanted", [PREMIUM, PREMIUM_YEAR, FAMILY])
def test_a_lesser_plan_comes_at_the_periods_end(wanted: Offer) -> None:
    paid = Subscription(FAMILY_YEAR, anchor=START, paid=1)
    later = model.choose(paid, wanted, START + DAY)
    assert later == replace(paid, following=wanted)
    assert isinstance(later, Subscription)
    purchase = model.renewal(later, paid.ends_at)
    assert purchase is not None
    assert (purchase.offer, purchase.starts_at) == (wanted, paid.ends_at)


def test_a_change_that_would_leave_nothing_to_pay_waits() -> None:
    paid = Subscription(PREMIUM_YEAR, anchor=START, paid=1)
    assert model.choose(paid, FAMILY, START + DAY) == replace(paid, following=FAMILY)


def test_the_same_choice_takes_a_cancellation_back() -> None:
    cancelled = model.cancel(PAID, START + DAY)
    assert model.choose(cancelled, PREMIUM, START + 2 * DAY) == PAID


def test_a_failed_renewal_is_tried_daily_until_the_grace_is_over() -> None:
    subscription: Subscription | None = PAID
    end = PAID.ends_at
    tried = 0
    for hour in range(24 * 9):
        now = end + datetime.timedelta(hours=hour)
        assert subscription is not None
        purchase = model.renewal(subscription, now)
        assert model.is_entitled(subscription, now) == (now < end + GRACE)
        if purchase is not None:
            tried += 1
            subscription = model.declined(subscription, purchase, now)
    assert tried == 7
    assert subscription is not None
    assert model.settled(subscription, end + 9 * DAY).ended_at == end + GRACE


def test_a_payment_within_the_grace_pays_for_the_period_from_its_start() -> None:
    purchase = model.renewal(PAID, PAID.ends_at)
    assert purchase is not None
    owing = model.declined(PAID, purchase, PAID.ends_at)
    assert owing is not None
    assert model.status(owing, PAID.ends_at + DAY) is Status.grace
    again = model.renewal(owing, PAID.ends_at + DAY)
    assert again is not None
    assert again.starts_at == PAID.ends_at
    paid = model.bought(owing, again)
    assert (paid.failures, paid.retry_at, paid.starts_at) == (0, None, PAID.ends_at)


def test_a_change_within_the_grace_is_charged_for_the_whole_period() -> None:
    purchase = model.renewal(PAID, PAID.ends_at)
    assert purchase is not None
    owing = model.declined(PAID, purchase, PAID.ends_at)
    changed = model.choose(owing, FAMILY, PAID.ends_at + DAY)
    assert isinstance(changed, Subscription)
    due = model.renewal(changed, PAID.ends_at + DAY)
    assert due is not None
    assert (due.starts_at, due.due) == (PAID.ends_at, FAMILY.price)
    assert not model.is_entitled(changed, PAID.ends_at + GRACE)


def test_the_same_choice_within_the_grace_tries_the_payment_again() -> None:
    end = PAID.ends_at
    owing = replace(PAID, failures=1, retry_at=end + DAY)
    assert model.renewal(owing, end + DAY / 2) is None
    again = model.choose(owing, PREMIUM, end + DAY / 2)
    assert isinstance(again, Subscription)
    assert model.renewal(again, end + DAY / 2) == model.renewal(PAID, end)


def test_what_no_longer_follows_is_not_taken_for_a_purchase() -> None:
    renewal = model.renewal(PAID, PAID.ends_at)
    assert renewal is not None
    assert model.fits(PAID, renewal)
    assert not model.fits(model.bought(PAID, renewal), renewal)
    upgraded = Subscription(FAMILY, anchor=START + DAY, paid=1)
    assert not model.fits(upgraded, renewal)
    assert not model.fits(upgraded, Purchase(Reason.change, FAMILY_YEAR, START, 0))


def test_a_cancellation_within_the_grace_ends_at_once() -> None:
    owing = replace(PAID, failures=1)
    cancelled = model.cancel(owing, PAID.ends_at + DAY)
    assert not model.is_entitled(cancelled, PAID.ends_at + DAY)


def test_a_late_renewal_costs_nobody_the_plan() -> None:
    late = PAID.ends_at + 70 * DAY
    assert model.is_entitled(PAID, late)
    first = model.renewal(PAID, late)
    assert first is not None
    second = model.renewal(model.bought(PAID, first), late)
    assert second is not None
    assert (first.starts_at, second.starts_at) == (PAID.ends_at, first.ends_at)


def test_who_cancels_while_a_renewal_is_paid_stays_cancelled() -> None:
    purchase = model.renewal(PAID, PAID.ends_at)
    assert purchase is not None
    paid = model.bought(replace(PAID, cancelled=True), purchase)
    assert model.renewal(paid, paid.ends_at) is None
    assert model.is_entitled(paid, paid.ends_at - DAY)
