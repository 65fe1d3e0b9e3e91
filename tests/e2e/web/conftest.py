"""The web player in a browser, and music to play in it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests import people, sounds
from tests.e2e.web import browser as browsers
from tests.platform import Platform

SONGS = ("Morning Ferry", "Slow Harbour", "Last Light")
SECONDS = 16


@dataclass(frozen=True)
class Release:
    """An album that was added for these tests."""

    id: str
    name: str
    artist: str
    track_ids: list[str]
    songs: tuple[str, ...]


@pytest.fixture(scope="session")
def release(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("web")
    files = [_song(folder, number, title) for number, title in enumerate(SONGS, start=1)]
    track_ids = platform.added(*files)
    album = platform.get(f"/v1/tracks/{track_ids[0]}")["album"]
    return Release(album["id"], album["name"], "Vera Holm", track_ids, SONGS)


def _song(folder: Path, number: int, title: str) -> Path:
    tags = {
        "title": title,
        "artist": "Vera Holm",
        "album": "Timetables",
        "tracknumber": str(number),
        "genre": "folk",
        "date": "2026-02-01",
    }
    return sounds.write(folder / f"{number}.flac", seconds=SECONDS, seed=90 + number, tags=tags)


# Not the session's: Playwright runs one loop a thread, and other modules start their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsers.chromium() as browser:
        yield browser


@dataclass(frozen=True)
class Listener:
    """Somebody who listens in a browser."""

    page: Page
    account: people.Browser
    platform: Platform

    def token(self, scope: str) -> str:
        """One for the tests themselves: the player's own never leaves its page."""
        return str(people.tokens_of(self.platform, self.account, scope)["access_token"])


@pytest.fixture(scope="session")
def nora(platform: Platform) -> Iterator[people.Browser]:
    """An account that tests share: few may be made from one network address."""
    with people.sign_up(platform, f"nora-{secrets.token_hex(3)}@web.example", name="Nora") as made:
        yield made


@pytest.fixture
def listener(
    chromium: Browser, platform: Platform, release: Release, nora: people.Browser
) -> Iterator[Listener]:
    """Nora in a browser of her own, on the player's home."""
    with listening(chromium, platform, nora) as somebody:
        yield somebody


@pytest.fixture(scope="session")
def otto(platform: Platform) -> Iterator[people.Browser]:
    """Another account that tests share, which pays."""
    with people.sign_up(platform, f"otto-{secrets.token_hex(3)}@web.example", name="Otto") as made:
        _pay(platform, made)
        yield made


@pytest.fixture
def patron(
    chromium: Browser, platform: Platform, release: Release, otto: people.Browser
) -> Iterator[Listener]:
    """Otto in a browser of his own."""
    with listening(chromium, platform, otto) as somebody:
        yield somebody


@pytest.fixture
def newcomer(chromium: Browser, platform: Platform, release: Release) -> Iterator[Listener]:
    """Somebody with an empty library, who pays."""
    email = f"newcomer-{secrets.token_hex(3)}@web.example"
    with people.sign_up(platform, email, name="Ove") as account:
        _pay(platform, account)
        with listening(chromium, platform, account) as somebody:
            yield somebody


@contextmanager
def listening(chromium: Browser, platform: Platform, account: people.Browser) -> Iterator[Listener]:
    context = browsers.new_context(chromium)
    for cookie in account.client.cookies.jar:
        if cookie.value is not None:
            context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": platform.url}])
    page = context.new_page()
    browsers.sign_in(page, platform)
    yield Listener(page, account, platform)
    context.close()
    _leave(platform, account)


def _leave(platform: Platform, account: people.Browser) -> None:
    """Takes the devices away: a browser that is killed says nothing, and counts for a while."""
    scope = "user-read-playback-state user-modify-playback-state"
    token = str(people.tokens_of(platform, account, scope)["access_token"])
    with platform.client(token) as client:
        for device in client.get("/v1/me/player/devices").json()["devices"]:
            client.delete(f"/v1/me/devices/{device['id']}").raise_for_status()


def _pay(platform: Platform, account: people.Browser) -> None:
    token = people.tokens_of(platform, account)["access_token"]
    with platform.client(token) as client:
        answer = client.put("/v1/me/plan", json={"plan": "premium"})
    assert answer.status_code == 200, answer.text
