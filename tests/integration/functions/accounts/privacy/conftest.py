from collections.abc import AsyncIterator

import pytest

from functions.accounts.database import Database
from tests.integration.functions.accounts.plans.world import Clock, make_tables
from tests.integration.functions.accounts.plans.world import World as Plans
from tests.integration.functions.accounts.privacy.world import World


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Anna and Ben, both with a plan, an app and a grant; Ben also granted Anna's app."""
    await make_tables(database_url)
    plans = Plans(Database(database_url), Clock())
    world = World(plans)
    for person in ("anna", "ben"):
        await plans.person(person)
        await plans.with_card(person)
        await world.fill(person)
    yield world
    await plans.database.close()
