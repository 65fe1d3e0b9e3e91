"""Makes a person who cannot sign in: `python -m functions.accounts.people.introduce ID NAME ROLE`.

For development: tokens that the local cloud signs by itself are about somebody, too. Reads the
environment of `accounts-migrate`; once is as good as twice.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from functions.accounts.database import Database
from functions.accounts.people import announcements, profile
from functions.accounts.people.roles import Role
from functions.accounts.people.tables import User
from functions.accounts.settings import MigrateSettings
from shared import settings
from shared.clock import utc_now


async def introduce(database: Database, user_id: str, name: str, roles: Sequence[Role]) -> bool:
    """False if there is such a person already, who stays as they are. Raises `InvalidName`."""
    async with database.session() as session:
        made = await session.scalar(
            insert(User)
            .values(
                id=user_id,
                display_name=profile.check_name(name),
                roles=[role.value for role in Role if role in roles],
            )
            .on_conflict_do_nothing()
            .returning(User.id)
        )
        if made is not None:
            await announcements.note(session, user_id, utc_now())
    return made is not None


async def _run(user_id: str, name: str, roles: Sequence[Role]) -> None:
    configured = settings.load(MigrateSettings)
    database = Database(
        configured.database_url,
        instance=configured.cloud_sql_instance,
        user=configured.database_user,
    )
    try:
        await introduce(database, user_id, name, roles)
    finally:
        await database.close()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="introduce", description="Makes a person.")
    parser.add_argument("id")
    parser.add_argument("name")
    parser.add_argument("role", type=Role, choices=list(Role), metavar="ROLE", nargs="+")
    asked = parser.parse_args(arguments)
    asyncio.run(_run(asked.id, asked.name, asked.role))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
