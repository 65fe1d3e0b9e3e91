"""Gives somebody a role: `python -m functions.accounts.people.promote EMAIL ROLE [--remove]`.

For operators, and for the first of them, whom nobody can promote from within. Reads the
environment of `accounts-migrate`.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from functions.accounts.database import Database
from functions.accounts.people import emails, roles, store
from functions.accounts.people.roles import Role
from functions.accounts.settings import MigrateSettings
from shared import settings
from shared.errors import ApiError, NotFound

# Who the audit trail says did it.
ACTOR = "operator"


async def promote(database: Database, email: str, role: Role, *, remove: bool = False) -> list[str]:
    """The person's roles afterwards. Raises `InvalidEmail`, `NotFound`."""
    address = emails.normalise(email)
    async with database.session() as session:
        user = await store.by_email(session, address)
        if user is None:
            raise NotFound(f"Nobody has the e-mail address {address}")
        change = roles.remove if remove else roles.add
        return await change(session, user.id, role, actor=ACTOR)


async def _run(email: str, role: Role, *, remove: bool) -> list[str]:
    configured = settings.load(MigrateSettings)
    database = Database(
        configured.database_url,
        instance=configured.cloud_sql_instance,
        user=configured.database_user,
    )
    try:
        return await promote(database, email, role, remove=remove)
    finally:
        await database.close()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="promote", description="Gives somebody a role.")
    parser.add_argument("email")
    parser.add_argument("role", type=Role, choices=list(Role), metavar="ROLE")
    parser.add_argument("--remove", action="store_true", help="takes the role away")
    asked = parser.parse_args(arguments)
    try:
        now_has = asyncio.run(_run(asked.email, asked.role, remove=asked.remove))
    except ApiError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    sys.stdout.write(f"{asked.email}: {', '.join(now_has)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
