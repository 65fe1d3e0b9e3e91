"""What a person's pages on plans and families show and change."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from functions.accounts.database import Database
from functions.accounts.people.tables import User
from functions.accounts.plans import families, journal, model, store
from functions.accounts.plans.billing import Billing
from functions.accounts.plans.money import Money
from functions.accounts.plans.offers import Period, Plan, currency_of, offers
from functions.accounts.plans.provider import PaymentProvider

_SHOWN_PAYMENTS = 12


@dataclass(frozen=True)
class OfferChoice:
    """A plan for a period. `is_current`: what the person has; `is_following`: what comes next."""

    plan: str
    period: str
    price: str
    is_current: bool
    is_following: bool


@dataclass(frozen=True)
class PaymentLine:
    """An entry of the journal, in words."""

    at: datetime.datetime
    plan: str
    status: str
    amount: str
    receipt: str


@dataclass(frozen=True)
class PlanDesk:
    """All that the page on a person's plan shows. `note` is what the provider wants to be known."""

    offers: list[OfferChoice]
    payments: list[PaymentLine]
    note: str
    manager: str
    trial_days: int
    may_cancel: bool
    may_invite: bool


class PlanDesks:
    """Shows plans, and carries out what is chosen."""

    def __init__(
        self,
        database: Database,
        billing: Billing,
        provider: PaymentProvider,
        *,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._database = database
        self._billing = billing
        self._provider = provider
        self._now = now

    async def desk(self, user: User) -> PlanDesk:
        now = self._now()
        async with self._database.session() as session:
            own = await store.subscription(session, user.id)
            plan = await store.plan_of(session, user.id, now)
            manager = await families.manager_of(session, user.id)
            entries, _ = await journal.payments(session, user.id, limit=_SHOWN_PAYMENTS, offset=0)
        running = own if own is not None and model.is_entitled(own, now) else None
        coming = None if running is None else running.following
        currency = own.offer.price.currency if own else currency_of(user.country)
        is_member = running is None and plan is not Plan.free and manager is not None
        return PlanDesk(
            offers=[
                OfferChoice(
                    plan=each.plan.value,
                    period=each.period.value,
                    price=str(each.price),
                    is_current=running is not None
                    and (running.offer.plan, running.offer.period) == (each.plan, each.period),
                    is_following=coming is not None
                    and (coming.plan, coming.period) == (each.plan, each.period),
                )
                for each in offers(currency)
            ],
            payments=[
                PaymentLine(
                    at=entry.at,
                    plan=f"{entry.plan.capitalize()}, a {entry.period}",
                    status=entry.entry,
                    amount=str(Money(entry.amount, entry.currency)),
                    receipt=entry.receipt,
                )
                for entry in entries
            ],
            note=self._provider.note,
            manager=(manager.display_name or "somebody else") if is_member and manager else "",
            trial_days=model.TRIAL.days if own is None else 0,
            may_cancel=running is not None and not running.cancelled,
            may_invite=running is not None and running.offer.plan is Plan.family,
        )

    async def choose(self, user: User, plan: Plan, period: Period) -> str:
        """The address where a card has to be entered first, or "" once the plan is chosen.

        Raises `PaymentDeclined`, `PaymentUnderWay`, `PaymentsUnavailable`, `FamilyRefused`.
        """
        needed = await self._billing.choose(user.id, plan, period)
        return needed.url if needed is not None else ""

    async def cancel(self, user: User) -> None:
        await self._billing.cancel(user.id)


@dataclass(frozen=True)
class Relative:
    """A member of a family."""

    id: str
    name: str
    joined_at: datetime.datetime


@dataclass(frozen=True)
class Waiting:
    """An invitation that nobody has taken up yet."""

    id: str
    expires_at: datetime.datetime


@dataclass(frozen=True)
class FamilyDesk:
    """`manager` is "" for the manager; `has_family`: whether the person is in one at all."""

    has_family: bool
    manager: str
    members: list[Relative]
    invitations: list[Waiting]
    places: int


class FamilyDesks:
    """Shows families, and changes them. Raises `FamilyRefused` and `NotFound`."""

    def __init__(self, database: Database, *, now: Callable[[], datetime.datetime]) -> None:
        self._database = database
        self._now = now

    async def desk(self, user: User) -> FamilyDesk:
        now = self._now()
        async with self._database.session() as session:
            manager = await families.manager_of(session, user.id)
            own = await store.subscription(session, user.id)
            members = await families.members_of(session, manager.id if manager else user.id)
            waiting = [] if manager else await families.invitations_of(session, user.id, now)
        manages = own is not None and own.offer.plan is Plan.family and model.is_entitled(own, now)
        return FamilyDesk(
            has_family=manages or manager is not None,
            manager=(manager.display_name or "somebody else") if manager else "",
            members=[
                Relative(each.id, each.display_name, joined_at) for each, joined_at in members
            ],
            invitations=[Waiting(each.id, each.expires_at) for each in waiting],
            places=max(0, families.MOST_MEMBERS - len(members) - len(waiting)),
        )

    async def invite(self, user: User) -> str:
        """The code, which is shown once."""
        async with self._database.session() as session:
            return (await families.invite(session, user.id, self._now())).code

    async def withdraw(self, user: User, invitation_id: str) -> None:
        async with self._database.session() as session:
            await families.withdraw(session, user.id, invitation_id)

    async def join(self, user: User, code: str) -> None:
        async with self._database.session() as session:
            await families.accept(session, user.id, code, self._now())

    async def remove(self, user: User, member_id: str) -> None:
        """By the manager; a member removes themselves."""
        async with self._database.session() as session:
            await families.remove(session, user.id, member_id)
