from collections.abc import AsyncIterator

import pytest

from functions.accounts.database import Database
from tests.integration.functions.accounts.plans.world import Clock, World, make_tables


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Plans, with Anna and Ben, who have none."""
    await make_tables(database_url)
    database = Database(database_url)
    world = World(database, Clock())
    await world.person("anna")
    await world.person("ben")
    yield world
    await database.close()
