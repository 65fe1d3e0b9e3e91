import pytest

from tests.unit.functions.playback.players.fakes import World, track


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def album(world: World) -> str:
    """Five tracks, a to e, of as many artists."""
    return world.catalog.album("album", *(track(name) for name in "abcde"))
