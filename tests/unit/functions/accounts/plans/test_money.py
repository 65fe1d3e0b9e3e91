from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.plans.money import CURRENCIES, InvalidMoney, Money

AMOUNTS = st.integers(0, 10**9)


@pytest.mark.parametrize("amount", [-1, 1.5, float("nan"), float("inf"), "1", None, True])
def test_an_amount_is_a_whole_number_of_minor_units(amount: Any) -> None:
    with pytest.raises(InvalidMoney):
        Money(amount, "EUR")


@pytest.mark.parametrize("currency", ["", "eur", "XXX", "€", "EUR ", "'; DROP TABLE users", None])
def test_a_currency_is_one_that_plans_are_sold_in(currency: Any) -> None:
    with pytest.raises(InvalidMoney):
        Money(1, currency)


@given(AMOUNTS, st.sampled_from(CURRENCIES), st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_share_is_rounded_down(amount: int, currency: str, part: int, whole: int) -> None:
    part = min(part, whole)
    share = Money(amount, currency).share(part, whole)
    assert share * whole <= amount * part < (share + 1) * whole


@given(AMOUNTS, AMOUNTS)
def test_no_more_can_be_taken_than_there_is(amount: int, taken: int) -> None:
    if taken <= amount:
        assert Money(amount, "USD").less(taken).amount == amount - taken
    else:
        with pytest.raises(InvalidMoney):
            Money(amount, "USD").less(taken)


def test_it_is_written_with_two_decimals() -> None:
    assert str(Money(1005, "GBP")) == "10.05 GBP"
