"""The migration job: the tables that this version's code expects, who may use them, our own apps.

`python -m functions.accounts.migrate` does nothing to a database that is up to date. All of it is
one transaction: killed half-way, the database is as it was.
"""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from functions.accounts.audit import AuditEvent
from functions.accounts.database import Database
from functions.accounts.oauth.seed import seed
from functions.accounts.plans.tables import PaymentEntry
from functions.accounts.settings import MigrateSettings
from shared import settings, telemetry
from shared.telemetry import fields

_FOLDER = Path(__file__).parent / "migrations"
# Any number, as long as every migration asks for the same.
_LOCK = 4_161_002_977
# An index over many rows takes minutes, and the job has ten.
_STATEMENT_TIMEOUT_S = 590.0

log = logging.getLogger(__name__)


def main() -> None:
    configured = settings.load(MigrateSettings)
    telemetry.configure(configured.google_cloud_project, configured.log_level)
    asyncio.run(migrate(configured))


async def migrate(configured: MigrateSettings) -> None:
    database = Database(
        configured.database_url,
        instance=configured.cloud_sql_instance,
        user=configured.database_user,
        statement_timeout_s=_STATEMENT_TIMEOUT_S,
    )
    users = [user for user in configured.database_users.split(",") if user]
    try:
        async with database.session() as session:
            await session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            connection = await session.connection()
            await connection.run_sync(_upgrade)
            await connection.run_sync(_grant, users)
            await seed(session, configured.public_url)
    finally:
        await database.close()
    log.info("migrated", extra=fields(users=len(users)))


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _grant(connection: Connection, users: Sequence[str]) -> None:
    """Users of the units read and write rows, and nothing else; what only grows they add to."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    for user in map(quote, users):
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {user}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {user}",
            f"REVOKE UPDATE, DELETE ON {AuditEvent.__tablename__} FROM {user}",
            f"REVOKE UPDATE, DELETE ON {PaymentEntry.__tablename__} FROM {user}",
            f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {user}",
        ):
            connection.execute(text(statement))


if __name__ == "__main__":
    main()
