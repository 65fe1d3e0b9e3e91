"""Refresh tokens: replaced, kept, raced for and stolen."""

import asyncio

from functions.accounts.oauth.clean_up import clean_up
from functions.accounts.people.tables import User
from tests.integration.functions.accounts.oauth.world import Program, World


async def test_a_confidential_app_keeps_its_token(
    world: World, server_app: Program, anna: User
) -> None:
    tokens = await world.tokens(server_app, anna)

    answers = [await world.refresh(server_app, tokens["refresh_token"]) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert all("refresh_token" not in answer.json() for answer in answers)
    assert len({answer.json()["access_token"] for answer in answers}) == 3


async def test_a_public_apps_token_is_replaced_at_each_use(
    world: World, phone_app: Program, anna: User
) -> None:
    first = await world.tokens(phone_app, anna)
    second = (await world.refresh(phone_app, first["refresh_token"])).json()
    third = (await world.refresh(phone_app, second["refresh_token"])).json()

    seen = {tokens["refresh_token"] for tokens in (first, second, third)}
    assert len(seen) == 3


async def test_a_late_reuse_ends_the_family(world: World, phone_app: Program, anna: User) -> None:
    stolen = (await world.tokens(phone_app, anna))["refresh_token"]
    latest = (await world.refresh(phone_app, stolen)).json()
    world.clock.move(seconds=11)

    reused = await world.refresh(phone_app, stolen)
    rightful = await world.refresh(phone_app, latest["refresh_token"])

    assert reused.json()["error"] == "invalid_grant"
    assert rightful.json()["error"] == "invalid_grant"


async def test_a_late_reuse_ends_no_other_family(
    world: World, phone_app: Program, anna: User
) -> None:
    other = (await world.tokens(phone_app, anna))["refresh_token"]
    stolen = (await world.tokens(phone_app, anna))["refresh_token"]
    await world.refresh(phone_app, stolen)
    world.clock.move(seconds=11)
    await world.refresh(phone_app, stolen)

    assert (await world.refresh(phone_app, other)).status_code == 200


async def test_two_that_race_get_the_same_successor(
    world: World, phone_app: Program, anna: User
) -> None:
    raced_for = (await world.tokens(phone_app, anna))["refresh_token"]

    answers = await asyncio.gather(*(world.refresh(phone_app, raced_for) for _ in range(5)))

    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    world.clock.move(seconds=60)
    assert (await world.refresh(phone_app, successors.pop())).status_code == 200


async def test_an_app_that_missed_the_answer_may_ask_again_for_a_moment(
    world: World, phone_app: Program, anna: User
) -> None:
    token = (await world.tokens(phone_app, anna))["refresh_token"]
    first = (await world.refresh(phone_app, token)).json()
    world.clock.move(seconds=9)

    again = (await world.refresh(phone_app, token)).json()

    assert again["refresh_token"] == first["refresh_token"]


async def test_a_thief_within_the_grace_is_noticed_later(
    world: World, phone_app: Program, anna: User
) -> None:
    """Owner and thief hold the same successor, so the second of them to use it late is noticed."""
    stolen = (await world.tokens(phone_app, anna))["refresh_token"]
    owners = (await world.refresh(phone_app, stolen)).json()["refresh_token"]
    thiefs = (await world.refresh(phone_app, stolen)).json()["refresh_token"]
    world.clock.move(seconds=60)
    latest = (await world.refresh(phone_app, owners)).json()["refresh_token"]
    world.clock.move(seconds=60)

    noticed = await world.refresh(phone_app, thiefs)

    assert noticed.json()["error"] == "invalid_grant"
    assert (await world.refresh(phone_app, latest)).json()["error"] == "invalid_grant"


async def test_another_app_cannot_use_a_token_nor_end_its_family(
    world: World, phone_app: Program, dev: User, anna: User
) -> None:
    other = await world.add_app(dev, confidential=False)
    first = (await world.tokens(phone_app, anna))["refresh_token"]
    second = (await world.refresh(phone_app, first)).json()["refresh_token"]
    world.clock.move(seconds=60)

    answers = [await world.refresh(other, token) for token in (first, second)]

    assert [answer.json()["error"] for answer in answers] == ["invalid_grant"] * 2
    assert (await world.refresh(phone_app, second)).status_code == 200


async def test_forgotten_tokens_expire_and_used_ones_do_not(
    world: World, server_app: Program, anna: User
) -> None:
    used = (await world.tokens(server_app, anna))["refresh_token"]
    forgotten = (await world.tokens(server_app, anna))["refresh_token"]
    world.clock.move(days=100)
    await world.refresh(server_app, used)
    world.clock.move(days=100)
    async with world.database.session() as session:
        await clean_up(session, world.clock())

    assert (await world.refresh(server_app, used)).status_code == 200
    assert (await world.refresh(server_app, forgotten)).json()["error"] == "invalid_grant"


async def test_an_erased_person_has_no_tokens(
    world: World, server_app: Program, anna: User
) -> None:
    token = (await world.tokens(server_app, anna))["refresh_token"]
    async with world.database.session() as session:
        (await session.get_one(User, anna.id)).erased_at = world.clock()

    assert (await world.refresh(server_app, token)).json()["error"] == "invalid_grant"
