"""Real players in a real browser, playing encrypted streams through the edge."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page, Route, sync_playwright

from tests.e2e.conftest import AddedTrack
from tests.platform import Platform

PLAYER = Path(__file__).parent / "player"
SCRIPTS = {
    "hls.js": PLAYER / "node_modules/hls.js/dist/hls.min.js",
    "shaka-player.compiled.js": PLAYER / "node_modules/shaka-player/dist/shaka-player.compiled.js",
    "hls.html": PLAYER / "hls.html",
    "shaka.html": PLAYER / "shaka.html",
}
FLAGS = [
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
WAIT_MS = 20_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CADENZA_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    if not SCRIPTS["hls.js"].exists():
        pytest.skip("the players are not installed (npm ci in tests/e2e/player)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=FLAGS,
            chromium_sandbox=os.geteuid() != 0,
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, platform: Platform) -> Iterator[Page]:
    """A page on the edge's own origin, whose scripts come from the folder beside this file."""
    context = browser.new_context()
    page = context.new_page()

    def serve(route: Route) -> None:
        route.fulfill(path=SCRIPTS[route.request.url.rsplit("/", 1)[1]])

    page.route("**/test-player/*", serve)
    yield page
    context.close()


def open_stream(
    page: Page, platform: Platform, track: AddedTrack, plan: str = "premium"
) -> dict[str, str]:
    """Asks for the stream in the page itself, so that the browser keeps the cookie."""
    stream: dict[str, str] = page.evaluate(
        """async ([url, token]) =>
            (await fetch(url, {headers: {Authorization: `Bearer ${token}`}})).json()""",
        [f"/v1/tracks/{track.id}/stream", platform.token(plan=plan)],
    )
    return stream


def hls_playing(page: Page, platform: Platform, track: AddedTrack, plan: str = "premium") -> None:
    page.goto(f"{platform.url}/test-player/hls.html")
    stream = open_stream(page, platform, track, plan)
    token = platform.token(plan=plan)
    page.evaluate("args => play(...args)", [stream["manifest_url"], stream["licence_url"], token])
    wait_for_time(page, 1)


def wait_for_time(page: Page, seconds: float) -> None:
    page.wait_for_function(
        "seconds => document.getElementById('audio').currentTime > seconds",
        arg=seconds,
        timeout=WAIT_MS,
    )


def throttle(page: Page, kbit_s: int) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 20,
            "downloadThroughput": kbit_s * 1000 / 8 if kbit_s else -1,
            "uploadThroughput": -1,
        },
    )
    return session


def test_hls_plays_and_seeks(page: Page, platform: Platform, lossless_track: AddedTrack) -> None:
    hls_playing(page, platform, lossless_track)

    assert page.evaluate("level()") > 0.01, "nothing is to be heard"
    assert page.evaluate("document.getElementById('audio').duration") == pytest.approx(90, abs=0.1)
    page.evaluate("document.getElementById('audio').currentTime = 60")
    wait_for_time(page, 61)
    assert page.evaluate("level()") > 0.01, "nothing is to be heard after a seek"
    assert page.evaluate("errors.filter(error => error.fatal)") == []


def test_hls_plays_lossless_when_it_is_chosen(
    page: Page, platform: Platform, lossless_track: AddedTrack
) -> None:
    """hls.js does not change codecs by itself: lossless is the listener's choice."""
    hls_playing(page, platform, lossless_track)

    codecs = page.evaluate("hls.levels.map(level => level.audioCodec)")

    assert codecs == ["mp4a.40.2", "mp4a.40.2", "mp4a.40.2", "flac"]
    page.evaluate("hls.currentLevel = 3")
    page.wait_for_function("levels.at(-1).includes('flac')", timeout=WAIT_MS)
    wait_for_time(page, page.evaluate("document.getElementById('audio').currentTime") + 1)
    assert page.evaluate("level()") > 0.01, "nothing is to be heard"


def test_hls_switches_rendition_under_throttling(
    page: Page, platform: Platform, lossless_track: AddedTrack
) -> None:
    hls_playing(page, platform, lossless_track)
    page.wait_for_function("levels.at(-1)?.includes('aac320')", timeout=WAIT_MS)

    throttle(page, kbit_s=200)
    page.evaluate("document.getElementById('audio').currentTime = 40")
    page.wait_for_function(
        "levels.at(-1).includes('aac160') || levels.at(-1).includes('aac96')", timeout=60_000
    )
    at = page.evaluate("document.getElementById('audio').currentTime")
    wait_for_time(page, at + 2)

    assert page.evaluate("errors.filter(error => error.fatal)") == []


def test_hls_without_the_cookie_does_not_start(
    page: Page, platform: Platform, lossless_track: AddedTrack
) -> None:
    page.goto(f"{platform.url}/test-player/hls.html")
    stream = lossless_track.stream(platform)

    page.evaluate(
        "args => void play(...args)",
        [stream["manifest_url"], stream["licence_url"], platform.token()],
    )

    page.wait_for_function("errors.some(error => error.fatal)", timeout=WAIT_MS)
    assert page.evaluate("errors[0].status") == 403
    assert page.evaluate("document.getElementById('audio').currentTime") == 0


def test_hls_without_a_token_gets_no_licence(
    page: Page, platform: Platform, lossless_track: AddedTrack
) -> None:
    page.goto(f"{platform.url}/test-player/hls.html")
    stream = open_stream(page, platform, lossless_track)
    with page.expect_response("**/v1/licence") as answer:
        page.evaluate(
            "args => void play(...args)", [stream["manifest_url"], stream["licence_url"], ""]
        )

    assert answer.value.status == 401
    page.wait_for_function("errors.some(error => error.fatal)", timeout=WAIT_MS)
    assert page.evaluate("document.getElementById('audio').currentTime") == 0


def test_hls_plays_on_the_free_plan(
    page: Page, platform: Platform, lossless_track: AddedTrack
) -> None:
    hls_playing(page, platform, lossless_track, plan="free")

    assert page.evaluate("hls.levels.map(level => level.audioCodec)") == ["mp4a.40.2"] * 3
    assert page.evaluate("level()") > 0.01, "nothing is to be heard"
    assert page.evaluate("errors.filter(error => error.fatal)") == []


@pytest.mark.parametrize("plan", ["free", "premium"])
def test_dash_plays_in_shaka_player(
    page: Page, platform: Platform, lossless_track: AddedTrack, plan: str
) -> None:
    """Nothing that the free plan plays asks for a key that it does not get."""
    page.goto(f"{platform.url}/test-player/shaka.html")
    stream = open_stream(page, platform, lossless_track, plan)
    token = platform.token(plan=plan)
    page.evaluate("args => play(...args)", [stream["dash_url"], stream["licence_url"], token])

    wait_for_time(page, 2)
    assert page.evaluate("errors") == []
