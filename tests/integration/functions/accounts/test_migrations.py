"""The tables as migrations make them."""

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from functions.accounts import audit
from functions.accounts.database import Database
from functions.accounts.migrate import migrate
from functions.accounts.oauth.tables import App
from functions.accounts.settings import MigrateSettings
from functions.accounts.tables import metadata

PUBLIC_URL = "https://cadenza.example"


async def migrated(database_url: str) -> None:
    await migrate(
        MigrateSettings(
            google_cloud_project="demo-cadenza",
            log_level="INFO",
            public_url=PUBLIC_URL,
            database_url=database_url,
            cloud_sql_instance="",
            database_user="",
            database_users="",
        )
    )


async def test_make_what_the_code_expects(database_url: str) -> None:
    await migrated(database_url)
    await migrated(database_url)

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == []


async def test_seed_our_own_apps(database_url: str) -> None:
    await migrated(database_url)
    database = Database(database_url)
    async with database.session() as session:
        cli = await session.get_one(App, "cadenza-cli")
        web = await session.get_one(App, "cadenza-web")
        # Somebody meddled; the next deployment sets it right.
        web.redirect_uris = ["https://evil.example/"]
    await migrated(database_url)
    async with database.session() as session:
        again = await session.get_one(App, "cadenza-web")
    await database.close()

    assert cli.first_party
    assert not cli.confidential
    assert "http://127.0.0.1/callback" in cli.redirect_uris
    assert again.redirect_uris == [f"{PUBLIC_URL}/callback"]


PAYMENT = """
    INSERT INTO payments (id, charge, entry, user_id, reason, plan, period, price, credit, amount,
                          currency, anchor, number, starts_at, ends_at, provider, at)
    VALUES ('p', 'c', 'asked', 'anna', 'start', 'premium', 'month', 999, 0, 999,
            'EUR', now(), 0, now(), now(), 'local', now())
"""


@pytest.mark.parametrize(
    "statement",
    ["UPDATE payments SET amount = 0", "DELETE FROM payments", "TRUNCATE payments"],
)
async def test_the_journal_of_payments_only_grows(database_url: str, statement: str) -> None:
    """Not even the tables' own owner changes it."""
    await migrated(database_url)
    database = Database(database_url)
    async with database.session() as session:
        await session.execute(text("INSERT INTO users (id) VALUES ('anna')"))
        await session.execute(text(PAYMENT))

    with pytest.raises(DBAPIError, match="payments only grow") as refused:
        async with database.session() as session:
            await session.execute(text(statement))
    async with database.session() as session:
        left = await session.scalar(text("SELECT sum(amount) FROM payments"))
    await database.close()

    assert refused.value.orig is not None
    assert isinstance(refused.value.orig.__cause__, asyncpg.InsufficientPrivilegeError)
    assert left == 999


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'nobody'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
    ],
)
async def test_the_audit_trail_only_grows(database_url: str, statement: str) -> None:
    await migrated(database_url)
    database = Database(database_url)
    async with database.session() as session:
        audit.record(session, audit.Tag.signed_in, subject="anna")

    with pytest.raises(DBAPIError) as refused:
        async with database.session() as session:
            await session.execute(text(statement))
    async with database.session() as session:
        left = await session.scalar(text("SELECT count(*) FROM audit_events"))
    await database.close()

    assert "audit_events only grows" in str(refused.value)
    assert refused.value.orig is not None
    assert isinstance(refused.value.orig.__cause__, asyncpg.InsufficientPrivilegeError)
    assert left == 1
