"""The migration job: what it makes, who may use it, and that it can be run again at any time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from functions.accounts import migrate, tables
from functions.accounts.settings import MigrateSettings

USER = "accounts-api@p.iam"


class World:
    """An empty database, and a user of it that is not its owner."""

    def __init__(self, url: str) -> None:
        self.settings = MigrateSettings(
            google_cloud_project="p",
            log_level="INFO",
            public_url="http://localhost:8080",
            database_url=url,
            cloud_sql_instance="",
            database_user="",
            database_users=USER,
        )
        self.owner = create_async_engine(url)
        self.user = create_async_engine(make_url(url).set(username=USER))

    async def migrate(self) -> None:
        await migrate.migrate(self.settings)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    world = World(database_url)
    async with world.owner.begin() as connection:
        known = await connection.scalar(
            text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": USER}
        )
        if not known:
            await connection.execute(text(f'CREATE ROLE "{USER}" LOGIN'))
    yield world
    await world.owner.dispose()
    await world.user.dispose()


async def rows(engine: AsyncEngine, statement: str) -> list[Any]:
    async with engine.begin() as connection:
        result = await connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


async def test_migrations_make_the_tables_that_the_code_knows(world: World) -> None:
    """Otherwise a migration is missing: `make migration` writes it."""
    await world.migrate()

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, tables.metadata))

    async with world.owner.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_our_own_apps_are_there(world: World) -> None:
    await world.migrate()
    found = await rows(world.user, "SELECT id FROM apps WHERE first_party ORDER BY id")
    assert found == ["cadenza-cli", "cadenza-web"]


async def test_to_migrate_again_changes_nothing(world: World) -> None:
    await world.migrate()
    before = await rows(world.owner, "SELECT version_num FROM alembic_version")
    await world.migrate()
    assert await rows(world.owner, "SELECT version_num FROM alembic_version") == before


async def test_two_at_once_wait_for_each_other(world: World) -> None:
    await asyncio.gather(*(world.migrate() for _ in range(3)))
    assert len(await rows(world.owner, "SELECT version_num FROM alembic_version")) == 1


async def test_users_read_and_write_rows_and_no_more(world: World) -> None:
    await world.migrate()
    await rows(world.user, "INSERT INTO users (id, email) VALUES ('a', 'a@b.c')")
    await rows(world.user, "UPDATE users SET country = 'SE'")
    assert await rows(world.user, "DELETE FROM users RETURNING country") == ["SE"]
    for forbidden in (
        "DROP TABLE users",
        "TRUNCATE users",
        "CREATE TABLE own (id int)",
        "ALTER TABLE users ADD COLUMN own int",
        "UPDATE alembic_version SET version_num = '0'",
    ):
        with pytest.raises(ProgrammingError):
            await rows(world.user, forbidden)


async def test_the_audit_trail_only_grows(world: World) -> None:
    await world.migrate()
    await rows(
        world.user,
        "INSERT INTO audit_events (tag, subject, actor, details) VALUES ('t', 's', 'a', '{}')",
    )
    assert await rows(world.user, "SELECT subject FROM audit_events") == ["s"]
    for forbidden in (
        "UPDATE audit_events SET subject = 'other'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            await rows(world.user, forbidden)


async def test_a_migration_that_fails_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(migrate, "seed", fails)
    with pytest.raises(RuntimeError, match="killed"):
        await world.migrate()
    assert (
        await rows(world.owner, "SELECT tablename FROM pg_tables WHERE schemaname='public'") == []
    )
