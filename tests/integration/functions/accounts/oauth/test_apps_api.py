"""`/v1/me/apps`, and the same things as account pages see them."""

from typing import Any

import httpx
import pytest

from functions.accounts.oauth import own_pages
from functions.accounts.people.tables import User
from shared.errors import BadRequest, NotFound
from tests.integration.functions.accounts.oauth.world import (
    CALLBACK,
    Pkce,
    Program,
    World,
    claims_of,
)

CLI = Program("cadenza-cli", None, "http://127.0.0.1:1234/callback")


class Maker:
    """Somebody who makes apps by the API."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._headers = {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str = "", body: Any = None) -> httpx.Response:
        return await self._world.http.request(
            method, f"/v1/me/apps{path}", json=body, headers=self._headers
        )

    async def register(self, **fields: Any) -> dict[str, Any]:
        body = {"name": "Mixer", "redirect_uris": [CALLBACK], **fields}
        response = await self.call("POST", body=body)
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.json()
        return made


async def maker(world: World, user: User) -> Maker:
    pkce = Pkce.fresh()
    code = await world.code(CLI, user, **pkce.asked)
    response = await world.exchange(CLI, code, code_verifier=pkce.verifier)
    return Maker(world, response.json()["access_token"])


@pytest.fixture
async def devs(world: World, dev: User) -> Maker:
    return await maker(world, dev)


async def test_registers_lists_and_removes(devs: Maker) -> None:
    made = await devs.register(description="Mixes.")
    public = await devs.register(name="Phone", confidential=False)

    listed = (await devs.call("GET")).json()
    one = (await devs.call("GET", f"/{made['id']}")).json()
    removed = await devs.call("DELETE", f"/{made['id']}")
    gone = await devs.call("GET", f"/{made['id']}")

    assert len(made["secret"]) == 43
    assert "secret" not in public
    assert {app["id"] for app in listed["items"]} == {made["id"], public["id"]}
    assert "secret" not in one
    assert one["development"] is True
    assert removed.status_code == 204
    assert gone.status_code == 404
    assert gone.json() == {"error": {"status": 404, "message": "App not found"}}


async def test_changes_what_is_given(devs: Maker) -> None:
    made = await devs.register()

    response = await devs.call("PUT", f"/{made['id']}", {"name": "Blender"})

    assert response.json()["name"] == "Blender"
    assert response.json()["redirect_uris"] == [CALLBACK]


async def test_the_old_secret_holds_for_an_hour(world: World, devs: Maker) -> None:
    made = await devs.register()
    old = Program(made["id"], made["secret"])
    response = await devs.call("POST", f"/{made['id']}/secret")
    new = Program(made["id"], response.json()["secret"])

    async def statuses() -> list[int]:
        answers = [
            await world.token(grant_type="client_credentials", **each.credentials)
            for each in (old, new)
        ]
        return [answer.status_code for answer in answers]

    assert await statuses() == [200, 200]
    world.clock.move(minutes=61)
    assert await statuses() == [400, 200]


async def test_the_secret_before_the_old_one_is_void(world: World, devs: Maker) -> None:
    made = await devs.register()
    for _ in range(2):
        await devs.call("POST", f"/{made['id']}/secret")

    answer = await world.token(
        grant_type="client_credentials", client_id=made["id"], client_secret=made["secret"]
    )

    assert answer.json()["error"] == "invalid_client"


async def test_counts_tokens_by_day(world: World, devs: Maker) -> None:
    made = await devs.register()
    for _ in range(3):
        await world.token(
            grant_type="client_credentials", client_id=made["id"], client_secret=made["secret"]
        )

    days = (await devs.call("GET", f"/{made['id']}/usage?days=7")).json()["items"]

    assert len(days) == 7
    assert days[-1] == {"day": world.clock().date().isoformat(), "tokens": 3}
    assert days[0]["tokens"] == 0


async def test_lists_up_to_25_users(world: World, devs: Maker) -> None:
    made = await devs.register()
    users = [await world.add_user(f"user {n}") for n in range(26)]

    answers = [await devs.call("PUT", f"/{made['id']}/users/{user.id}") for user in users]
    again = await devs.call("PUT", f"/{made['id']}/users/{users[0].id}")
    fewer = await devs.call("DELETE", f"/{made['id']}/users/{users[0].id}")
    unknown = await devs.call("PUT", f"/{made['id']}/users/nobody")

    assert [answer.status_code for answer in answers] == [200] * 25 + [403]
    assert len(again.json()["users"]) == 25
    assert len(fewer.json()["users"]) == 24
    assert unknown.status_code == 404


async def test_an_operator_ends_development_and_sets_the_quota(world: World, devs: Maker) -> None:
    made = await devs.register()
    operator = await maker(world, await world.add_user("operator", "operator"))
    limits = {"development": False, "quota": 5000}

    refused = await devs.call("PUT", f"/{made['id']}/limits", limits)
    done = await operator.call("PUT", f"/{made['id']}/limits", limits)
    own = await operator.call("PUT", "/cadenza-cli/limits", limits)

    assert refused.status_code == 403
    assert done.json()["development"] is False
    assert own.status_code == 404
    answer = await world.token(
        grant_type="client_credentials", client_id=made["id"], client_secret=made["secret"]
    )
    assert claims_of(answer.json()["access_token"])["quota"] == 5000


async def test_apps_of_others_do_not_exist(world: World, devs: Maker, anna: User) -> None:
    made = await devs.register()
    annas = await maker(world, anna)
    path = f"/{made['id']}"

    answers = [
        await annas.call("GET", path),
        await annas.call("PUT", path, {"name": "Mine"}),
        await annas.call("DELETE", path),
        await annas.call("POST", f"{path}/secret"),
        await annas.call("GET", f"{path}/usage"),
        await annas.call("PUT", f"{path}/users/{anna.id}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert (await devs.call("GET", path)).json()["name"] == "Mixer"


async def test_other_apps_cannot_make_apps_for_a_person(
    world: World, server_app: Program, dev: User
) -> None:
    tokens = await world.tokens(server_app, dev)
    own = await world.token(grant_type="client_credentials", **server_app.credentials)

    for token in (tokens["access_token"], own.json()["access_token"]):
        response = await Maker(world, token).call("GET")
        assert response.status_code == 403


async def test_needs_a_token(world: World) -> None:
    response = await world.http.get("/v1/me/apps")

    assert response.status_code == 401
    assert "www-authenticate" in response.headers


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": " \t "},
        {"name": "a" * 81},
        {"name": "a\u202eb"},
        {"name": "a\0b"},
        {"name": 7},
        {"description": "a" * 501},
        {"redirect_uris": ["http://app.example/"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://app.example/#x"]},
        {"redirect_uris": ["https://user@app.example/"]},
        {"redirect_uris": ["https://*.example/"]},
        {"redirect_uris": [CALLBACK] * 21},
        {"redirect_uris": CALLBACK},
        {"first_party": True},
        {"owner_id": "somebody"},
    ],
)
async def test_bad_apps(devs: Maker, fields: dict[str, Any]) -> None:
    body = {"name": "Mixer", "redirect_uris": [CALLBACK], **fields}

    response = await devs.call("POST", body=body)

    assert response.status_code == 400
    assert response.json()["error"]["status"] == 400
    assert (await devs.call("GET")).json()["total"] == 0


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE apps; --", "<script>alert(1)</script>", "{{7*7}}", "Ünïcode 音楽 🎵"]
)
async def test_any_text_is_just_text(devs: Maker, text: str) -> None:
    made = await devs.register(name=text, description=text)

    found = (await devs.call("GET", f"/{made['id']}")).json()

    assert (found["name"], found["description"]) == (text, text)


@pytest.mark.parametrize("path", ["/nobody", "/' OR 1=1 --", "/%00", "/" + "a" * 500])
async def test_bad_ids(devs: Maker, path: str) -> None:
    assert (await devs.call("GET", path)).status_code == 404


@pytest.mark.parametrize("days", ["0", "91", "-1", "x", "1e1", "٣"])
async def test_bad_days(devs: Maker, days: str) -> None:
    made = await devs.register()

    assert (await devs.call("GET", f"/{made['id']}/usage?days={days}")).status_code == 400


async def test_removing_an_app_ends_its_tokens(
    world: World, server_app: Program, dev: User, anna: User
) -> None:
    tokens = await world.tokens(server_app, anna)
    await own_pages.Apps(world.dependencies).remove(dev, server_app.id)

    refreshed = await world.refresh(server_app, tokens["refresh_token"])

    assert refreshed.json()["error"] == "invalid_client"
    assert await own_pages.Grants(world.dependencies).of(anna) == []


async def test_pages_see_apps_and_grants(world: World, dev: User, anna: User) -> None:
    pages, grants = own_pages.Apps(world.dependencies), own_pages.Grants(world.dependencies)
    app, secret = await pages.register(
        dev, name="Mixer", description="", redirect_uris=[CALLBACK], confidential=True
    )
    mixer = Program(app.id, secret)
    await world.tokens(mixer, dev)

    changed = await pages.change(
        dev, app.id, name="Blender", description="Blends.", redirect_uris=[CALLBACK]
    )
    (granted,) = await grants.of(dev)
    await grants.take_back(dev, app.id)

    assert changed.tokens_today == 1
    assert [each.name for each in await pages.of(dev)] == ["Blender"]
    assert (granted.app_name, list(granted.scopes)) == ("Blender", ["streaming"])
    assert await grants.of(dev) == []
    assert await pages.rotate_secret(dev, app.id) != secret
    with pytest.raises(NotFound):
        await pages.get(anna, app.id)
    with pytest.raises(BadRequest, match="Invalid redirect_uris"):
        await pages.change(dev, app.id, name="B", description="", redirect_uris=["ftp://x"])
