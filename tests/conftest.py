"""The one platform that a test run starts, for the tests that need it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.platform import Platform, running

# A deadline would judge the machine, which may be busy, and not the property.
settings.register_profile("any-machine", settings.default, deadline=None)
settings.load_profile("any-machine")

MUSIC = Path(__file__).parents[2] / "shared" / "music"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of tests of one name, a run on several processes would do only the first."""
    [(name, times), *_] = Counter(item.nodeid for item in items).most_common(1) or [("", 0)]
    if times > 1:
        raise pytest.UsageError(f"{times} tests are called {name}")


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform on an empty state, without demo tracks."""
    with running(tmp_path_factory.mktemp("platform") / "state", ["--no-demo"]) as started:
        yield started


@pytest.fixture(scope="session")
def music() -> Path:
    """Twelve real, tagged tracks; a test that needs them is skipped where they are not."""
    if not MUSIC.is_dir():
        pytest.skip("the folder with real music (../shared/music) is not here")
    return MUSIC
