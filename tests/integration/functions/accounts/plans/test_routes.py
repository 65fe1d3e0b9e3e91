import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from functions.accounts.plans.local import NOTE, LocalPayments
from functions.accounts.plans.stripe import StripePayments
from tests.integration.functions.accounts.plans.world import OWN_APP, World, bearer
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

NASTY = ["'; DROP TABLE users; --", "<script>alert(1)</script>", "\0", "𝔭𝔯𝔢𝔪𝔦𝔲𝔪", "premium "]
PREMIUM = {"plan": "premium", "period": "month"}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.with_provider(LocalPayments()).client() as client:
        client.headers.update(bearer("anna"))
        yield client


@pytest.fixture
def fake() -> FakeStripe:
    return FakeStripe()


@pytest.fixture
async def stripe_world(world: World, fake: FakeStripe) -> World:
    return world.with_provider(
        StripePayments(
            secret_key="sk_test",
            webhook_secret=SECRET,
            return_url="https://music.example/account/plan",
            http_client=fake,
        )
    )


@pytest.fixture
async def stripe_client(stripe_world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with stripe_world.client() as client:
        client.headers.update(bearer("anna"))
        yield client


async def tell(client: httpx.AsyncClient, event: dict[str, Any]) -> httpx.Response:
    body, signature = signed(event)
    return await client.post(
        "/webhooks/stripe", content=body, headers={"Stripe-Signature": signature}
    )


async def test_from_free_to_premium_to_cancelled(client: httpx.AsyncClient) -> None:
    free = (await client.get("/v1/me/plan")).json()
    assert (free["plan"], free["product"], free["trial_available"]) == ("free", "free", True)
    assert free["note"] == NOTE
    assert {offer["currency"] for offer in free["offers"]} == {"EUR"}
    premium = await client.put("/v1/me/plan", json=PREMIUM)
    assert premium.status_code == 200
    assert premium.json()["product"] == "premium"
    subscription = premium.json()["subscription"]
    assert subscription["status"] == "trial"
    assert subscription["renews_at"] == "2026-03-02T12:00:00Z"
    cancelled = (await client.delete("/v1/me/plan")).json()
    assert cancelled["plan"] == "premium"
    assert cancelled["subscription"]["ends_at"] == "2026-03-02T12:00:00Z"
    assert "renews_at" not in cancelled["subscription"]
    assert (await client.put("/v1/me/plan", json={"plan": "free"})).status_code == 200


async def test_every_payment_is_on_the_list_with_its_receipt(
    client: httpx.AsyncClient, world: World
) -> None:
    await client.put("/v1/me/plan", json=PREMIUM | {"currency": "GBP"})
    world.clock.move(days=100)
    await world.with_provider(LocalPayments()).tick()
    page = (await client.get("/v1/me/plan/payments?limit=2")).json()
    assert (page["total"], len(page["items"])) == (3, 2)
    item = page["items"][0]
    assert (item["status"], item["amount"], item["currency"]) == ("succeeded", 899, "GBP")
    assert item["receipt"].startswith(NOTE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"plan": "platinum"}',
        b'{"plan": "premium", "period": "day"}',
        b'{"plan": "premium", "period": 1}',
        b'{"plan": "premium", "currency": "XXX"}',
        b'{"plan": "premium", "currency": "eur"}',
        b'{"plan": "premium", "currency": 978}',
        b'{"plan": "premium", "amount": 1}',
        b'{"plan": "premium", "user_id": "ben"}',
        *(b'{"plan": "%s"}' % nasty.replace("\0", "\\u0000").encode() for nasty in NASTY),
        *(
            b'{"plan": "premium", "currency": "%s"}' % nasty.replace("\0", "\\u0000").encode()
            for nasty in NASTY
        ),
    ],
)
async def test_a_bad_choice_changes_nothing(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.put("/v1/me/plan", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == 400
    assert (await client.get("/v1/me/plan")).json()["plan"] == "free"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/me/plan"),
        ("POST", "/v1/me/family/invitations/accept"),
        ("POST", "/webhooks/stripe"),
    ],
)
async def test_a_body_of_more_than_a_megabyte_is_refused(
    stripe_client: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await stripe_client.request(method, path, content=b" " * (1024 * 1024 + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/me/plan"),
        ("DELETE", "/v1/me/plan"),
        ("GET", "/v1/me/plan/payments"),
        ("GET", "/v1/me/family"),
        ("POST", "/v1/me/family/invitations"),
        ("POST", "/v1/me/family/invitations/accept"),
        ("DELETE", "/v1/me/family/invitations/x"),
        ("DELETE", "/v1/me/family/members/me"),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [bearer("anna", "somebodys-app"), bearer(OWN_APP, OWN_APP), bearer("anna", scopes="other")],
)
async def test_other_apps_may_not_spend_a_persons_money(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await client.request(method, path, headers=headers, json=PREMIUM)
    assert answer.status_code == 403


async def test_an_app_may_read_the_plan_with_the_scope(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/me/plan", headers=bearer("anna", "app"))).status_code == 200
    nobody = await client.get("/v1/me/plan", headers=bearer("app", "app"))
    assert nobody.status_code == 403


async def test_without_stripe_there_is_no_webhook(client: httpx.AsyncClient) -> None:
    assert (await tell(client, CHECKOUT_COMPLETED)).status_code == 404


async def test_a_card_is_entered_before_a_plan_begins(
    stripe_client: httpx.AsyncClient, stripe_world: World, fake: FakeStripe
) -> None:
    answer = await stripe_client.put("/v1/me/plan", json=PREMIUM)
    assert answer.status_code == 202
    assert answer.json()["checkout_url"].startswith("https://checkout.stripe.com/")
    assert (await stripe_client.get("/v1/me/plan")).json()["plan"] == "free"
    for _ in range(3):
        assert (await tell(stripe_client, CHECKOUT_COMPLETED)).json() == {"received": True}
    assert (await stripe_client.get("/v1/me/plan")).json()["plan"] == "premium"
    stripe_world.clock.move(days=30)
    await asyncio.gather(*(stripe_world.tick() for _ in range(3)))
    assert len(fake.intents) == 1
    assert await stripe_world.entries("anna") == ["asked", "succeeded"]


async def test_webhooks_that_come_at_once_are_one(
    stripe_client: httpx.AsyncClient, stripe_world: World
) -> None:
    answers = await asyncio.gather(*(tell(stripe_client, CHECKOUT_COMPLETED) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert await stripe_world.tags("anna") == ["plans:plan:started"]


async def test_a_replayed_webhook_does_not_take_a_cancellation_back(
    stripe_client: httpx.AsyncClient, stripe_world: World
) -> None:
    await tell(stripe_client, CHECKOUT_COMPLETED)
    await stripe_client.delete("/v1/me/plan")
    await tell(stripe_client, CHECKOUT_COMPLETED)
    assert (await stripe_world.subscription("anna")).cancelled


async def renewed(client: httpx.AsyncClient, world: World, fake: FakeStripe) -> str:
    """The charge of a payment that Stripe has made, and did not get to tell us."""
    await tell(client, CHECKOUT_COMPLETED)
    world.clock.move(days=30)
    fake.loses_answers = True
    await world.tick()
    [entry] = await world.journal("anna")
    return entry.charge


async def test_a_payment_is_known_by_its_webhook_too(
    stripe_client: httpx.AsyncClient, stripe_world: World, fake: FakeStripe
) -> None:
    charge = await renewed(stripe_client, stripe_world, fake)
    succeeded = changed(PAYMENT_SUCCEEDED, metadata={"charge": charge})
    for _ in range(2):
        assert (await tell(stripe_client, succeeded)).status_code == 200
    assert (await tell(stripe_client, succeeded | {"id": "evt_other"})).status_code == 200
    refunded = changed(CHARGE_REFUNDED, metadata={"charge": charge})
    for _ in range(2):
        assert (await tell(stripe_client, refunded)).status_code == 200
    assert sorted(await stripe_world.entries("anna")) == ["asked", "refunded", "succeeded"]


async def test_a_failure_is_known_by_its_webhook_too(
    stripe_client: httpx.AsyncClient, stripe_world: World, fake: FakeStripe
) -> None:
    charge = await renewed(stripe_client, stripe_world, fake)
    await tell(stripe_client, changed(PAYMENT_FAILED, metadata={"charge": charge}))
    plan = (await stripe_client.get("/v1/me/plan")).json()
    assert plan["subscription"]["status"] == "grace"
    assert "grace_until" in plan["subscription"]


async def test_a_webhook_of_a_wrong_amount_changes_nothing(
    stripe_client: httpx.AsyncClient, stripe_world: World, fake: FakeStripe
) -> None:
    charge = await renewed(stripe_client, stripe_world, fake)
    for fields in ({"amount_received": 1}, {"currency": "usd"}, {"amount_received": -999}):
        event = changed(PAYMENT_SUCCEEDED, metadata={"charge": charge}, **fields)
        assert (await tell(stripe_client, event)).status_code == 400
    assert await stripe_world.entries("anna") == ["asked"]


async def test_a_tampered_webhook_changes_nothing(
    stripe_client: httpx.AsyncClient, stripe_world: World
) -> None:
    body, signature = signed(CHECKOUT_COMPLETED)
    for altered, header in (
        (body.replace(b"anna", b"ben"), signature),
        (body, "t=1,v1=00"),
        (body, ""),
        signed(CHECKOUT_COMPLETED, secret="guessed"),
    ):
        answer = await stripe_client.post(
            "/webhooks/stripe", content=altered, headers={"Stripe-Signature": header}
        )
        assert answer.status_code == 400
    assert (await stripe_client.get("/v1/me/plan")).json()["plan"] == "free"


async def test_a_card_of_nobody_is_taken_note_of_only(stripe_client: httpx.AsyncClient) -> None:
    metadata = CHECKOUT_COMPLETED["data"]["object"]["metadata"] | {"user_id": "nobody"}
    event = changed(CHECKOUT_COMPLETED, metadata=metadata)
    assert (await tell(stripe_client, event)).status_code == 200
    event = changed(CHECKOUT_COMPLETED, metadata=metadata | {"user_id": "\0"}, id="evt_zero")
    assert (await tell(stripe_client, event)).status_code < 500


async def test_a_declined_upgrade_is_402(
    stripe_client: httpx.AsyncClient, stripe_world: World, fake: FakeStripe
) -> None:
    await tell(stripe_client, CHECKOUT_COMPLETED)
    stripe_world.clock.move(days=30)
    await stripe_world.tick()
    fake.decline = True
    answer = await stripe_client.put("/v1/me/plan", json={"plan": "family"})
    assert answer.status_code == 402
    assert (await stripe_client.get("/v1/me/plan")).json()["plan"] == "premium"


async def test_an_outage_of_stripe_is_503(
    stripe_client: httpx.AsyncClient, fake: FakeStripe
) -> None:
    fake.away = True
    answer = await stripe_client.put("/v1/me/plan", json=PREMIUM)
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
