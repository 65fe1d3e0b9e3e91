"""What a first visit to the web player loads, and when it can be used, on a slow phone's network.

    python -m tests.bench.first_load [--quick]

The network is Chromium's "fast 3G": 1.6 Mbit/s down, 0.75 up, 150 ms there and back; the edge is
warm, the browser has none of the player's files. Usable means: for a stranger that the sign-in
button is painted, for a listener (who is signed in) that the first of the new releases is. The
page itself looks at every frame, and takes the time when the frame is out; then it is pressed at
once, and has to lead on: the stranger to the sign-in page, the listener to the release.
"""

import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests import people
from tests.bench.first_sound import add_singles
from tests.e2e.web import browser as browsers
from tests.platform import Platform, running

VISITS = 9
DOWN_BYTES_S, UP_BYTES_S, RTT_MS = 1_600_000 / 8, 750_000 / 8, 150
GOAL_KB, GOAL_MS = 250, 1000


# Frames are only made once the styles are there. The message comes after the frame.
WATCH = """
(() => {
  if (location.pathname !== "/") return;
  const channel = new MessageChannel();
  window.usable = new Promise((resolve) => {
    const look = () => {
      const wanted = (WANTED);
      if (!wanted?.checkVisibility({ opacityProperty: true })) return requestAnimationFrame(look);
      channel.port1.onmessage = () => {
        resolve(performance.now());
        wanted.click();
      };
      channel.port2.postMessage(0);
    };
    requestAnimationFrame(look);
  });
})();
"""
SIGN_IN = """
[...document.querySelectorAll("button")].find((each) => each.innerText === "Sign in")"""
RELEASE = """document.querySelector("section[aria-label='New releases'] article a.card-name")"""


@dataclass
class Visit:
    """Bytes as they came over the network, headers and all, and when it could be used."""

    ms: float = 0.0
    requests: dict[str, str] = field(default_factory=dict)
    bytes_of: dict[str, int] = field(default_factory=dict)

    @property
    def kb(self) -> float:
        return sum(self.bytes_of.values()) / 1000


def main(*, quick: bool) -> None:
    visits = 3 if quick else VISITS
    with tempfile.TemporaryDirectory() as name, browsers.chromium() as chromium:
        folder = Path(name)
        with running(folder / "state", ["--no-demo"]) as platform:
            add_singles(platform, folder, 6)
            with people.sign_up(platform, "first-load@bench.example", name="Bench") as account:
                # The first of each warms the edge.
                strangers = [stranger(chromium, platform) for _ in range(visits + 1)][1:]
                listeners = [listener(chromium, platform, account) for _ in range(visits + 1)][1:]
    print(f"First load, {visits} visits each, 1.6 Mbit/s and {RTT_MS} ms")
    print(f"  stranger  {summary(strangers)}")
    print(f"  listener  {summary(listeners)}")
    print(f"  goal      under {GOAL_KB} KB, under {GOAL_MS} ms")
    print("  a stranger loads:")
    for address, size in sorted(strangers[0].bytes_of.items(), key=lambda each: -each[1]):
        print(f"    {size / 1000:7.1f} KB  {strangers[0].requests[address]}")


def stranger(chromium: Browser, platform: Platform) -> Visit:
    context = browsers.new_context(chromium)
    page = context.new_page()
    visit = visited(page, platform, SIGN_IN)
    page.get_by_label("E-mail address").wait_for()
    context.close()
    return visit


def listener(chromium: Browser, platform: Platform, account: people.Browser) -> Visit:
    """Signed in, as the cookies say, and on a browser that has nothing of the player yet."""
    context = browsers.new_context(chromium)
    for cookie in account.client.cookies.jar:
        if cookie.value is not None:
            context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": platform.url}])
    page = context.new_page()
    browsers.sign_in(page, platform)
    kept = context.storage_state()
    context.close()
    fresh = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="en-GB", storage_state=kept
    )
    page = fresh.new_page()
    visit = visited(page, platform, RELEASE)
    page.get_by_role("heading", level=1, name="Single").wait_for()
    fresh.close()
    return visit


def visited(page: Page, platform: Platform, wanted: str) -> Visit:
    """A visit until `wanted`, an expression that finds an element, can be seen and pressed."""
    page.add_init_script(WATCH.replace("WANTED", wanted))
    visit = watched(page)
    page.goto(platform.url, wait_until="commit")
    visit.ms = page.evaluate("usable")
    # What comes later, such as the service worker, is not waited for and not counted.
    return Visit(visit.ms, visit.requests, dict(visit.bytes_of))


def watched(page: Page) -> Visit:
    """Notes what comes over the network from now on, which is slow."""
    visit = Visit()
    devtools = page.context.new_cdp_session(page)

    def asked(event: dict[str, Any]) -> None:
        visit.requests[event["requestId"]] = event["request"]["url"]

    def came(event: dict[str, Any]) -> None:
        if event["requestId"] in visit.requests:
            visit.bytes_of[event["requestId"]] = int(event["encodedDataLength"])

    devtools.on("Network.requestWillBeSent", asked)
    devtools.on("Network.loadingFinished", came)
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": RTT_MS,
            "downloadThroughput": DOWN_BYTES_S,
            "uploadThroughput": UP_BYTES_S,
        },
    )
    return visit


def summary(visits: list[Visit]) -> str:
    times = [visit.ms for visit in visits]
    kb = statistics.median(visit.kb for visit in visits)
    middle, most = statistics.median(times), max(times)
    return f"{kb:6.1f} KB   usable after median {middle:5.0f} ms, max {most:5.0f} ms"


if __name__ == "__main__":
    main(quick="--quick" in sys.argv[1:])
