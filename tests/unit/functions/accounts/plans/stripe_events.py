"""Stripe's webhooks as they come, shortened to what is stable, and its API in memory."""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import stripe

SECRET = "whsec_test"

CHECKOUT_COMPLETED: dict[str, Any] = {
    "id": "evt_1PcheckoutCompleted",
    "object": "event",
    "api_version": "2026-10-28.endive",
    "created": 1767225600,
    "livemode": False,
    "pending_webhooks": 1,
    "request": {"id": None, "idempotency_key": None},
    "type": "checkout.session.completed",
    "data": {
        "object": {
            "id": "cs_test_a1",
            "object": "checkout.session",
            "client_reference_id": "anna",
            "currency": "eur",
            "customer": "cus_1",
            "metadata": {
                "user_id": "anna",
                "plan": "premium",
                "period": "month",
                "currency": "EUR",
            },
            "mode": "setup",
            "payment_status": "no_payment_required",
            "setup_intent": "seti_1",
            "status": "complete",
        }
    },
}

PAYMENT_SUCCEEDED: dict[str, Any] = {
    "id": "evt_1PpaymentSucceeded",
    "object": "event",
    "type": "payment_intent.succeeded",
    "data": {
        "object": {
            "id": "pi_1",
            "object": "payment_intent",
            "amount": 999,
            "amount_received": 999,
            "currency": "eur",
            "customer": "cus_1",
            "metadata": {"charge": "the-charge", "user_id": "anna"},
            "status": "succeeded",
        }
    },
}

PAYMENT_FAILED: dict[str, Any] = {
    "id": "evt_1PpaymentFailed",
    "object": "event",
    "type": "payment_intent.payment_failed",
    "data": {
        "object": {
            "id": "pi_1",
            "object": "payment_intent",
            "amount": 999,
            "amount_received": 0,
            "currency": "eur",
            "customer": "cus_1",
            "last_payment_error": {
                "code": "card_declined",
                "decline_code": "insufficient_funds",
                "message": "Your card has insufficient funds.",
                "type": "card_error",
            },
            "metadata": {"charge": "the-charge", "user_id": "anna"},
            "status": "requires_payment_method",
        }
    },
}

CHARGE_REFUNDED: dict[str, Any] = {
    "id": "evt_1PchargeRefunded",
    "object": "event",
    "type": "charge.refunded",
    "data": {
        "object": {
            "id": "ch_1",
            "object": "charge",
            "amount": 999,
            "amount_captured": 999,
            "amount_refunded": 400,
            "currency": "eur",
            "customer": "cus_1",
            "metadata": {"charge": "the-charge", "user_id": "anna"},
            "payment_intent": "pi_1",
            "refunded": False,
        }
    },
}


def changed(event: dict[str, Any], *, id: str = "", **fields: Any) -> dict[str, Any]:
    """The event with other fields in its object."""
    copy: dict[str, Any] = json.loads(json.dumps(event))
    copy["id"] = id or copy["id"]
    copy["data"]["object"].update(fields)
    return copy


def signed(
    event: dict[str, Any], *, secret: str = SECRET, at: float | None = None
) -> tuple[bytes, str]:
    """Body and `Stripe-Signature`, by the library's own scheme."""
    body = json.dumps(event)
    header: str = stripe.WebhookSignature.generate_signature_header(
        body, secret, int(at or time.time())
    )
    return body.encode(), header


class FakeStripe(stripe.HTTPClient):
    """Stripe's API. `decline` and `away` decide how charges end."""

    name = "fake"

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self.intents: dict[str, dict[str, Any]] = {}
        self.decline = False
        self.away = False
        # The answer is lost, after the payment was made.
        self.loses_answers = False

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        path, query = urlsplit(url).path, urlsplit(url).query
        sent = {name: values[0] for name, values in parse_qs(post_data or query).items()}
        self.calls.append((method.upper(), path, sent))
        if self.away:
            raise stripe.APIConnectionError("away", should_retry=False)  # type: ignore[no-untyped-call]
        status, answer = self._answer(method.upper(), path, sent, headers)
        if self.loses_answers and method.upper() == "POST":
            raise stripe.APIConnectionError("lost", should_retry=False)  # type: ignore[no-untyped-call]
        return json.dumps(answer).encode(), status, {}

    def sleep_async(self, secs: float) -> Any:
        raise AssertionError("nothing is tried again here")

    async def close_async(self) -> None:
        """Holds nothing."""

    def _answer(
        self, method: str, path: str, sent: dict[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        match method, path.split("/")[2:]:
            case "POST", ["checkout", "sessions"]:
                url = "https://checkout.stripe.com/c/pay/cs_test_a1"
                return 200, {"id": "cs_test_a1", "object": "checkout.session", "url": url}
            case "GET", ["setup_intents", id]:
                return 200, {"id": id, "object": "setup_intent", "payment_method": "pm_1"}
            case "POST", ["payment_intents"]:
                return self._intent(sent, headers["Idempotency-Key"])
            case "GET", ["payment_intents"]:
                found = list(self.intents.values())
                return 200, {"object": "list", "data": found, "has_more": False, "url": path}
            case "DELETE", ["customers", id]:
                if id == "cus_gone":
                    gone = {"code": "resource_missing", "message": "No such customer"}
                    return 404, {"error": {"type": "invalid_request_error", **gone}}
                return 200, {"id": id, "object": "customer", "deleted": True}
        raise AssertionError(f"{method} {path} is not expected")

    def _intent(self, sent: dict[str, str], key: str) -> tuple[int, dict[str, Any]]:
        if self.decline:
            refusal = {"code": "card_declined", "message": "Your card was declined."}
            return 402, {"error": {"type": "card_error", **refusal}}
        amount = int(sent["amount"])
        self.intents.setdefault(
            key,
            {
                "id": f"pi_{len(self.intents) + 1}",
                "object": "payment_intent",
                "amount": amount,
                "amount_received": amount,
                "currency": sent["currency"],
                "metadata": {"charge": sent["metadata[charge]"]},
                "status": "succeeded",
            },
        )
        return 200, self.intents[key]
