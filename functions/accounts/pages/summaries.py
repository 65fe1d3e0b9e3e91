"""Plans and personal data, in the words of the account's page."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from functions.accounts.database import Database
from functions.accounts.people.tables import User
from functions.accounts.plans import families, model, store
from functions.accounts.plans.model import Status, Subscription
from functions.accounts.plans.offers import Period, Plan
from functions.accounts.privacy.erasures import Erasures
from functions.accounts.privacy.exports import Export, Exports

_TITLES = {Plan.free: "Free", Plan.premium: "Premium", Plan.family: "Family"}
_PERIODS = {Period.month: "a month", Period.year: "a year"}


@dataclass(frozen=True)
class PlanSummary:
    """A plan's title, and a sentence on what it costs and when it goes on."""

    title: str
    sentence: str


class PlanSummaries:
    """What the page says of a person's plan."""

    def __init__(self, database: Database, now: Callable[[], datetime.datetime]) -> None:
        self._database = database
        self._now = now

    async def summary(self, user: User) -> PlanSummary:
        now = self._now()
        async with self._database.session() as session:
            plan = await store.plan_of(session, user.id, now)
            own = await store.subscription(session, user.id)
            manager = await families.manager_of(session, user.id)
        if own is not None and model.is_entitled(own, now):
            return PlanSummary(_TITLES[own.offer.plan], sentence(own, now))
        if plan is not Plan.free and manager is not None:
            name = manager.display_name or "somebody else"
            return PlanSummary(_TITLES[plan], f"Paid for by {name}.")
        return PlanSummary(_TITLES[Plan.free], "All the music; you pay nothing.")


def sentence(subscription: Subscription, now: datetime.datetime) -> str:
    """What a running subscription costs, and what happens next."""
    ends_at = _day(subscription.ends_at)
    coming = subscription.following or subscription.offer
    price = f"{coming.price} {_PERIODS[coming.period]}"
    if model.status(subscription, now) is Status.grace:
        until = _day(subscription.ends_at + model.GRACE)
        return f"The last payment of {price} failed. The plan ends on {until} unless it is paid."
    if subscription.cancelled:
        return f"Cancelled: it ends on {ends_at}."
    if subscription.trial:
        return f"On trial until {ends_at}, then {price}."
    if subscription.following is not None:
        return f"Goes on as {_TITLES[coming.plan]} on {ends_at}, for {price}."
    return f"{price}; renews on {ends_at}."


class PersonalData:
    """Takes a person's data out, and away."""

    def __init__(self, exports: Exports, erasures: Erasures) -> None:
        self._exports = exports
        self._erasures = erasures

    async def ask(self, user: User) -> str:
        return (await self._exports.ask(user.id)).id

    async def make(self, export_id: str) -> None:
        await self._exports.make(export_id)

    async def export(self, user: User, export_id: str) -> Export:
        return await self._exports.get(user.id, export_id)

    async def erase(self, user: User) -> None:
        await self._erasures.ask(user.id)


def _day(at: datetime.datetime) -> str:
    return f"{at.day} {at:%B %Y}"
