"""The device flow: the device polls while its person answers in a browser."""

from typing import Any

import httpx
import pytest
from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE

from functions.accounts.people.tables import User
from shared.errors import Forbidden, NotFound
from tests.integration.functions.accounts.oauth.world import (
    PUBLIC_URL,
    Program,
    World,
    claims_of,
)

SPEAKER = Program("cadenza-cli", None)


async def begin(world: World, app: Program = SPEAKER, scope: str = "streaming") -> dict[str, Any]:
    response = await world.http.post("/oauth/device", data={"scope": scope, **app.credentials})
    assert response.status_code == 200, response.text
    begun: dict[str, Any] = response.json()
    return begun


async def poll(world: World, device_code: str, app: Program = SPEAKER) -> httpx.Response:
    return await world.token(
        grant_type=DEVICE_CODE_GRANT_TYPE, device_code=device_code, **app.credentials
    )


async def test_lets_a_device_in(world: World, anna: User) -> None:
    begun = await begin(world, scope="streaming user-read-email")

    waiting = await poll(world, begun["device_code"])
    asked = await world.devices.pending(begun["user_code"], anna)
    await world.devices.approve(begun["user_code"], anna)
    world.clock.move(seconds=6)
    answer = await poll(world, begun["device_code"])

    assert begun["verification_uri"] == f"{PUBLIC_URL}/device"
    assert begun["interval"] == 5
    assert waiting.json()["error"] == "authorization_pending"
    assert list(asked.scopes) == ["streaming", "user-read-email"]
    tokens = answer.json()
    assert claims_of(tokens["access_token"])["sub"] == anna.id
    assert (await world.refresh(SPEAKER, tokens["refresh_token"])).status_code == 200


@pytest.mark.parametrize("typed", ["lower", "plain", "spaced"])
async def test_a_code_may_be_typed_as_people_type(world: World, anna: User, typed: str) -> None:
    code = (await begin(world))["user_code"]
    forms = {
        "lower": code.lower(),
        "plain": code.replace("-", ""),
        "spaced": f"  {code.replace('-', ' - ')} ",
    }

    assert (await world.devices.pending(forms[typed], anna)).app_name


async def test_a_code_counts_once(world: World, anna: User) -> None:
    begun = await begin(world)
    await world.devices.approve(begun["user_code"], anna)

    first = await poll(world, begun["device_code"])
    again = await poll(world, begun["device_code"])

    assert first.status_code == 200
    assert again.json()["error"] == "invalid_grant"
    with pytest.raises(NotFound):
        await world.devices.approve(begun["user_code"], anna)


async def test_turns_a_device_away(world: World, anna: User) -> None:
    begun = await begin(world)
    await world.devices.refuse(begun["user_code"], anna)

    answer = await poll(world, begun["device_code"])

    assert answer.json()["error"] == "access_denied"


async def test_slows_a_device_that_asks_too_often(world: World) -> None:
    """Each time by five seconds, for good."""
    code = (await begin(world))["device_code"]
    answers = []

    for pause_s in (0, 1, 9, 14, 16):
        world.clock.move(seconds=pause_s)
        answers.append((await poll(world, code)).json()["error"])

    assert answers == [
        "authorization_pending",
        "slow_down",
        "slow_down",
        "slow_down",
        "slow_down",
    ]
    world.clock.move(seconds=26)
    assert (await poll(world, code)).json()["error"] == "authorization_pending"


async def test_expires(world: World, anna: User) -> None:
    begun = await begin(world)
    world.clock.move(minutes=16)

    assert (await poll(world, begun["device_code"])).json()["error"] == "expired_token"
    with pytest.raises(NotFound):
        await world.devices.approve(begun["user_code"], anna)


async def test_belongs_to_its_app(world: World, phone_app: Program, anna: User) -> None:
    begun = await begin(world)
    await world.devices.approve(begun["user_code"], anna)

    stolen = await poll(world, begun["device_code"], phone_app)
    rightful = await poll(world, begun["device_code"])

    assert stolen.status_code == 400
    assert rightful.status_code == 200


async def test_an_app_in_development_lets_in_its_people_only(
    world: World, phone_app: Program, anna: User
) -> None:
    stranger = await world.add_user("stranger")
    code = (await begin(world, phone_app))["user_code"]

    with pytest.raises(Forbidden):
        await world.devices.approve(code, stranger)
    await world.devices.approve(code, anna)


async def test_a_listener_grants_no_uploads(world: World, anna: User) -> None:
    begun = await begin(world, scope="streaming upload-modify")
    await world.devices.approve(begun["user_code"], anna)

    assert (await poll(world, begun["device_code"])).json()["scope"] == "streaming"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "cadenza-cli", "scope": "everything"}, "invalid_scope"),
        ({}, "invalid_client"),
    ],
)
async def test_bad_beginnings(world: World, form: dict[str, str], error: str) -> None:
    response = await world.http.post("/oauth/device", data=form or {"x": "1"})

    assert response.status_code == 400
    assert response.json()["error"] == error


async def test_a_confidential_app_has_to_show_its_secret(world: World, server_app: Program) -> None:
    response = await world.http.post("/oauth/device", data={"client_id": server_app.id})

    assert response.json()["error"] == "invalid_client"
