"""`/v1/me/plan` and what the payment provider tells. Families are in `family_routes`."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.accounts.database import Database
from functions.accounts.people.tables import User
from functions.accounts.plans import families, family_routes, journal, model, store, views
from functions.accounts.plans.billing import Billing, CheckoutNeeded
from functions.accounts.plans.offers import Period, Plan, currency_of
from functions.accounts.plans.provider import PaymentProvider
from functions.accounts.plans.views import PaymentView, PlanView
from shared.errors import Forbidden
from shared.openapi import Operation
from shared.paging import Page, WindowQuery, page, window_of
from shared.web import Api, caller_of, json_response, read_body, read_json

# What the contract asks for reading `product`, which is a part of the plan.
SCOPE = "user-read-private"


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """`first_party`: the ids of Cadenza's own apps, which alone may spend a person's money."""

    api: Api
    database: Database
    billing: Billing
    provider: PaymentProvider
    public_url: str
    first_party: frozenset[str]
    now: Callable[[], datetime.datetime]


class PlanChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `PUT /v1/me/plan`. `currency` counts for the first subscription only."""

    plan: Plan
    period: Period = Period.month
    currency: str = ""


class Checkout(msgspec.Struct, frozen=True):
    """Where a card is given to the provider."""

    checkout_url: str


_TAG = "Plans"
_READ = Operation("One's plan, and what there is to choose", _TAG, PlanView, errors=(403,))
_CHOOSE = Operation(
    "Choose a plan", _TAG, PlanView, also={202: Checkout}, body=PlanChoice, errors=(400, 403, 409)
)
_CANCEL = Operation("Cancel at the end of what is paid", _TAG, PlanView, errors=(403, 409))
_PAYMENTS = Operation(
    "What was paid", _TAG, Page[PaymentView], query=WindowQuery, errors=(400, 403)
)


def routes(dependencies: Dependencies) -> list[Route]:
    """All routes of plans and families."""
    api, plans = dependencies.api, Plans(dependencies)
    return [
        api.get("/v1/me/plan", plans.get, scope=SCOPE, doc=_READ),
        api.put("/v1/me/plan", plans.put, scope=SCOPE, doc=_CHOOSE),
        api.delete("/v1/me/plan", plans.delete, scope=SCOPE, doc=_CANCEL),
        api.get("/v1/me/plan/payments", plans.payments, scope=SCOPE, doc=_PAYMENTS),
        Route("/webhooks/stripe", plans.webhook, methods=["POST"]),
        *family_routes.routes(
            api,
            dependencies.database,
            first_party=dependencies.first_party,
            now=dependencies.now,
        ),
    ]


class Plans:
    """A person's plan, and what they paid for it."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._database = dependencies.database
        self._billing = dependencies.billing
        self._provider = dependencies.provider
        self._public_url = dependencies.public_url
        self._first_party = dependencies.first_party
        self._now = dependencies.now

    async def get(self, request: Request) -> Response:
        return json_response(await self._view(caller_of(request).subject))

    async def put(self, request: Request) -> Response:
        """200 with the plan as it now is; 202 with `checkout_url` where a card is needed first."""
        user_id = family_routes.own_app(request, self._first_party)
        choice = await read_json(request, PlanChoice)
        if choice.plan is Plan.free:
            await self._billing.cancel(user_id)
            return json_response(await self._view(user_id))
        needed = await self._billing.choose(user_id, choice.plan, choice.period, choice.currency)
        if isinstance(needed, CheckoutNeeded):
            return json_response(Checkout(needed.url), 202)
        return json_response(await self._view(user_id))

    async def delete(self, request: Request) -> Response:
        """Cancels; the answer says until when the plan holds."""
        user_id = family_routes.own_app(request, self._first_party)
        await self._billing.cancel(user_id)
        return json_response(await self._view(user_id))

    async def payments(self, request: Request) -> Response:
        """A page of the journal, newest first."""
        user_id = family_routes.own_app(request, self._first_party)
        window = window_of(request)
        async with self._database.session() as session:
            entries, total = await journal.payments(
                session, user_id, limit=window.limit, offset=window.offset
            )
        items = [views.payment_view(entry) for entry in entries]
        url = f"{self._public_url}/v1/me/plan/payments"
        return json_response(page(items, window, total, url))

    async def webhook(self, request: Request) -> Response:
        """What the provider tells, signed by it."""
        body = await read_body(request)
        news = await self._provider.news(body, request.headers.get("stripe-signature", ""))
        await self._billing.hear(news)
        return json_response({"received": True})

    async def _view(self, user_id: str) -> PlanView:
        now = self._now()
        async with self._database.session() as session:
            person = await session.get(User, user_id)
            if person is None or person.erased_at is not None:
                raise Forbidden("This is about a person, and the token is not one's")
            own = await store.subscription(session, user_id)
            plan = await store.plan_of(session, user_id, now)
            manager = await families.manager_of(session, user_id)
        currency = own.offer.price.currency if own else currency_of(person.country)
        is_running = own is not None and model.is_entitled(own, now)
        return PlanView(
            plan=plan,
            product=views.product_of(plan),
            trial_available=own is None,
            offers=views.offers_in(currency),
            provider=self._provider.name,
            note=self._provider.note,
            subscription=views.subscription_view(own, now) if own and is_running else None,
            manager=manager.display_name if manager else "",
        )
