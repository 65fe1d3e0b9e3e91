"""What is sold: the plans, their periods and their prices."""

from dataclasses import dataclass
from enum import Enum

from functions.accounts.plans.money import Money


class Plan(str, Enum):
    """What a person may have, the lesser first."""

    free = "free"
    premium = "premium"
    family = "family"


class Period(str, Enum):
    """For how long a payment holds."""

    month = "month"
    year = "year"

    @property
    def months(self) -> int:
        return 12 if self is Period.year else 1


@dataclass(frozen=True)
class Offer:
    """A paid plan for a period at a price."""

    plan: Plan
    period: Period
    price: Money

    def outranks(self, other: "Offer") -> bool:
        """Whether it is a greater plan, or the same one for longer."""
        return self._rank > other._rank

    @property
    def _rank(self) -> tuple[int, int]:
        return list(Plan).index(self.plan), self.period.months


# Minor units. A year costs ten months.
_MONTHLY = {
    Plan.premium: {"EUR": 999, "GBP": 899, "USD": 999},
    Plan.family: {"EUR": 1599, "GBP": 1499, "USD": 1599},
}
_MONTHS_CHARGED_A_YEAR = 10

_EURO = frozenset(
    [
        "AT", "BE", "BG", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU",
        "LV", "MT", "NL", "PT", "SI", "SK",
    ]
)  # fmt: skip
_POUND = frozenset({"GB"})


def offer(plan: Plan, period: Period, currency: str) -> Offer:
    """The offer as it is sold now; raises `KeyError` for the free plan, which is not sold."""
    months = _MONTHS_CHARGED_A_YEAR if period is Period.year else 1
    return Offer(plan, period, Money(_MONTHLY[plan][currency] * months, currency))


def offers(currency: str) -> list[Offer]:
    """All that is sold in a currency."""
    return [offer(plan, period, currency) for plan in _MONTHLY for period in Period]


def currency_of(country: str) -> str:
    """What a person in that country (ISO 3166, or "") pays in."""
    if country in _EURO:
        return "EUR"
    return "GBP" if country in _POUND else "USD"
