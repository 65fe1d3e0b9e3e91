import datetime
from dataclasses import replace

import pytest

from functions.accounts.pages.summaries import sentence
from functions.accounts.plans.model import Subscription
from functions.accounts.plans.offers import Period, Plan, offer

NOW = datetime.datetime(2026, 3, 20, tzinfo=datetime.UTC)
PREMIUM = Subscription(
    offer(Plan.premium, Period.month, "EUR"),
    anchor=datetime.datetime(2026, 3, 12, tzinfo=datetime.UTC),
    paid=1,
)


@pytest.mark.parametrize(
    ("subscription", "said"),
    [
        (PREMIUM, "9.99 EUR a month; renews on 12 April 2026."),
        (replace(PREMIUM, cancelled=True), "Cancelled: it ends on 12 April 2026."),
        (
            replace(PREMIUM, paid=0, trial=True, anchor=PREMIUM.ends_at),
            "On trial until 12 April 2026, then 9.99 EUR a month.",
        ),
        (
            replace(PREMIUM, following=offer(Plan.family, Period.year, "EUR")),
            "Goes on as Family on 12 April 2026, for 159.90 EUR a year.",
        ),
    ],
)
def test_what_a_plan_costs_and_what_comes_next(subscription: Subscription, said: str) -> None:
    assert sentence(subscription, NOW) == said


def test_a_failed_payment() -> None:
    at = PREMIUM.ends_at + datetime.timedelta(hours=1)

    assert "The last payment of 9.99 EUR a month failed" in sentence(
        replace(PREMIUM, failures=1), at
    )
