import asyncio

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from functions.accounts.audit import Tag
from functions.accounts.people.tables import User
from functions.accounts.plans import journal
from functions.accounts.plans.billing import PaymentDeclined, PaymentUnderWay
from functions.accounts.plans.model import TRIAL, Status, renewal, status
from functions.accounts.plans.money import Money
from functions.accounts.plans.offers import Period, Plan
from functions.accounts.plans.provider import (
    ChargeEnded,
    News,
    Paid,
    PaymentsUnavailable,
    Refunded,
)
from functions.accounts.plans.tables import JournalIsAppendOnly, PaymentEntry
from shared.errors import BadRequest, NotFound
from tests.integration.functions.accounts.plans.world import World


async def start(world: World, user_id: str = "anna", plan: Plan = Plan.premium) -> None:
    await world.with_card(user_id)
    await world.billing.choose(user_id, plan, Period.month)


async def past_the_trial(world: World, user_id: str = "anna", plan: Plan = Plan.premium) -> None:
    await start(world, user_id, plan)
    world.clock.move(days=TRIAL.days)
    await world.tick()


async def test_a_trial_then_a_payment_a_month(world: World) -> None:
    await start(world)
    assert await world.plan("anna") is Plan.premium
    assert await world.tick() == {"renewals": 0, "renewals_put_off": 0}
    assert await world.journal("anna") == []
    for _ in range(100):
        world.clock.move(days=1)
        await world.tick()
    rows = await world.journal("anna")
    assert [row.entry for row in rows] == ["asked", "succeeded"] * 3
    paid = [row for row in rows if row.entry == "succeeded"]
    assert [row.amount for row in paid] == [999] * 3
    assert [row.starts_at for row in paid[1:]] == [row.ends_at for row in paid[:-1]]
    assert await world.tags("anna") == [Tag.plan_started, *[Tag.plan_renewed] * 3]


async def test_ten_ticks_at_once_charge_one_period_once(world: World) -> None:
    await start(world)
    world.clock.move(days=TRIAL.days)
    world.payments.takes_s = 0.05
    await asyncio.gather(*(world.tick() for _ in range(10)))
    assert await world.entries("anna") == ["asked", "succeeded"]
    assert list(world.payments.asked.values()) == [1]


async def test_a_crash_between_paying_and_writing_it_down_costs_nothing(world: World) -> None:
    await start(world)
    world.clock.move(days=TRIAL.days)
    world.payments.loses_answers = True
    assert (await world.tick())["renewals_put_off"] == 1
    assert await world.entries("anna") == ["asked"]
    assert await world.plan("anna") is Plan.premium
    world.payments.loses_answers = False
    await world.tick()
    assert await world.entries("anna") == ["asked"], "whoever asked may still be at it"
    world.clock.move(minutes=11)
    await asyncio.gather(*(world.tick() for _ in range(5)))
    assert await world.entries("anna") == ["asked", "succeeded"]
    assert len(world.payments.charged) == 1


async def test_the_database_itself_refuses_a_second_payment_for_a_period(world: World) -> None:
    await past_the_trial(world)
    [asked, _] = await world.journal("anna")
    columns = {column.key: getattr(asked, column.key) for column in PaymentEntry.__table__.columns}
    columns |= {"id": "other", "charge": "other", "entry": "succeeded"}

    async def add() -> None:
        async with world.database.session() as session:
            session.add(PaymentEntry(**columns))

    with pytest.raises(IntegrityError):
        await add()


async def test_the_journal_is_only_added_to(world: World) -> None:
    await past_the_trial(world)
    [row, _] = await world.journal("anna")

    async def change() -> None:
        async with world.database.session() as session:
            (await session.merge(row)).amount = 0

    with pytest.raises(JournalIsAppendOnly):
        await change()


async def test_grace_then_the_end(world: World) -> None:
    await start(world)
    world.clock.move(days=TRIAL.days)
    world.payments.declines = True
    await world.tick()
    assert status(await world.subscription("anna"), world.clock()) is Status.grace
    assert await world.plan("anna") is Plan.premium
    for _ in range(8):
        world.clock.move(days=1)
        await world.tick()
    assert await world.plan("anna") is Plan.free
    assert (await world.subscription("anna")).ended_at is not None
    assert await world.entries("anna") == ["asked", "failed"] * 7
    assert await world.tick() == {"renewals": 0, "renewals_put_off": 0}


async def test_a_retry_within_the_grace_pays(world: World) -> None:
    await start(world)
    world.clock.move(days=TRIAL.days)
    world.payments.declines = True
    await world.tick()
    world.payments.declines = False
    world.clock.move(days=1)
    await world.tick()
    assert sorted(await world.entries("anna")) == ["asked", "asked", "failed", "succeeded"]
    assert len({row.charge for row in await world.journal("anna")}) == 2
    assert status(await world.subscription("anna"), world.clock()) is Status.active


async def test_who_has_cancelled_is_never_charged(world: World) -> None:
    await start(world)
    await world.billing.cancel("anna")
    await world.billing.cancel("anna")
    assert await world.plan("anna") is Plan.premium
    for _ in range(40):
        world.clock.move(days=1)
        await world.tick()
    assert await world.plan("anna") is Plan.free
    assert await world.journal("anna") == []
    assert await world.tags("anna") == [Tag.plan_started, Tag.plan_cancelled]


async def test_there_is_one_trial_a_person(world: World) -> None:
    await start(world)
    await world.billing.cancel("anna")
    world.clock.move(days=40)
    await world.tick()
    await world.billing.choose("anna", Plan.premium, Period.month)
    assert await world.entries("anna") == ["asked", "succeeded"]
    assert (await world.subscription("anna")).starts_at == world.clock()


async def test_a_declined_upgrade_leaves_everything_as_it_was(world: World) -> None:
    await past_the_trial(world)
    before = await world.subscription("anna")
    world.payments.declines = True
    with pytest.raises(PaymentDeclined):
        await world.billing.choose("anna", Plan.family, Period.month)
    assert await world.subscription("anna") == before
    world.payments.declines = False
    world.clock.move(days=1)
    await world.billing.choose("anna", Plan.family, Period.month)
    assert await world.plan("anna") is Plan.family
    upgrade = (await world.journal("anna"))[-1]
    assert 0 < upgrade.credit < 999
    assert upgrade.amount == 1599 - upgrade.credit


async def test_two_upgrades_at_once_are_one(world: World) -> None:
    await past_the_trial(world)
    # Longer than the others take to come, however busy the machine is.
    world.payments.takes_s = 2.0
    results = await asyncio.gather(
        *(world.billing.choose("anna", Plan.family, Period.month) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, PaymentUnderWay) for result in results) == 4
    assert len(world.payments.charged) == 2


async def test_a_hanging_upgrade_is_finished_by_the_tick(world: World) -> None:
    await past_the_trial(world)
    world.payments.loses_answers = True
    with pytest.raises(PaymentsUnavailable):
        await world.billing.choose("anna", Plan.family, Period.month)
    world.payments.loses_answers = False
    world.clock.move(minutes=11)
    await world.tick()
    assert await world.plan("anna") is Plan.family
    assert len(world.payments.charged) == 2


async def test_a_choice_within_the_grace_pays_at_once(world: World) -> None:
    await start(world)
    world.clock.move(days=TRIAL.days)
    world.payments.declines = True
    await world.tick()
    world.payments.declines = False
    world.clock.move(hours=1)
    await world.billing.choose("anna", Plan.family, Period.month)
    assert status(await world.subscription("anna"), world.clock()) is Status.active
    assert (await world.journal("anna"))[-1].amount == 1599


async def test_one_persons_trouble_is_not_anothers(world: World) -> None:
    await start(world)
    await start(world, "ben")
    world.clock.move(days=TRIAL.days)
    purchase = renewal(await world.subscription("anna"), world.clock())
    assert purchase is not None
    async with world.database.session() as session:
        await journal.ask(session, "anna", purchase, "fake", world.clock())
    assert (await world.tick())["renewals"] == 2
    assert await world.entries("ben") == ["asked", "succeeded"]
    assert await world.entries("anna") == ["asked"]


async def test_what_was_not_due_is_not_taken_for_a_payment(world: World) -> None:
    await past_the_trial(world)
    charge = (await world.journal("anna"))[0].charge
    for amount in (Money(100, "EUR"), Money(999, "USD")):
        with pytest.raises(BadRequest):
            await world.billing.hear(News("evt", "t", ChargeEnded(charge, Paid("p", ""), amount)))
    with pytest.raises(NotFound):
        await world.billing.hear(
            News("evt", "t", ChargeEnded("unknown", Paid("p", ""), Money(999, "EUR")))
        )


async def test_a_refund_is_written_down_once(world: World) -> None:
    await past_the_trial(world)
    charge = (await world.journal("anna"))[0].charge
    for event, total in (("e1", 400), ("e1", 400), ("e2", 999), ("e3", 999)):
        await world.billing.hear(News(event, "t", Refunded(charge, "ch", Money(total, "EUR"))))
    refunds = [row.amount for row in await world.journal("anna") if row.entry == "refunded"]
    assert sorted(refunds) == [400, 599]


async def test_an_erased_person_has_no_plan_to_choose(world: World) -> None:
    async with world.database.session() as session:
        await session.execute(update(User).where(User.id == "anna").values(erased_at=world.clock()))
    with pytest.raises(NotFound):
        await world.billing.choose("anna", Plan.premium, Period.month)


async def test_a_long_outage_is_caught_up_with_period_by_period(world: World) -> None:
    await past_the_trial(world)
    world.clock.move(days=95)
    await asyncio.gather(world.tick(), world.tick())
    await world.tick()
    paid = [row for row in await world.journal("anna") if row.entry == "succeeded"]
    assert len(paid) == 4
    assert [row.starts_at for row in paid[1:]] == [row.ends_at for row in paid[:-1]]


async def test_who_pays_twice_for_a_period_is_seen(world: World) -> None:
    await start(world)
    world.clock.move(days=TRIAL.days)
    world.payments.declines = True
    await world.tick()
    world.payments.declines = False
    world.clock.move(days=1)
    await world.tick()
    first = next(row.charge for row in await world.journal("anna") if row.entry == "failed")
    late = ChargeEnded(first, Paid("late", ""), Money(999, "EUR"))
    before = await world.subscription("anna")
    await world.billing.hear(News("e1", "t", late))
    await world.billing.hear(News("e2", "t", late))
    assert (await world.entries("anna")).count("overpaid") == 1
    assert await world.subscription("anna") == before
