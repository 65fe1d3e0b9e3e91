"""Chromium on the web player: signing up, finding things on its pages, hearing what it plays."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.people import PASSWORD
from tests.platform import ROOT, Platform

FLAGS = [
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
WAIT_MS = 30_000
SILENCE = 0.001

# Stands between the player's output and the speakers; the player knows nothing of it.
METER = """
(() => {
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && !(this instanceof AnalyserNode)) {
      const meter = this.context.createAnalyser();
      meter.fftSize = 2048;
      connect.call(meter, to);
      window.meter = meter;
      return connect.call(this, meter, ...rest);
    }
    return connect.call(this, to, ...rest);
  };
  window.level = () => {
    if (!window.meter) return 0;
    const samples = new Float32Array(window.meter.fftSize);
    window.meter.getFloatTimeDomainData(samples);
    return samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  };
})();
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips the test where there is no browser, or the player is not built."""
    executable = os.environ.get("CADENZA_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    if not (ROOT / "clients/web/dist/index.html").exists():
        pytest.skip("the web player is not built (make pages)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=FLAGS,
            chromium_sandbox=os.geteuid() != 0,
        )
        yield browser
        browser.close()


def new_context(browser: Browser, *, locale: str = "en-GB") -> BrowserContext:
    """A browser of its own, whose sound can be measured."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale=locale)
    context.set_default_timeout(WAIT_MS)
    context.add_init_script(METER)
    return context


def sign_up(page: Page, platform: Platform, email: str, name: str) -> None:
    """A new listener, who ends on the player's home."""
    page.goto(platform.url)
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Country").select_option("SE")
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_url(lambda url: "/signup" not in url)
    sign_in(page, platform)


def sign_in(page: Page, platform: Platform) -> None:
    """Into the player, for somebody whom the accounts' pages know already."""
    page.goto(platform.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Good ").wait_for()


def open_page(page: Page, path: str) -> None:
    """Another page of the player, without loading the player anew."""
    page.evaluate(
        """path => {
            history.pushState({}, "", path);
            dispatchEvent(new PopStateEvent("popstate"));
        }""",
        path,
    )


def wait_until_heard(page: Page) -> None:
    """Until the sound that leaves the player is no silence."""
    _until(page, "level()", lambda level: level > SILENCE)


def wait_for_position(page: Page, beyond_s: int) -> None:
    _until(page, _POSITION, lambda seconds: seconds > beyond_s)


def position_s(page: Page) -> int:
    """Where the player says that it is, in seconds."""
    return int(page.evaluate(_POSITION))


_POSITION = """() => {
    const [minutes, seconds] = document.querySelector(".progress .time").textContent.split(":");
    return Number(minutes) * 60 + Number(seconds) || 0;
}"""


def _until(page: Page, expression: str, holds: Callable[[float], bool]) -> None:
    """Asked from outside: the page's policy lets no test wait within it."""
    deadline = time.monotonic() + WAIT_MS / 1000
    while not holds(value := page.evaluate(expression)):
        assert time.monotonic() < deadline, f"{expression} is still {value}"
        page.wait_for_timeout(20)
