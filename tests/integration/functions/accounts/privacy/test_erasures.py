import asyncio
import base64
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import func, select

from functions.accounts.audit import Tag
from functions.accounts.oauth.tables import Grant, TokenFamily
from functions.accounts.people.tables import SessionRow, User
from functions.accounts.plans.model import TRIAL
from functions.accounts.plans.offers import Plan
from functions.accounts.privacy import holdings
from shared.errors import NotFound
from shared.events import PersonErased
from tests.integration.functions.accounts.plans.world import OWN_APP, bearer
from tests.integration.functions.accounts.privacy.world import TOPIC, World


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        client.headers.update(bearer("anna"))
        yield client


async def confirm(world: World, *services: str) -> None:
    for service in services:
        await world.erasures.confirm("anna", service)


async def test_nothing_is_left_but_ids(world: World, client: httpx.AsyncClient) -> None:
    world.clock.move(days=TRIAL.days)
    await world.plans.tick()
    await world.export()
    await world.sign_in("anna")
    assert await world.tables_that_mention("anna@example.com") == {"users"}
    answer = await client.delete("/v1/me")
    assert (answer.status_code, answer.json()) == (202, {"status": "erasing"})
    assert await world.tables_that_mention("anna@example.com") == set()
    assert await world.tables_that_mention("Anna") == set()
    assert await world.tables_that_mention("firebase-anna") == set()
    assert await world.tables_that_mention("cus-anna") == set()
    assert await world.tables_that_mention("anna") <= holdings.KEPT.keys()
    assert await world.tables_that_mention("ben") >= {"apps", "grants", "sessions"}
    assert world.identities.deleted == ["firebase-anna"]
    assert world.plans.payments.forgotten == ["cus-anna"]
    assert world.files.kept == {}
    async with world.database.session() as session:
        person = await session.get(User, "anna")
    assert person is not None
    assert (person.roles, person.country, person.created_at) == ([], "", person.erased_at)


async def test_others_are_told_and_the_end_is_when_all_have_confirmed(world: World) -> None:
    await world.erasures.ask("anna")
    [(topic, event, event_id)] = world.topic.published
    assert isinstance(event, PersonErased)
    assert (topic, event.user_id, event.event_id) == (TOPIC, "anna", event_id)
    assert event.requested_at == "2026-01-31T12:00:00+00:00"
    await confirm(world, "media", "media", "somebody-else")
    assert (await world.erasure()).completed_at is None
    await confirm(world, "catalog")
    assert (await world.erasure()).completed_at == world.clock()
    await confirm(world, "catalog", "media")
    assert (await world.tags())[-2:] == [Tag.erasure_asked, Tag.erasure_done]


async def test_a_crash_before_the_event_is_made_good_by_the_tick(world: World) -> None:
    world.topic.away = True
    await world.erasures.ask("anna")
    assert world.topic.published == []
    assert (await world.tick())["erasures_taken_up"] == 0
    world.topic.away = False
    world.clock.move(minutes=10)
    assert (await world.tick())["erasures_taken_up"] == 1
    assert len(world.topic.published) == 1


async def test_who_does_not_confirm_is_told_again(world: World) -> None:
    await world.erasures.ask("anna")
    await confirm(world, "media")
    for _ in range(3):
        world.clock.move(minutes=10)
        await world.tick()
    events = [event for _, event, _ in world.topic.published]
    assert len(events) == 4
    assert len(set(events)) == 1
    await confirm(world, "catalog")
    world.clock.move(minutes=10)
    assert set((await world.tick()).values()) == {0}


async def test_an_outage_of_one_does_not_keep_the_others(world: World) -> None:
    await world.export()
    world.identities.away = world.files.away = world.plans.payments.away = True
    await world.erasures.ask("anna")
    await confirm(world, "media", "catalog")
    erasure = await world.erasure()
    assert erasure.completed_at is None
    assert erasure.published_at is not None
    assert (erasure.firebase_uid, erasure.customer) == ("firebase-anna", "cus-anna")
    world.identities.away = world.files.away = world.plans.payments.away = False
    world.clock.move(minutes=10)
    assert (await world.tick())["erasures_done"] == 1
    assert await world.tables_that_mention("firebase-anna") == set()


async def test_a_person_who_is_there_is_not_touched_by_seeing_through(world: World) -> None:
    assert await world.erasures.see_through("ben")
    await world.erasures.confirm("ben", "media")
    assert await world.plans.plan("ben") is Plan.family


async def test_what_is_written_while_the_erasure_is_goes_too(world: World) -> None:
    world.topic.away = True
    await world.erasures.ask("anna")
    async with world.database.session() as session:
        session.add(Grant(app_id="app-of-ben", user_id="anna", scopes=[]))
    world.clock.move(minutes=10)
    await world.tick()
    assert "grants" not in await world.tables_that_mention("anna")


async def test_asking_twice_at_once_is_asking_once(world: World) -> None:
    results = await asyncio.gather(
        *(world.erasures.ask("anna") for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, NotFound) for result in results) == 3
    assert (await world.tags()).count(Tag.erasure_asked) == 1
    with pytest.raises(NotFound):
        await world.erasures.ask("nobody")


async def test_nobody_is_charged_after_the_erasure(world: World) -> None:
    await world.erasures.ask("anna")
    world.clock.move(days=TRIAL.days)
    await world.plans.tick()
    assert await world.plans.entries("anna") == []
    assert await world.plans.entries("ben") == ["asked", "succeeded"]


async def test_a_sign_in_of_the_last_ten_minutes_is_needed(
    world: World, client: httpx.AsyncClient
) -> None:
    world.clock.move(minutes=11)
    assert (await client.delete("/v1/me")).status_code == 403
    await world.sign_in("ben")
    assert (await client.delete("/v1/me")).status_code == 403
    await world.sign_in("anna")
    assert (await client.delete("/v1/me")).status_code == 202
    assert (await client.delete("/v1/me")).status_code == 403


@pytest.mark.parametrize("headers", [bearer("anna", "app-of-ben"), bearer(OWN_APP, OWN_APP)])
async def test_no_other_app_erases_or_exports_anybody(
    world: World, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await client.delete("/v1/me", headers=headers)).status_code == 403
    assert (await client.post("/v1/me/export", headers=headers)).status_code == 403
    assert world.topic.published == []


async def test_a_confirmation_comes_as_an_event(world: World, client: httpx.AsyncClient) -> None:
    await world.erasures.ask("anna")
    for service in ("media", "catalog", "'; DROP TABLE users; --"):
        event = {"event_id": "e", "user_id": "anna", "service": service}
        data = base64.b64encode(json.dumps(event).encode()).decode()
        answer = await client.post("/events/person-erased-here", json={"message": {"data": data}})
        assert answer.status_code == 204
    assert (await world.erasure()).completed_at is not None
    poisoned = await client.post("/events/person-erased-here", json={"message": {"data": "e30="}})
    assert poisoned.status_code == 400


async def test_without_other_owners_it_is_done_at_once(world: World) -> None:
    alone = World(world.plans, services=())
    await alone.erasures.ask("anna")
    assert (await alone.erasure()).completed_at is not None


async def test_sessions_and_tokens_hold_no_longer(world: World) -> None:
    await world.erasures.ask("anna")
    async with world.database.session() as session:
        for table in (SessionRow, TokenFamily):
            left = await session.scalar(
                select(func.count()).select_from(table).where(table.user_id == "anna")
            )
            assert left == 0
