"""Amounts of money: whole minor units (cents) of one currency, never fractions."""

from dataclasses import dataclass

CURRENCIES = ("EUR", "GBP", "USD")


class InvalidMoney(ValueError):
    """The amount is negative or no whole number, or the currency is none that plans are sold in."""


@dataclass(frozen=True)
class Money:
    """`amount` in minor units of `currency` (ISO 4217)."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int or self.amount < 0:
            raise InvalidMoney(f"an amount is a whole number of minor units, not {self.amount!r}")
        if self.currency not in CURRENCIES:
            raise InvalidMoney(f"the currency is one of {', '.join(CURRENCIES)}")

    def less(self, amount: int) -> "Money":
        """This without `amount`; raises `InvalidMoney` if it is less than that."""
        return Money(self.amount - amount, self.currency)

    def share(self, part: int, whole: int) -> int:
        """`part`/`whole` of it, rounded down to a minor unit."""
        return self.amount * part // whole

    def __str__(self) -> str:
        return f"{self.amount // 100}.{self.amount % 100:02} {self.currency}"
