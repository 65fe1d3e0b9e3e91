"""Carries out what the model decides: charges, and writes down how that ended.

A payment takes three steps: written down as asked for, asked of the provider, written down as
ended. Between them nothing is locked. Whoever dies between them leaves an open entry, which the
next to come asks for again under the same id, so that it is paid once.
"""

import datetime
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.database import Database
from functions.accounts.people.tables import User
from functions.accounts.plans import families, journal, model, refunds, store
from functions.accounts.plans.journal import Ask
from functions.accounts.plans.model import Purchase, Reason, Subscription
from functions.accounts.plans.money import CURRENCIES
from functions.accounts.plans.offers import Offer, Period, Plan, currency_of, offer
from functions.accounts.plans.provider import (
    Account,
    CardEntered,
    Charge,
    ChargeEnded,
    Choice,
    Declined,
    News,
    Outcome,
    Paid,
    PaymentProvider,
    Pending,
    Refunded,
)
from shared.errors import ApiError, BadRequest, NotFound
from shared.telemetry import fields

# Longer than any request lives: whoever asked for a payment before that has died.
LEASE = datetime.timedelta(minutes=10)
# After a long outage periods are caught up with, this many at a time.
_MOST_PERIODS_AT_ONCE = 24

log = logging.getLogger(__name__)


class PaymentUnderWay(ApiError):
    """A payment of this person has not ended yet."""

    status = 409

    def __init__(self) -> None:
        super().__init__("A payment is under way; try again in a moment")


class PaymentDeclined(ApiError):
    """No money has moved, and the plan is what it was."""

    status = 402


@dataclass(frozen=True)
class CheckoutNeeded:
    """A card has to be entered first, on the provider's page."""

    url: str


class Billing:
    """Choices, cancellations, renewals and what the provider tells."""

    def __init__(
        self,
        database: Database,
        provider: PaymentProvider,
        *,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._database = database
        self._provider = provider
        self._now = now

    async def choose(
        self, user_id: str, plan: Plan, period: Period, currency: str = ""
    ) -> CheckoutNeeded | None:
        """Gives the person the plan, now or at the period's end, or says where a card is entered.

        Raises `PaymentDeclined`, `PaymentUnderWay`, `PaymentsUnavailable`, `NotFound`.
        """
        async with self._database.session() as session:
            person = await self._locked(session, user_id)
            known = await store.account(session, user_id)
            await families.refuse_member(session, user_id, self._now())
            before = await store.subscription(session, user_id)
            choice = Choice(user_id, plan, period, _currency(person, before, currency))
            is_ready = known is not None and known.provider == self._provider.name
        url = None if is_ready else await self._provider.checkout(choice)
        if url is not None:
            return CheckoutNeeded(url)
        await self._carry_out(choice)
        return None

    async def cancel(self, user_id: str) -> None:
        """Nothing is charged from now on; what is paid for stays. Doing it twice is no error."""
        async with self._database.session() as session:
            await self._locked(session, user_id)
            before = await store.subscription(session, user_id)
            if before is None or not model.is_entitled(before, self._now()):
                return
            await self._save(session, user_id, before, model.cancel(before, self._now()))
            if not before.cancelled:
                audit.record(session, audit.Tag.plan_cancelled, subject=user_id, actor=user_id)

    async def renew(self, user_id: str) -> None:
        """Ends what has ended, and charges what is due: each period once, whoever else tries."""
        for _ in range(_MOST_PERIODS_AT_ONCE):
            if not await self._renew_once(user_id):
                return

    async def hear(self, news: News) -> None:
        """Takes in what the provider tells: once, however often it is told."""
        match news.of:
            case CardEntered():
                await self._card_entered(news, news.of)
            case ChargeEnded():
                await self._charge_ended(news, news.of)
            case Refunded():
                await refunds.write_down(
                    self._database, news, news.of, provider=self._provider.name, now=self._now()
                )
            case None:
                log.info("not for us", extra=fields(type=news.type))

    async def _carry_out(self, choice: Choice) -> None:
        ask = None
        async with self._database.session() as session:
            await self._locked(session, choice.user_id)
            open_ask = await journal.open_ask(session, choice.user_id)
            if open_ask is not None and not self._is_given_up(open_ask):
                raise PaymentUnderWay
            before = await store.subscription(session, choice.user_id)
            if open_ask is None:
                wanted = offer(choice.plan, choice.period, choice.currency)
                ask = await self._choose(session, choice.user_id, before, wanted)
        if open_ask is not None:
            await self._pay(open_ask, again=True)
            raise PaymentUnderWay
        if ask is None:
            # A choice made while a payment is owed pays for it.
            await self.renew(choice.user_id)
            return
        if isinstance(outcome := await self._pay(ask), Declined):
            raise PaymentDeclined(f"The payment was declined: {outcome.reason}")

    async def _choose(
        self, session: AsyncSession, user_id: str, before: Subscription | None, wanted: Offer
    ) -> Ask | None:
        now = self._now()
        await families.refuse_member(session, user_id, now)
        chosen = model.choose(before, wanted, now)
        if isinstance(chosen, Purchase):
            return await journal.ask(session, user_id, chosen, self._provider.name, now)
        if chosen == before:
            return None
        await self._save(session, user_id, before, chosen)
        tag = audit.Tag.plan_started if before is None else audit.Tag.plan_changed
        audit.record(
            session,
            tag,
            subject=user_id,
            actor=user_id,
            plan=wanted.plan.value,
            period=wanted.period.value,
        )
        return None

    async def _renew_once(self, user_id: str) -> bool:
        """Whether a period was paid for, so that another may be due."""
        now = self._now()
        async with self._database.session() as session:
            if await store.lock(session, user_id) is None:
                return False
            ask = await journal.open_ask(session, user_id)
            again = ask is not None
            if ask is not None and not self._is_given_up(ask):
                return False
            if ask is None:
                before = await store.subscription(session, user_id)
                if before is None:
                    return False
                settled = model.settled(before, now)
                if settled != before:
                    await self._save(session, user_id, before, settled)
                purchase = model.renewal(settled, now)
                if purchase is None:
                    return False
                ask = await journal.ask(session, user_id, purchase, self._provider.name, now)
        return isinstance(await self._pay(ask, again=again), Paid)

    async def _pay(self, ask: Ask, *, again: bool = False) -> Outcome:
        async with self._database.session() as session:
            known = await store.account(session, ask.user_id)
        is_ours = known is not None and known.provider == self._provider.name
        purchase = ask.purchase
        outcome = await self._provider.charge(
            Charge(
                id=ask.charge,
                user_id=ask.user_id,
                amount=purchase.due,
                account=Account(known.customer, known.method) if known and is_ours else None,
                description=f"Cadenza {purchase.offer.plan.value}, a {purchase.offer.period.value}",
                asked_at=ask.at,
                again=again,
            )
        )
        if not isinstance(outcome, Pending):
            async with self._database.session() as session:
                await self._end(session, ask, outcome)
        return outcome

    async def _end(self, session: AsyncSession, ask: Ask, outcome: Paid | Declined) -> None:
        """Writes down how a charge ended and what follows, unless that was done already."""
        user_id, purchase, now = ask.user_id, ask.purchase, self._now()
        person = await store.lock(session, user_id)
        is_paid = isinstance(outcome, Paid)

        async def write(entry: str) -> bool:
            return await journal.add_outcome(
                session,
                ask,
                entry,
                provider=self._provider.name,
                reference=outcome.reference,
                receipt=outcome.receipt if isinstance(outcome, Paid) else outcome.reason,
                now=now,
            )

        before = await store.subscription(session, user_id)
        is_wanted = person is not None and model.fits(before, purchase)
        if is_paid and (not is_wanted or await journal.is_paid_by_another(session, ask)):
            if not await journal.is_paid(session, ask) and await write("overpaid"):
                log.error("to be refunded by hand", extra=fields(charge=ask.charge))
            return
        if not await write("succeeded" if is_paid else "failed") or person is None:
            return
        if is_paid:
            await self._save(session, user_id, before, model.bought(before, purchase))
        elif (after := model.declined(before, purchase, now)) is not None:
            await self._save(session, user_id, before, after)
        tag = _TAGS[purchase.reason] if is_paid else audit.Tag.payment_failed
        details = {"plan": purchase.offer.plan.value, "period": purchase.offer.period.value}
        audit.record(session, tag, subject=user_id, charge=ask.charge, **details)

    async def _card_entered(self, news: News, entered: CardEntered) -> None:
        """Told again after a crash, it is carried out again: the same choice twice is one."""
        user_id = entered.choice.user_id
        async with self._database.session() as session:
            if await store.is_known_event(session, news.id):
                return
            if await store.lock(session, user_id) is None:
                log.warning("nobody's card", extra=fields(event=news.id))
                return
            await store.save_account(
                session,
                user_id,
                provider=self._provider.name,
                customer=entered.account.customer,
                method=entered.account.method,
            )
        try:
            await self._carry_out(entered.choice)
        except (PaymentDeclined, families.FamilyRefused) as error:
            log.warning("the choice has come to nothing", exc_info=error)
        async with self._database.session() as session:
            await store.is_new_event(session, news.id, news.type)

    async def _charge_ended(self, news: News, ended: ChargeEnded) -> None:
        async with self._database.session() as session:
            ask = await journal.asked(session, ended.charge)
            if ask is None:
                raise NotFound("There is no such charge")
            if isinstance(ended.outcome, Paid) and ended.amount != ask.purchase.due:
                raise BadRequest(f"{ended.amount} was paid where {ask.purchase.due} was due")
            if await store.is_new_event(session, news.id, news.type):
                await self._end(session, ask, ended.outcome)

    async def _save(
        self,
        session: AsyncSession,
        user_id: str,
        before: Subscription | None,
        after: Subscription,
    ) -> None:
        await store.save(session, user_id, after)
        had_family = before is not None and before.offer.plan is Plan.family
        has_family = after.offer.plan is Plan.family and after.ended_at is None
        if had_family and not has_family:
            await families.dissolve(session, user_id)

    async def _locked(self, session: AsyncSession, user_id: str) -> User:
        person = await store.lock(session, user_id)
        if person is None:
            raise NotFound("There is no such person")
        return person

    def _is_given_up(self, ask: Ask) -> bool:
        return self._now() - ask.at > LEASE


_TAGS = {
    Reason.start: audit.Tag.plan_started,
    Reason.change: audit.Tag.plan_changed,
    Reason.renewal: audit.Tag.plan_renewed,
}


def _currency(person: User, before: Subscription | None, wanted: str) -> str:
    """A subscription stays in its currency; a new one is in that of the country, or as wished."""
    if wanted and wanted not in CURRENCIES:
        raise BadRequest(f"Invalid currency: one of {', '.join(CURRENCIES)}")
    if before is not None:
        return before.offer.price.currency
    return wanted or currency_of(person.country)
