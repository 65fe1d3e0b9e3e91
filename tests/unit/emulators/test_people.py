"""The demo people, signed up at a platform that only pretends."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from emulators.addresses import Addresses
from emulators.issuer import ROLES, USER
from emulators.people import PEOPLE, DemoPeople, email_of, hidden_fields
from emulators.processes import Command, Processes
from emulators.state import StateFolder
from emulators.units import JOB, LocalCloud
from tests.unit.emulators.programs import declared, program

PAGE = '<form><input type="hidden" name="csrf" value="a&amp;b"><input name="email"></form>'


class Pages:
    """The sign-up page: takes a form that carries what the page gave."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.status = 303

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/signup", self.show), web.post("/signup", self.take)])
        return app

    async def show(self, _: web.Request) -> web.Response:
        response = web.Response(text=PAGE, content_type="text/html")
        response.set_cookie("form", "mine")
        return response

    async def take(self, request: web.Request) -> web.Response:
        assert request.cookies["form"] == "mine"
        self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        return web.Response(status=self.status, headers={"Location": "/account"})


class FakeProcesses:
    def __init__(self) -> None:
        self.code = 0
        self.runs: list[Command] = []

    async def run(self, command: Command, *, within_s: float) -> int:
        self.runs.append(command)
        return self.code

    def log_path(self, name: str) -> Path:
        return Path(name)


class World:
    def __init__(self, folder: Path, pages: Pages, url: str) -> None:
        self.state = StateFolder(folder)
        self.pages = pages
        self.url = url
        self.processes = FakeProcesses()
        self.said: list[str] = []

    async def make(self) -> None:
        container = {
            "commands": ["python", "-m", "functions.accounts.migrate"],
            "envs": [{"name": "DATABASE_URL", "value": "postgresql://here"}],
        }
        job = declared(JOB, "accounts-migrate", template={"template": {"containers": [container]}})
        cloud = LocalCloud(
            program=program(job),
            addresses=Addresses(self.state),
            emulators={},
            root=self.state.root,
            unpacked=self.state.root,
        )
        await DemoPeople(
            cloud,
            cast(Processes, self.processes),
            self.state,
            url=self.url,
            say=self.said.append,
        ).make()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    pages = Pages()
    async with TestServer(pages.app()) as server:
        # By name: cookies of a bare address are not kept.
        yield World(tmp_path, pages, f"http://localhost:{server.port}")


async def test_they_sign_up_as_anybody_does(world: World) -> None:
    await world.make()
    assert [form["email"] for form in world.pages.forms] == [email_of(role) for role in PEOPLE]
    for form in world.pages.forms:
        assert form["csrf"] == "a&b"
        assert form["password"] == world.state.demo_password()
        assert form["country"] == "SE"


async def test_roles_are_given_with_the_databases_own_job(world: World) -> None:
    await world.make()
    *promoted, developer = [list(command.argv[1:]) for command in world.processes.runs]
    assert promoted == [
        ["-m", "functions.accounts.people.promote", email_of(role), role]
        for role in ("artist", "operator")
    ]
    introduce = ["-m", "functions.accounts.people.introduce"]
    assert developer == [*introduce, USER, "Demo Developer", *ROLES]
    assert all(
        command.env["DATABASE_URL"] == "postgresql://here" for command in world.processes.runs
    )


async def test_it_is_said_how_to_sign_in(world: World) -> None:
    await world.make()
    [text] = world.said
    for part in (f"{world.url}/signin", world.state.demo_password(), *map(email_of, PEOPLE)):
        assert part in text


async def test_they_are_made_once(world: World) -> None:
    await world.make()
    await world.make()
    assert len(world.pages.forms) == len(PEOPLE)
    assert json.loads(world.state.people.read_text()) == [*PEOPLE, USER]
    assert world.said[0] == world.said[1]


async def test_who_is_there_already_only_gets_the_role(world: World) -> None:
    """A run may have been killed between the two."""
    world.pages.status = 409
    await world.make()
    assert len(world.processes.runs) == 3
    assert "sign in at" in world.said[0]


async def test_a_refused_form_is_told_of_and_tried_again(world: World) -> None:
    world.pages.status = 422
    await world.make()
    assert "could not be made" in world.said[0]
    assert not world.state.people.exists()
    world.pages.status = 303
    await world.make()
    assert json.loads(world.state.people.read_text()) == [*PEOPLE, USER]


async def test_a_role_that_cannot_be_given_is_tried_again(world: World) -> None:
    world.processes.code = 1
    await world.make()
    assert json.loads(world.state.people.read_text()) == ["listener"]
    world.processes.code = 0
    await world.make()
    assert json.loads(world.state.people.read_text()) == [*PEOPLE, USER]


def test_hidden_fields_are_found_in_any_page() -> None:
    assert hidden_fields(PAGE) == {"csrf": "a&b"}
    assert hidden_fields("<input type=hidden name=next><p>") == {"next": ""}
    assert hidden_fields("no form") == {}
