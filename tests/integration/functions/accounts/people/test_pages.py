"""Pages over a real database: signing up, the profile, sessions, an outage."""

import re
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.database import Database
from functions.accounts.pages import routes
from functions.accounts.pages.csrf import Csrf
from functions.accounts.pages.site import Site
from functions.accounts.people.announcements import Announcements
from functions.accounts.people.attempts import Attempts
from functions.accounts.people.credentials import Credentials
from functions.accounts.people.sessions import Sessions
from functions.accounts.people.sign_in import SignIn
from shared.web import create_app
from tests.integration.functions.accounts.people.conftest import FakePasswords, Topic
from tests.unit.functions.accounts.pages.fakes import (
    FakeApps,
    FakeConsents,
    FakeDevices,
    FakeFamilyDesks,
    FakeGrants,
    FakePlanDesks,
    FakePlans,
    FakePrivacy,
)

URL = "http://localhost:8080"
BERTA = {
    "name": "Berta",
    "email": "berta@example.com",
    "password": "correct horse",
    "country": "DE",
}


async def _end_nothing(_: AsyncSession, __: str) -> None:
    pass


def browser(database: Database, passwords: FakePasswords) -> httpx.AsyncClient:
    attempts = Attempts(database)
    app = create_app(
        routes.routes(
            routes.Dependencies(
                site=Site(Sessions(database, public_url=URL), Csrf("secret", public_url=URL)),
                database=database,
                people=SignIn(database, passwords, attempts),
                credentials=Credentials(database, passwords, end_first_party=_end_nothing),
                announcements=Announcements(database, Topic(), "profile-changed"),
                attempts=attempts,
                consents=FakeConsents(),
                devices=FakeDevices(),
                apps=FakeApps(),
                grants=FakeGrants(),
                plans=FakePlans(),
                plan_desks=FakePlanDesks(),
                family_desks=FakeFamilyDesks(),
                privacy=FakePrivacy(),
            )
        )
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(cast(Any, app)), base_url=URL)


@pytest.fixture
async def client(database: Database, passwords: FakePasswords) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(database, passwords) as client:
        yield client


async def send(
    client: httpx.AsyncClient, page: str, path: str, fields: dict[str, str]
) -> httpx.Response:
    found = re.search(r'name="csrf" value="(\w+)"', (await client.get(page)).text)
    assert found is not None
    return await client.post(path, data={"csrf": found[1], **fields})


async def test_from_signing_up_to_signing_out(client: httpx.AsyncClient) -> None:
    assert (await send(client, "/signup", "/signup", BERTA)).status_code == 303
    page = (await client.get("/account")).text
    assert 'value="Berta"' in page
    assert "this one" in page

    evil = {"name": "'; DROP TABLE users; -- <b>", "country": "CH", "hide_explicit": "yes"}
    assert (await send(client, "/account", "/account/profile", evil)).status_code == 303
    assert (await send(client, "/account", "/account/artist", {})).status_code == 303
    page = (await client.get("/account")).text
    assert "DROP TABLE users; -- &lt;b&gt;" in page
    assert '<option value="CH" selected>' in page
    assert 'value="yes" checked' in page
    assert "Become an artist" not in page

    assert (await send(client, "/account", "/signout", {})).status_code == 303
    assert (await client.get("/account")).headers["Location"] == "/signin?next=%2Faccount"


async def test_another_browser_is_signed_out(
    client: httpx.AsyncClient, database: Database, passwords: FakePasswords
) -> None:
    await send(client, "/signup", "/signup", BERTA)
    async with browser(database, passwords) as other:
        await send(other, "/signin", "/signin", BERTA)
        assert (await other.get("/account")).status_code == 200
        await send(client, "/account", "/account/sessions", {"session": "others"})

        assert (await other.get("/account")).status_code == 303
    assert (await client.get("/account")).status_code == 200


async def test_without_the_database_pages_say_so(passwords: FakePasswords) -> None:
    gone = Database("postgresql+asyncpg://postgres@127.0.0.1:9/none")
    async with browser(gone, passwords) as client:
        assert (await client.get("/signin")).status_code == 200, "nobody is looked up"
        client.cookies.set("cadenza", "some id")
        answer = await client.get("/account")
    await gone.close()

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "<h1>Not available for now</h1>" in answer.text
