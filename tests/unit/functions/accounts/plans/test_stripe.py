import datetime
import time
from dataclasses import replace
from typing import Any

import pytest

from functions.accounts.plans.money import Money
from functions.accounts.plans.offers import Period, Plan
from functions.accounts.plans.provider import (
    Account,
    BadSignature,
    CardEntered,
    Charge,
    ChargeEnded,
    Choice,
    Declined,
    NoWebhooks,
    Paid,
    PaymentsUnavailable,
    Refunded,
)
from functions.accounts.plans.stripe import StripePayments
from shared.errors import BadRequest
from tests.unit.functions.accounts.plans.stripe_events import (
    CHARGE_REFUNDED,
    CHECKOUT_COMPLETED,
    PAYMENT_FAILED,
    PAYMENT_SUCCEEDED,
    SECRET,
    FakeStripe,
    changed,
    signed,
)

CHARGE = Charge(
    id="the-charge",
    user_id="anna",
    amount=Money(999, "EUR"),
    account=Account("cus_1", "pm_1"),
    description="Cadenza premium, a month",
    asked_at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
)
CHOICE = Choice("anna", Plan.premium, Period.month, "EUR")


def payments(fake: FakeStripe, *, webhook_secret: str = SECRET) -> StripePayments:
    return StripePayments(
        secret_key="sk_test",
        webhook_secret=webhook_secret,
        return_url="https://music.example/account/plan",
        http_client=fake,
    )


@pytest.fixture
def fake() -> FakeStripe:
    return FakeStripe()


async def test_a_card_is_entered_on_stripes_page(fake: FakeStripe) -> None:
    url = await payments(fake).checkout(CHOICE)
    assert url == "https://checkout.stripe.com/c/pay/cs_test_a1"
    [(_, _, sent)] = fake.calls
    assert (sent["mode"], sent["metadata[plan]"]) == ("setup", "premium")


async def test_a_charge_is_paid_once_under_its_id(fake: FakeStripe) -> None:
    provider = payments(fake)
    outcomes = [await provider.charge(CHARGE), await provider.charge(CHARGE)]
    assert outcomes == [Paid("pi_1", "9.99 EUR charged by Stripe")] * 2
    assert list(fake.intents) == ["the-charge"]
    assert fake.calls[0][2]["off_session"] == "true"


async def test_a_declined_card_is_no_error(fake: FakeStripe) -> None:
    fake.decline = True
    assert await payments(fake).charge(CHARGE) == Declined("Your card was declined.")


async def test_without_a_card_nothing_is_charged(fake: FakeStripe) -> None:
    assert isinstance(await payments(fake).charge(replace(CHARGE, account=None)), Declined)
    assert fake.calls == []


async def test_a_lost_answer_leaves_it_open_and_is_found_again(fake: FakeStripe) -> None:
    provider = payments(fake)
    fake.loses_answers = True
    with pytest.raises(PaymentsUnavailable):
        await provider.charge(CHARGE)
    fake.loses_answers = False
    outcome = await provider.charge(replace(CHARGE, again=True))
    assert outcome == Paid("pi_1", "9.99 EUR charged by Stripe")
    assert [method for method, _, _ in fake.calls] == ["POST", "GET"]


async def test_what_never_arrived_is_charged_again(fake: FakeStripe) -> None:
    outcome = await payments(fake).charge(replace(CHARGE, again=True))
    assert isinstance(outcome, Paid)


async def test_an_outage_is_not_a_refusal(fake: FakeStripe) -> None:
    fake.away = True
    with pytest.raises(PaymentsUnavailable):
        await payments(fake).charge(CHARGE)


@pytest.mark.parametrize("customer", ["cus_1", "cus_gone"])
async def test_a_person_is_forgotten(fake: FakeStripe, customer: str) -> None:
    await payments(fake).forget(customer)
    assert fake.calls[0][:2] == ("DELETE", f"/v1/customers/{customer}")


async def test_webhooks_are_read(fake: FakeStripe) -> None:
    provider = payments(fake)
    entered = await provider.news(*signed(CHECKOUT_COMPLETED))
    assert entered.of == CardEntered(CHOICE, Account("cus_1", "pm_1"))
    succeeded = await provider.news(*signed(PAYMENT_SUCCEEDED))
    paid = Paid("pi_1", "9.99 EUR charged by Stripe")
    assert succeeded.of == ChargeEnded("the-charge", paid, Money(999, "EUR"))
    failed = await provider.news(*signed(PAYMENT_FAILED))
    declined = Declined("Your card has insufficient funds.", "pi_1")
    assert failed.of == ChargeEnded("the-charge", declined, Money(0, "EUR"))
    refunded = await provider.news(*signed(CHARGE_REFUNDED))
    assert refunded.of == Refunded("the-charge", "ch_1", Money(400, "EUR"))


@pytest.mark.parametrize(
    "event",
    [
        changed(PAYMENT_SUCCEEDED) | {"type": "customer.created"},
        changed(PAYMENT_SUCCEEDED, metadata={}),
        changed(CHECKOUT_COMPLETED, mode="payment"),
    ],
)
async def test_what_is_nothing_to_us_is_left_alone(fake: FakeStripe, event: Any) -> None:
    assert (await payments(fake).news(*signed(event))).of is None


BODY, HEADER = signed(PAYMENT_SUCCEEDED)


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (BODY.replace(b"999", b"100"), HEADER),
        (BODY, HEADER[:-1] + ("0" if HEADER[-1] != "0" else "1")),
        signed(PAYMENT_SUCCEEDED, secret="whsec_other"),
        signed(PAYMENT_SUCCEEDED, at=time.time() - 3600),
        (BODY, ""),
        (BODY, "t=,v1="),
        (BODY, "t=1"),
        (BODY, "<script>alert(1)</script>"),
        (BODY, HEADER.replace("v1=", "v0=")),
        (b"\xff\xfe", HEADER),
        (b"", HEADER),
    ],
    # Signatures are of the moment, and names of tests are not.
    ids=range(11),
)
async def test_a_signature_that_does_not_hold_is_refused(
    fake: FakeStripe, body: bytes, header: str
) -> None:
    with pytest.raises(BadSignature):
        await payments(fake).news(body, header)


async def test_an_empty_secret_does_not_mean_an_empty_key(fake: FakeStripe) -> None:
    body, _ = signed(PAYMENT_SUCCEEDED)
    _, header = signed(PAYMENT_SUCCEEDED, secret="")
    with pytest.raises(NoWebhooks):
        await payments(fake, webhook_secret="").news(body, header)


@pytest.mark.parametrize(
    "event",
    [
        changed(PAYMENT_SUCCEEDED, amount_received=-1),
        changed(PAYMENT_SUCCEEDED, amount_received=9.99),
        changed(PAYMENT_SUCCEEDED, amount_received="999"),
        changed(PAYMENT_SUCCEEDED, currency="xxx"),
        changed(CHECKOUT_COMPLETED, metadata={}),
        changed(CHECKOUT_COMPLETED, metadata=CHECKOUT_COMPLETED["data"]["object"]["metadata"]
                | {"plan": "platinum"}),
        changed(CHARGE_REFUNDED, amount_refunded=None),
        {"id": "evt_1"},
        [],
        "text",
    ],
)  # fmt: skip
async def test_an_event_that_cannot_be_read_is_refused(fake: FakeStripe, event: Any) -> None:
    with pytest.raises(BadRequest):
        await payments(fake).news(*signed(event))
