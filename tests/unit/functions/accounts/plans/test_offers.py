import itertools

import pytest

from functions.accounts.plans.money import CURRENCIES
from functions.accounts.plans.offers import Period, Plan, currency_of, offer, offers


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_greater_offer_costs_more(currency: str) -> None:
    for one, other in itertools.permutations(offers(currency), 2):
        if one.outranks(other) and one.period is other.period:
            assert one.price.amount > other.price.amount
        assert one.outranks(other) != other.outranks(one)


def test_the_free_plan_is_not_sold() -> None:
    with pytest.raises(KeyError):
        offer(Plan.free, Period.month, "EUR")


@pytest.mark.parametrize(
    ("country", "currency"), [("DE", "EUR"), ("GB", "GBP"), ("US", "USD"), ("", "USD")]
)
def test_a_country_has_a_currency(country: str, currency: str) -> None:
    assert currency_of(country) == currency
