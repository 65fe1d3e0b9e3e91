"""The seam to whoever moves the money. Periods and prices are ours; a provider only charges."""

import datetime
from dataclasses import dataclass, field
from typing import Protocol

from functions.accounts.plans.money import Money
from functions.accounts.plans.offers import Period, Plan
from shared.errors import ApiError, BadRequest, Unavailable


class PaymentsUnavailable(Unavailable):
    """Whether the payment was made is not known: ask again, for the same charge."""

    def __init__(self) -> None:
        super().__init__("Payments are not available for now; try again", retry_after_s=10)


class BadSignature(BadRequest):
    """The webhook was not sent by the provider, or long ago."""


class NoWebhooks(ApiError):
    """This provider tells nothing by itself."""

    status = 404


@dataclass(frozen=True)
class Account:
    """The provider's own names for a person and for their card."""

    customer: str
    method: str


@dataclass(frozen=True)
class Choice:
    """A plan that a person chose, to be remembered while they enter a card."""

    user_id: str
    plan: Plan
    period: Period
    currency: str


@dataclass(frozen=True)
class Charge:
    """A payment to be made. The same `id` is never paid twice."""

    id: str
    user_id: str
    amount: Money
    account: Account | None
    description: str
    asked_at: datetime.datetime
    # It was asked for before, and how that ended is not known.
    again: bool = False


@dataclass(frozen=True)
class Paid:
    """The money has moved. `reference` is the provider's own name for the payment."""

    reference: str
    receipt: str


@dataclass(frozen=True)
class Declined:
    """No money has moved; `reason` is for the person."""

    reason: str
    reference: str = ""


@dataclass(frozen=True)
class Pending:
    """The provider will tell by a webhook."""


Outcome = Paid | Declined | Pending


@dataclass(frozen=True)
class CardEntered:
    """News: the person who made a choice can be charged now."""

    choice: Choice
    account: Account


@dataclass(frozen=True)
class ChargeEnded:
    """News: how a charge ended. `amount` is what has moved."""

    charge: str
    outcome: Paid | Declined
    amount: Money


@dataclass(frozen=True)
class Refunded:
    """News: `total` of a charge has been given back so far."""

    charge: str
    reference: str
    total: Money


@dataclass(frozen=True)
class News:
    """What a webhook tells. `of` is None where it is nothing to us."""

    id: str
    type: str
    of: CardEntered | ChargeEnded | Refunded | None = field(default=None)


class PaymentProvider(Protocol):
    """Who charges. Errors of the network are `PaymentsUnavailable`."""

    @property
    def name(self) -> str: ...

    @property
    def note(self) -> str:
        """What a person who is about to choose a plan should know, or ""."""
        ...

    async def checkout(self, choice: Choice) -> str | None:
        """The address of the page where a card is entered; None if none is needed."""
        ...

    async def charge(self, charge: Charge) -> Outcome: ...

    async def forget(self, customer: str) -> None:
        """Erases the person there. Once is as good as twice."""
        ...

    async def news(self, body: bytes, signature: str) -> News:
        """What a webhook tells; raises `BadSignature`, `BadRequest` or `NoWebhooks`."""
        ...
