import datetime

import pytest

from functions.accounts.plans.local import NOTE, LocalPayments
from functions.accounts.plans.money import Money
from functions.accounts.plans.offers import Period, Plan
from functions.accounts.plans.provider import Charge, Choice, NoWebhooks, Paid
from functions.accounts.plans.providers import provider_of
from functions.accounts.plans.stripe import StripePayments

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


async def test_every_receipt_says_that_no_money_has_moved() -> None:
    charge = Charge("c", "anna", Money(999, "EUR"), None, "Cadenza premium, a month", NOW)
    outcome = await LocalPayments().charge(charge)
    assert isinstance(outcome, Paid)
    assert outcome.receipt.startswith(NOTE)
    assert "9.99 EUR would have been charged" in outcome.receipt


async def test_no_card_is_asked_for_and_no_webhook_taken() -> None:
    local = LocalPayments()
    assert await local.checkout(Choice("anna", Plan.premium, Period.month, "EUR")) is None
    with pytest.raises(NoWebhooks):
        await local.news(b"{}", "")


def test_a_key_decides_on_the_provider() -> None:
    assert isinstance(provider_of(stripe_secret_key=""), LocalPayments)
    assert isinstance(provider_of(stripe_secret_key="sk_test"), StripePayments)
