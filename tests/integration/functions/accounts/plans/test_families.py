import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from functions.accounts.plans.families import MOST_MEMBERS
from functions.accounts.plans.offers import Period, Plan
from tests.integration.functions.accounts.plans.world import World, bearer

NASTY = ["", "x" * 101, "'; DROP TABLE users; --", "<b>", "\0", "a" * 22]


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    await world.billing.choose("anna", Plan.family, Period.month)
    async with world.client() as client:
        yield client


async def invite(client: httpx.AsyncClient) -> str:
    answer = await client.post("/v1/me/family/invitations", headers=bearer("anna"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


async def accept(client: httpx.AsyncClient, user: str, code: str) -> httpx.Response:
    path = "/v1/me/family/invitations/accept"
    return await client.post(path, headers=bearer(user), json={"code": code})


async def test_a_member_has_what_the_manager_pays_for(
    client: httpx.AsyncClient, world: World
) -> None:
    answer = await accept(client, "ben", await invite(client))
    assert answer.json() == {"manager": "anna", "plan": "family"}
    plan = (await client.get("/v1/me/plan", headers=bearer("ben"))).json()
    assert (plan["plan"], plan["product"], plan["manager"]) == ("family", "premium", "Anna")
    family = (await client.get("/v1/me/family", headers=bearer("ben"))).json()
    assert [member["id"] for member in family["members"]] == ["ben"]
    assert (family["manager"], family["is_manager"]) == ("anna", False)
    refused = await client.put("/v1/me/plan", headers=bearer("ben"), json={"plan": "premium"})
    assert refused.status_code == 409


async def test_an_invitation_holds_once_and_for_a_week(
    client: httpx.AsyncClient, world: World
) -> None:
    await world.person("carl")
    code = await invite(client)
    assert (await accept(client, "ben", code)).status_code == 200
    assert (await accept(client, "carl", code)).status_code == 404
    late = await invite(client)
    world.clock.move(days=8)
    assert (await accept(client, "carl", late)).status_code == 404


async def test_of_two_who_come_with_one_code_one_is_let_in(
    client: httpx.AsyncClient, world: World
) -> None:
    await world.person("carl")
    code = await invite(client)
    answers = await asyncio.gather(*(accept(client, who, code) for who in ("ben", "carl")))
    assert sorted(answer.status_code for answer in answers) == [200, 404]


async def test_a_family_is_never_larger_than_it_may_be(
    client: httpx.AsyncClient, world: World
) -> None:
    answers = await asyncio.gather(
        *(
            client.post("/v1/me/family/invitations", headers=bearer("anna"))
            for _ in range(MOST_MEMBERS + 3)
        )
    )
    codes = [answer.json()["code"] for answer in answers if answer.status_code == 201]
    assert len(codes) == MOST_MEMBERS
    for number, code in enumerate(codes):
        await world.person(f"p{number}")
        assert (await accept(client, f"p{number}", code)).status_code == 200
    full = await client.post("/v1/me/family/invitations", headers=bearer("anna"))
    assert full.status_code == 409


async def test_members_leave_and_are_removed_by_their_manager_only(
    client: httpx.AsyncClient, world: World
) -> None:
    await world.person("carl")
    for who in ("ben", "carl"):
        await accept(client, who, await invite(client))
    stranger = await client.delete("/v1/me/family/members/carl", headers=bearer("ben"))
    assert stranger.status_code == 404
    left = await client.delete("/v1/me/family/members/me", headers=bearer("ben"))
    removed = await client.delete("/v1/me/family/members/carl", headers=bearer("anna"))
    assert (left.status_code, removed.status_code) == (204, 204)
    assert await world.plan("ben") is Plan.free
    assert await world.plan("carl") is Plan.free


async def test_an_invitation_can_be_withdrawn(client: httpx.AsyncClient) -> None:
    code = await invite(client)
    family = (await client.get("/v1/me/family", headers=bearer("anna"))).json()
    [waiting] = family["invitations"]
    assert "code" not in waiting
    path = f"/v1/me/family/invitations/{waiting['id']}"
    assert (await client.delete(path, headers=bearer("ben"))).status_code == 404
    assert (await client.delete(path, headers=bearer("anna"))).status_code == 204
    assert (await accept(client, "ben", code)).status_code == 404


async def test_the_family_goes_with_the_plan(client: httpx.AsyncClient, world: World) -> None:
    await accept(client, "ben", await invite(client))
    await world.billing.cancel("anna")
    assert await world.plan("ben") is Plan.family
    world.clock.move(days=31)
    assert await world.plan("ben") is Plan.free
    await world.tick()
    family = (await client.get("/v1/me/family", headers=bearer("anna"))).json()
    assert family["members"] == []


async def test_who_pays_for_themselves_does_not_join(
    client: httpx.AsyncClient, world: World
) -> None:
    await world.billing.choose("ben", Plan.premium, Period.month)
    assert (await accept(client, "ben", await invite(client))).status_code == 409
    own = await client.post("/v1/me/family/invitations", headers=bearer("ben"))
    assert own.status_code == 409


async def test_the_manager_is_no_member(client: httpx.AsyncClient) -> None:
    assert (await accept(client, "anna", await invite(client))).status_code == 404


@pytest.mark.parametrize("code", NASTY)
async def test_a_code_that_is_none_is_refused(client: httpx.AsyncClient, code: str) -> None:
    assert (await accept(client, "ben", code)).status_code in {400, 404}


@pytest.mark.parametrize("id", ["%00", "'%20OR%201=1", "%3Cscript%3E", "x" * 5000])
async def test_an_id_that_is_none_is_refused(client: httpx.AsyncClient, id: str) -> None:
    for kind in ("members", "invitations"):
        answer = await client.delete(f"/v1/me/family/{kind}/{id}", headers=bearer("anna"))
        assert answer.status_code in {400, 404}
