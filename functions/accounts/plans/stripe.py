"""Payments with Stripe: cards are entered on its own pages, and charged off-session when due.

Stripe's subscriptions are not used: there would be two opinions on what a person has. A charge's
id is the idempotency key, and lies in the payment intent's metadata, by which it is found again.

Reference: https://docs.stripe.com/payments/save-and-reuse and https://docs.stripe.com/webhooks.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from functions.accounts.plans.money import InvalidMoney, Money
from functions.accounts.plans.offers import Period, Plan
from functions.accounts.plans.provider import (
    Account,
    BadSignature,
    CardEntered,
    Charge,
    ChargeEnded,
    Choice,
    Declined,
    News,
    NoWebhooks,
    Outcome,
    Paid,
    PaymentsUnavailable,
    Pending,
    Refunded,
)
from shared.errors import BadRequest

if TYPE_CHECKING:
    import stripe

_TIMEOUT_S = 15.0
_RETRIES = 2
# Between our clock and Stripe's.
_SKEW_S = 300
_NOT_PAID = {"requires_payment_method", "canceled"}


class StripePayments:
    """`http_client` stands in for the network in tests; `webhook_secret` is "" where none come."""

    name = "stripe"
    note = ""

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secret: str,
        return_url: str,
        http_client: "stripe.HTTPClient | None" = None,
    ) -> None:
        self._secret_key = secret_key
        self._webhook_secret = webhook_secret
        self._return_url = return_url
        self._http_client = http_client
        self._connected: stripe.StripeClient | None = None

    async def checkout(self, choice: Choice) -> str | None:
        with _errors():
            session = await (await self._client()).v1.checkout.sessions.create_async(
                {
                    "mode": "setup",
                    "currency": choice.currency.lower(),
                    "customer_creation": "always",
                    "allowed_payment_method_types": ["card"],
                    "client_reference_id": choice.user_id,
                    "metadata": {
                        "user_id": choice.user_id,
                        "plan": choice.plan.value,
                        "period": choice.period.value,
                        "currency": choice.currency,
                    },
                    "success_url": f"{self._return_url}?checkout=done",
                    "cancel_url": f"{self._return_url}?checkout=cancelled",
                }
            )
        return session.url

    async def charge(self, charge: Charge) -> Outcome:
        if charge.account is None:
            return Declined("There is no card to charge")
        if charge.again and (known := await self._find(charge, charge.account)):
            return known
        return await self._charge(charge, charge.account)

    async def forget(self, customer: str) -> None:
        import stripe

        with _errors():
            try:
                await (await self._client()).v1.customers.delete_async(customer)
            except stripe.InvalidRequestError as error:
                if error.code != "resource_missing":
                    raise

    async def news(self, body: bytes, signature: str) -> News:
        if not self._webhook_secret:
            raise NoWebhooks("Service not found")
        import stripe

        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(
                text, signature, self._webhook_secret, stripe.Webhook.DEFAULT_TOLERANCE
            )
        except (stripe.SignatureVerificationError, ValueError, IndexError) as error:
            raise BadSignature("The signature does not hold") from error
        return await self._read(text)

    async def _read(self, text: str) -> News:
        try:
            event = json.loads(text)
            id, type, thing = str(event["id"]), str(event["type"]), event["data"]["object"]
            match type:
                case "checkout.session.completed" if thing["mode"] == "setup":
                    return News(id, type, await self._card_entered(thing))
                case "payment_intent.succeeded" if "charge" in thing["metadata"]:
                    return News(id, type, _succeeded(thing))
                case "payment_intent.payment_failed" if "charge" in thing["metadata"]:
                    return News(id, type, _failed(thing))
                case "charge.refunded" if "charge" in thing["metadata"]:
                    return News(id, type, _refunded(thing))
        except (KeyError, TypeError, ValueError, InvalidMoney) as error:
            raise BadRequest(f"Not an event that can be read: {error!r}") from error
        return News(id, type)

    async def _card_entered(self, thing: dict[str, Any]) -> CardEntered:
        metadata = thing["metadata"]
        choice = Choice(
            user_id=str(metadata["user_id"]),
            plan=Plan(metadata["plan"]),
            period=Period(metadata["period"]),
            currency=Money(0, metadata["currency"]).currency,
        )
        with _errors():
            setup = await (await self._client()).v1.setup_intents.retrieve_async(
                str(thing["setup_intent"])
            )
        return CardEntered(choice, Account(str(thing["customer"]), str(setup.payment_method)))

    async def _charge(self, charge: Charge, account: Account) -> Outcome:
        import stripe

        with _errors():
            try:
                intent = await (await self._client()).v1.payment_intents.create_async(
                    {
                        "amount": charge.amount.amount,
                        "currency": charge.amount.currency.lower(),
                        "customer": account.customer,
                        "payment_method": account.method,
                        "allowed_payment_method_types": ["card"],
                        "off_session": True,
                        "confirm": True,
                        "description": charge.description,
                        "metadata": {"charge": charge.id, "user_id": charge.user_id},
                    },
                    {"idempotency_key": charge.id},
                )
            except stripe.CardError as error:
                return Declined(error.user_message or "The card was declined")
            except stripe.InvalidRequestError as error:
                if error.code != "resource_missing":
                    raise
                return Declined("The card is no longer known")
        return _outcome(intent)

    async def _find(self, charge: Charge, account: Account) -> Outcome | None:
        """How the charge ended when it was asked for before; None if it never reached Stripe."""
        since = int(charge.asked_at.timestamp()) - _SKEW_S
        with _errors():
            intents = await (await self._client()).v1.payment_intents.list_async(
                {"customer": account.customer, "created": {"gte": since}, "limit": 100}
            )
            async for intent in intents.auto_paging_iter():
                if "charge" in intent.metadata and intent.metadata["charge"] == charge.id:
                    return _outcome(intent)
        return None

    async def _client(self) -> "stripe.StripeClient":
        if self._connected is None:
            # Most of a second: other calls are being answered meanwhile.
            self._connected = await asyncio.to_thread(self._connect)
        return self._connected

    def _connect(self) -> "stripe.StripeClient":
        import stripe

        return stripe.StripeClient(
            self._secret_key,
            max_network_retries=_RETRIES,
            http_client=self._http_client or stripe.HTTPXClient(timeout=_TIMEOUT_S),
        )


@contextmanager
def _errors() -> Iterator[None]:
    """Turns what leaves the outcome open into `PaymentsUnavailable`."""
    import stripe

    try:
        yield
    except stripe.StripeError as error:
        raise PaymentsUnavailable from error


def _outcome(intent: "stripe.PaymentIntent") -> Outcome:
    if intent.status == "succeeded":
        return Paid(intent.id, _receipt(intent.amount_received, intent.currency))
    if intent.status in _NOT_PAID:
        return Declined("The card was declined", intent.id)
    if intent.status == "requires_action":
        return Declined("The bank wants to be asked: enter the card again", intent.id)
    return Pending()


def _receipt(amount: int, currency: str) -> str:
    return f"{Money(amount, currency.upper())} charged by Stripe"


def _succeeded(thing: dict[str, Any]) -> ChargeEnded:
    amount = Money(thing["amount_received"], str(thing["currency"]).upper())
    paid = Paid(str(thing["id"]), _receipt(amount.amount, amount.currency))
    return ChargeEnded(str(thing["metadata"]["charge"]), paid, amount)


def _failed(thing: dict[str, Any]) -> ChargeEnded:
    error = thing.get("last_payment_error") or {}
    declined = Declined(str(error.get("message") or "The card was declined"), str(thing["id"]))
    amount = Money(0, str(thing["currency"]).upper())
    return ChargeEnded(str(thing["metadata"]["charge"]), declined, amount)


def _refunded(thing: dict[str, Any]) -> Refunded:
    total = Money(thing["amount_refunded"], str(thing["currency"]).upper())
    return Refunded(str(thing["metadata"]["charge"]), str(thing["id"]), total)
