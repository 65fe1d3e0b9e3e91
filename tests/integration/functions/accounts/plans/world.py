"""People with plans in a real database, under a clock that tests move."""

import asyncio
import datetime
from collections import Counter

import httpx
from sqlalchemy import select
from starlette.routing import BaseRoute

from functions.accounts.audit import AuditEvent
from functions.accounts.database import Base, Database
from functions.accounts.oauth import tables as _oauth  # noqa: F401  # all tables are made
from functions.accounts.people.tables import User
from functions.accounts.plans import routes, store, tick
from functions.accounts.plans.billing import Billing
from functions.accounts.plans.model import Subscription
from functions.accounts.plans.offers import Plan
from functions.accounts.plans.provider import (
    Account,
    Charge,
    Choice,
    Declined,
    News,
    NoWebhooks,
    Outcome,
    Paid,
    PaymentProvider,
    PaymentsUnavailable,
)
from functions.accounts.plans.tables import PaymentEntry
from shared.tokens import Caller
from shared.web import Api, create_app

URL = "https://music.example"
OWN_APP = "cadenza-web"


async def make_tables(database_url: str) -> None:
    """Every table of accounts that has been imported."""
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


class Clock:
    def __init__(self) -> None:
        self.at = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += datetime.timedelta(**by)


class FakeVerifier:
    """Tokens read `subject/client/scope+scope`."""

    async def verify(self, token: str) -> Caller:
        subject, client, scopes = token.split("/")
        return Caller(subject, client, frozenset(scopes.split("+")))


def bearer(user: str, client: str = OWN_APP, scopes: str = "user-read-private") -> dict[str, str]:
    return {"Authorization": f"Bearer {user}/{client}/{scopes}"}


class FakePayments:
    """Keeps what was charged, by the charge's id, as a provider does."""

    name = "fake"
    note = ""

    def __init__(self) -> None:
        self.charged: dict[str, Charge] = {}
        self.asked: Counter[str] = Counter()
        self.forgotten: list[str] = []
        self.declines = False
        self.away = False
        self.loses_answers = False
        self.takes_s = 0.0

    async def checkout(self, choice: Choice) -> str | None:
        return None

    async def charge(self, charge: Charge) -> Outcome:
        self.asked[charge.id] += 1
        await asyncio.sleep(self.takes_s)
        if self.away:
            raise PaymentsUnavailable
        if self.declines:
            return Declined("The card was declined")
        self.charged[charge.id] = charge
        if self.loses_answers:
            raise PaymentsUnavailable
        return Paid(f"pay-{charge.id}", "paid")

    async def forget(self, customer: str) -> None:
        if self.away:
            raise PaymentsUnavailable
        self.forgotten.append(customer)

    async def news(self, body: bytes, signature: str) -> News:
        raise NoWebhooks("Service not found")


class World:
    """Plans on a real database. `provider` charges."""

    def __init__(
        self, database: Database, clock: Clock, provider: PaymentProvider | None = None
    ) -> None:
        self.database = database
        self.clock = clock
        self.payments = FakePayments()
        self.provider: PaymentProvider = provider or self.payments
        self.billing = Billing(database, self.provider, now=clock)

    def with_provider(self, provider: PaymentProvider) -> "World":
        return World(self.database, self.clock, provider)

    def routes(self) -> list[BaseRoute]:
        return [
            *routes.routes(
                routes.Dependencies(
                    api=Api(FakeVerifier()),  # type: ignore[arg-type]  # only `verify` is used
                    database=self.database,
                    billing=self.billing,
                    provider=self.provider,
                    public_url=URL,
                    first_party=frozenset({OWN_APP}),
                    now=self.clock,
                )
            )
        ]

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(create_app(self.routes()))
        return httpx.AsyncClient(transport=transport, base_url=URL)

    async def person(self, user_id: str, country: str = "DE") -> str:
        async with self.database.session() as session:
            session.add(
                User(
                    id=user_id,
                    firebase_uid=f"firebase-{user_id}",
                    email=f"{user_id}@example.com",
                    display_name=user_id.title(),
                    country=country,
                )
            )
        return user_id

    async def with_card(self, user_id: str) -> None:
        account = Account(f"cus-{user_id}", "card")
        async with self.database.session() as session:
            await store.save_account(
                session,
                user_id,
                provider=self.provider.name,
                customer=account.customer,
                method=account.method,
            )

    async def tick(self) -> dict[str, int]:
        return await tick.tick(self.database, self.billing, now=self.clock)

    async def plan(self, user_id: str) -> Plan:
        async with self.database.session() as session:
            return await store.plan_of(session, user_id, self.clock())

    async def subscription(self, user_id: str) -> Subscription:
        async with self.database.session() as session:
            found = await store.subscription(session, user_id)
        assert found is not None
        return found

    async def journal(self, user_id: str) -> list[PaymentEntry]:
        async with self.database.session() as session:
            rows = await session.scalars(
                select(PaymentEntry)
                .where(PaymentEntry.user_id == user_id)
                .order_by(PaymentEntry.starts_at, PaymentEntry.at, PaymentEntry.entry)
            )
            return list(rows)

    async def entries(self, user_id: str) -> list[str]:
        return [row.entry for row in await self.journal(user_id)]

    async def tags(self, user_id: str) -> list[str]:
        async with self.database.session() as session:
            rows = await session.scalars(
                select(AuditEvent.tag).where(AuditEvent.subject == user_id).order_by(AuditEvent.id)
            )
            return list(rows)
