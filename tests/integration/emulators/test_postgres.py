"""PostgreSQL as the declared program wants it: databases, users and what they may do."""

import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from emulators import postgres
from emulators.gather import Program
from emulators.postgres import DATABASE, INSTANCE, USER, TooManyInstances
from emulators.processes import free_port
from tests.running import running
from tests.unit.emulators.programs import declared, program

OWNER = "accounts-migrate@p.iam"
READER = "accounts-api@p.iam"
PROGRAM = program(
    declared(INSTANCE, "accounts"),
    declared(DATABASE, "cadenza"),
    declared(USER, OWNER, databaseRoles=["cloudsqlsuperuser"]),
    declared(USER, READER),
)


@contextlib.contextmanager
def server(folder: Path) -> Iterator[int]:
    command = postgres.command(free_port(), folder)
    with running(command):
        yield command.port


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("postgres")


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    with server(folder) as port:
        yield port


@contextlib.asynccontextmanager
async def signed_in(port: int, user: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user=user, database="cadenza", ssl=False
    )
    try:
        yield connection
    finally:
        await connection.close()


async def test_making_again_changes_nothing(port: int) -> None:
    await postgres.make(port, PROGRAM)
    async with signed_in(port, OWNER) as owner:
        await owner.execute("CREATE TABLE kept (id int)")
    await postgres.make(port, PROGRAM)
    async with signed_in(port, OWNER) as owner:
        assert await owner.fetchval("SELECT count(*) FROM kept") == 0


async def test_users_may_no_more_than_in_the_cloud(port: int) -> None:
    await postgres.make(port, PROGRAM)
    async with signed_in(port, OWNER) as owner, signed_in(port, READER) as reader:
        await owner.execute("CREATE TABLE things (id int)")
        for forbidden in ("SELECT * FROM things", "CREATE TABLE own (id int)"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await reader.execute(forbidden)
        await owner.execute(f'GRANT SELECT ON things TO "{READER}"')
        assert await reader.fetch("SELECT * FROM things") == []


async def test_case_is_folded_as_unicode_says(port: int) -> None:
    """The database keeps e-mail addresses apart by `lower`."""
    await postgres.make(port, PROGRAM)
    async with signed_in(port, OWNER) as owner:
        assert await owner.fetchval("SELECT lower('ÅSA@EXAMPLE.SE')") == "åsa@example.se"


async def test_a_stranger_is_nobody(port: int) -> None:
    await postgres.make(port, PROGRAM)
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        async with signed_in(port, "stranger"):
            pass


async def test_one_instance_can_run(port: int) -> None:
    two = program(declared(INSTANCE, "one"), declared(INSTANCE, "two"))
    with pytest.raises(TooManyInstances):
        await postgres.make(port, two)


async def test_nothing_declared_makes_nothing(port: int) -> None:
    await postgres.make(port, Program())


async def test_what_it_holds_outlives_a_run(tmp_path: Path) -> None:
    # Half a folder, as a run leaves it that was killed while it was making the first one.
    (tmp_path / "data.draft").mkdir()
    (tmp_path / "data.draft" / "PG_VERSION").write_text("18")
    with server(tmp_path) as port:
        await postgres.make(port, PROGRAM)
        async with signed_in(port, OWNER) as owner:
            await owner.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with server(tmp_path) as port:
        await postgres.make(port, PROGRAM)
        async with signed_in(port, OWNER) as owner:
            assert await owner.fetchval("SELECT number FROM kept") == 7


async def test_what_was_committed_survives_a_kill(tmp_path: Path) -> None:
    with server(tmp_path) as port:
        await postgres.make(port, PROGRAM)
        async with signed_in(port, OWNER) as owner:
            await owner.execute("CREATE TABLE kept AS SELECT 7 AS number")
            pid = int((tmp_path / "data" / "postmaster.pid").read_text().split()[0])
            backends = psutil.Process(pid).children()
            os.kill(pid, signal.SIGKILL)
            psutil.wait_procs(backends, timeout=10)
    with server(tmp_path) as port:
        await postgres.make(port, PROGRAM)
        async with signed_in(port, OWNER) as owner:
            assert await owner.fetchval("SELECT number FROM kept") == 7
