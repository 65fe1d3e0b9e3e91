"""One migrated database, of which each test gets a copy."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator

import asyncpg
import pytest

from functions.accounts.database import Database
from functions.accounts.migrate import migrate
from functions.accounts.oauth import apps
from functions.accounts.people.tables import User
from functions.accounts.settings import MigrateSettings
from tests.integration.functions.accounts.oauth.world import PUBLIC_URL, Program, World


@pytest.fixture(scope="session")
def migrated(postgres_server: str) -> str:
    """The name of a database that the migration job has made."""
    name = f"migrated_{secrets.token_hex(6)}"
    asyncio.run(_execute(postgres_server, f"CREATE DATABASE {name}"))
    settings = MigrateSettings(
        google_cloud_project="demo-cadenza",
        log_level="INFO",
        public_url=PUBLIC_URL,
        database_url=f"postgresql+asyncpg://postgres@{postgres_server}/{name}",
        cloud_sql_instance="",
        database_user="",
        database_users="",
    )
    asyncio.run(migrate(settings))
    return name


@pytest.fixture
async def world(postgres_server: str, migrated: str) -> AsyncIterator[World]:
    name = f"test_{secrets.token_hex(6)}"
    await _execute(
        postgres_server, f"CREATE DATABASE {name} TEMPLATE {migrated} STRATEGY file_copy"
    )
    database = Database(f"postgresql+asyncpg://postgres@{postgres_server}/{name}")
    world = World(database)
    yield world
    await world.http.aclose()
    await database.close()


@pytest.fixture
async def anna(world: World) -> User:
    """A listener."""
    return await world.add_user("anna")


@pytest.fixture
async def dev(world: World) -> User:
    """Who makes apps."""
    return await world.add_user("dev")


@pytest.fixture
async def server_app(world: World, dev: User, anna: User) -> Program:
    """An app with a secret, that Anna may use."""
    return await _app_for(world, dev, anna, confidential=True)


@pytest.fixture
async def phone_app(world: World, dev: User, anna: User) -> Program:
    """An app without a secret, that Anna may use."""
    return await _app_for(world, dev, anna, confidential=False)


async def _app_for(world: World, owner: User, user: User, *, confidential: bool) -> Program:
    program = await world.add_app(owner, confidential=confidential)
    async with world.database.session() as session:
        app = await apps.owned(session, program.id, owner.id)
        await apps.allow(session, app, user.id)
    return program


async def _execute(address: str, statement: str) -> None:
    # The server opens its port a moment before it lets anybody in.
    for _ in range(100):
        with contextlib.suppress(asyncpg.CannotConnectNowError):
            connection = await asyncpg.connect(f"postgresql://postgres@{address}/postgres")
            break
        await asyncio.sleep(0.05)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
