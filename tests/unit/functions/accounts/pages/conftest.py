"""A browser at the pages."""

import re
from collections.abc import Mapping

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.unit.functions.accounts.pages.fakes import PUBLIC_URL, World

_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Browser:
    """Keeps cookies, and sends forms with the token of the page that they are on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = TestClient(
            world.app(), base_url=PUBLIC_URL, follow_redirects=False, raise_server_exceptions=False
        )

    def sign_in(self) -> None:
        self.client.cookies.set("cadenza", self.world.anna.id)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.client.get(path, headers=headers)

    def token(self, page: str) -> str:
        found = _CSRF.search(self.get(page).text)
        assert found is not None, page
        return found[1]

    def send(
        self,
        path: str,
        fields: Mapping[str, str],
        *,
        page: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Sends the form on `page` (by default, the one at `path`)."""
        filled = {"csrf": self.token(page or path), **fields}
        return self.client.post(path, data=filled, headers=headers)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def browser(world: World) -> Browser:
    return Browser(world)


@pytest.fixture
def anna(browser: Browser) -> Browser:
    """A browser in which Anna is signed in."""
    browser.sign_in()
    return browser
