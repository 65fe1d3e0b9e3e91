"""Tracks, people, apps and a browser that several tests use."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from tests import people, sounds
from tests.people import App, Browser
from tests.platform import Platform

# Playwright's own five seconds judge a busy machine, and not the page.
expect.set_options(timeout=30_000)

CHROMIUM_FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]


@dataclass(frozen=True)
class AddedTrack:
    """A track of the platform, and the file that it came from."""

    id: str
    file: Path

    def stream(self, platform: Platform, delivery: str = "cookie") -> dict[str, Any]:
        stream: dict[str, Any] = platform.get(f"/v1/tracks/{self.id}/stream?delivery={delivery}")
        return stream


@pytest.fixture(scope="session")
def lossless_track(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> AddedTrack:
    """A minute and a half, from a lossless file."""
    file = sounds.write(
        tmp_path_factory.mktemp("lossless") / "long.flac",
        seconds=90,
        seed=1,
        tags={"title": "Ninety Seconds", "artist": "The Tests", "album": "Lengths"},
    )
    [track_id] = platform.added(file)
    return AddedTrack(track_id, file)


@pytest.fixture(scope="session")
def anna(platform: Platform) -> Iterator[Browser]:
    """A listener in her browser, who also makes apps."""
    with people.sign_up(platform, "anna@example.com", name="Anna") as browser:
        yield browser


@pytest.fixture(scope="session")
def app(platform: Platform, anna: Browser) -> App:
    """Anna's app with a secret."""
    return people.register_app(platform, anna, "http://127.0.0.1:9/callback")


@pytest.fixture(scope="session")
def public_app(platform: Platform, anna: Browser) -> App:
    """Anna's app without a secret, which has to use PKCE."""
    return people.register_app(platform, anna, "http://127.0.0.1:9/callback", confidential=False)


# Not the session's: Playwright runs one loop a thread, and other modules start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    executable = os.environ.get("CADENZA_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=CHROMIUM_FLAGS, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Chromium, platform: Platform) -> Iterator[Page]:
    """A page of the platform on a phone, which runs no JavaScript."""
    context = browser.new_context(
        base_url=platform.url,
        java_script_enabled=False,
        viewport={"width": 390, "height": 760},
        locale="de-AT",
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()
