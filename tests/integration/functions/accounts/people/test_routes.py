import asyncio
import os
import sys
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
from sqlalchemy import select

from functions.accounts.audit import AuditEvent
from functions.accounts.database import Database
from functions.accounts.people import routes
from functions.accounts.people.announcements import Announcements
from functions.accounts.people.promote import promote
from functions.accounts.people.roles import Role
from functions.accounts.people.tables import User
from functions.accounts.settings import MigrateSettings
from shared import ids
from shared.errors import NotFound
from shared.tokens import Caller
from shared.web import Api, create_app
from tests.unit.functions.catalog.contract import check

ALL = "user-read-private+user-read-email"


class FakeVerifier:
    """Tokens read `subject/client/scope+scope`."""

    async def verify(self, token: str) -> Caller:
        subject, client, scopes = token.split("/")
        return Caller(subject, client, frozenset(scopes.split("+")))


async def plan_of(user_id: str) -> str:
    return "premium"


@pytest.fixture
async def client(
    database: Database, announcements: Announcements
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        routes.routes(
            routes.Dependencies(
                database=database,
                api=Api(FakeVerifier()),  # type: ignore[arg-type]  # only `verify` is used
                public_url="https://music.example",
                plan_of=plan_of,
                first_party={"cadenza-web"},
                announcements=announcements,
            )
        )
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://music.example") as client:
        yield client


def bearer(user: str, client: str = "cadenza-web", scopes: str = ALL) -> dict[str, str]:
    return {"Authorization": f"Bearer {user}/{client}/{scopes}"}


@pytest.mark.parametrize("path", ["/v1/me", "/v1/me/"])
async def test_me_is_what_the_contract_says(
    client: httpx.AsyncClient, anna: User, path: str
) -> None:
    answer = await client.get(path, headers=bearer(anna.id, "some-app"))

    me = answer.json()
    check(me, "PrivateUserObject")
    assert (me["account_id"], me["email"], me["product"]) == (
        anna.id,
        "anna@example.com",
        "premium",
    )
    assert me["followers"] == {"href": None, "total": 0}
    assert "no-store" in answer.headers["Cache-Control"]


async def test_me_for_an_app_that_speaks_for_nobody(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/me", headers=bearer("some-app", "some-app"))

    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


async def test_changing_the_profile(client: httpx.AsyncClient, anna: User) -> None:
    wanted = {
        "display_name": " <b>Anna</b> ",
        "country": "CH",
        "explicit_content": {"filter_enabled": True},
    }
    changed = (await client.put("/v1/me", json=wanted, headers=bearer(anna.id))).json()
    unchanged = (await client.put("/v1/me", json={}, headers=bearer(anna.id))).json()

    assert changed == unchanged
    assert changed["display_name"] == "<b>Anna</b>"
    assert changed["country"] == "CH"
    assert changed["explicit_content"] == {"filter_enabled": True, "filter_locked": False}


@pytest.mark.parametrize(
    "body",
    [
        {"display_name": ""},
        {"display_name": "a\0b"},
        {"country": "Austria"},
        {"country": 7},
        {"explicit_content": True},
        {"email": "other@example.com"},
        {"roles": ["operator"]},
        [],
    ],
)
async def test_bad_changes_change_nothing(
    client: httpx.AsyncClient, anna: User, body: object
) -> None:
    before = (await client.get("/v1/me", headers=bearer(anna.id))).json()

    answer = await client.put("/v1/me", json=body, headers=bearer(anna.id))

    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert (await client.get("/v1/me", headers=bearer(anna.id))).json() == before


async def test_other_apps_change_nothing(client: httpx.AsyncClient, anna: User) -> None:
    headers = bearer(anna.id, "some-app")

    assert (await client.put("/v1/me", json={}, headers=headers)).status_code == 403
    asked = await client.post("/v1/me/roles", json={"role": "artist"}, headers=headers)
    assert asked.status_code == 403


async def test_a_public_profile(client: httpx.AsyncClient, anna: User) -> None:
    headers = bearer("an-app", "an-app")
    profile = (await client.get(f"/v1/users/{anna.id}", headers=headers)).json()

    check(profile, "PublicUserObject")
    assert "anna@example.com" not in str(profile)
    unknown = await client.get(f"/v1/users/{ids.random()}", headers=headers)
    assert unknown.status_code == 404
    assert (await client.get("/v1/users/nonsense", headers=headers)).status_code == 400


async def test_whoever_asks_becomes_an_artist(
    client: httpx.AsyncClient, anna: User, database: Database
) -> None:
    for _ in range(2):
        asked = await client.post("/v1/me/roles", json={"role": "artist"}, headers=bearer(anna.id))
        assert asked.json() == {"roles": ["listener", "artist"]}

    async with database.session() as session:
        events = list(await session.scalars(select(AuditEvent)))
    assert [(each.tag, each.subject, each.details) for each in events] == [
        ("people:role:added", anna.id, {"role": "artist"})
    ]


@pytest.mark.parametrize(("role", "status"), [("operator", 403), ("listener", 403), ("king", 400)])
async def test_other_roles_are_not_for_the_asking(
    client: httpx.AsyncClient, anna: User, role: str, status: int
) -> None:
    asked = await client.post("/v1/me/roles", json={"role": role}, headers=bearer(anna.id))

    assert asked.status_code == status


async def test_an_operator_is_made_from_outside(database: Database, anna: User) -> None:
    assert await promote(database, "ANNA@example.com", Role.operator) == ["listener", "operator"]
    assert await promote(database, "anna@example.com", Role.operator, remove=True) == ["listener"]
    with pytest.raises(NotFound):
        await promote(database, "nobody@example.com", Role.operator)

    async with database.session() as session:
        tags = await session.scalars(select(AuditEvent.tag).order_by(AuditEvent.id))
    assert list(tags) == ["people:role:added", "people:role:removed"]


async def test_the_command_promotes(database: Database, database_url: str, anna: User) -> None:
    environment = {field.name.upper(): "" for field in msgspec.structs.fields(MigrateSettings)} | {
        "DATABASE_URL": database_url
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "functions.accounts.people.promote", "anna@example.com", "operator",
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()

    assert output.decode() == "anna@example.com: listener, operator\n"
