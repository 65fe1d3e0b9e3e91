"""From the click to the first sound in the web player, in Chromium on the local edge.

    python -m tests.bench.first_sound [--quick]

A play counts from the click until the element is `playing` and what leaves the player is louder
than silence. Cold: nothing of the track was asked for before. Prefetched: the pointer rested on
the song before the click. Each play is of another track, or of one whose pages were left.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests import sounds
from tests.e2e.web import browser as browsers
from tests.platform import Platform, running

PLAYS = 30
# Spotify's own median, as it published it.
REFERENCE_MS = 265
GOAL_MEDIAN_MS, GOAL_P95_MS = 150, 400
WITHIN_MS = 10_000
REST_MS = 600

MEASURE = """
async ({ within, silence }) => {
    const button = document.querySelector(".tracks .track .track-number .icon");
    const start = performance.now();
    button.click();
    for (;;) {
        await new Promise((resolve) => {
            const channel = new MessageChannel();
            channel.port1.onmessage = resolve;
            channel.port2.postMessage(0);
        });
        const passed = performance.now() - start;
        if (window.level() > silence) return passed;
        if (passed > within) throw new Error(`nothing is heard after ${passed} ms`);
    }
}
"""


def main(*, quick: bool) -> None:
    plays = 5 if quick else PLAYS
    with tempfile.TemporaryDirectory() as name, browsers.chromium() as chromium:
        folder = Path(name)
        with running(folder / "state", ["--no-demo"]) as platform:
            albums = add_singles(platform, folder, 2 * plays)
            cold = measure(chromium, platform, albums[:plays], prefetched=False)
            warm = measure(chromium, platform, albums[plays:], prefetched=True)
    print(f"First sound, {plays} plays each (reference: Spotify's median, {REFERENCE_MS} ms)")
    print(f"  cold        {summary(cold)}")
    print(f"  prefetched  {summary(warm)}")
    print(f"  goal        median {GOAL_MEDIAN_MS} ms   p95 {GOAL_P95_MS} ms")


def add_singles(platform: Platform, folder: Path, count: int) -> list[str]:
    """So many albums of one song each, by their ids."""
    files = [
        sounds.write(
            folder / f"{number}.flac",
            seconds=8,
            seed=1000 + number,
            tags={"title": f"Song {number}", "artist": "The Clocks", "album": f"Single {number}"},
        )
        for number in range(count)
    ]
    track_ids = platform.added(*files, timeout_s=600)
    return [str(platform.get(f"/v1/tracks/{each}")["album"]["id"]) for each in track_ids]


def measure(
    chromium: Browser, platform: Platform, albums: list[str], *, prefetched: bool
) -> list[float]:
    """Milliseconds of each play."""
    email = f"{'warm' if prefetched else 'cold'}@bench.example"
    context = browsers.new_context(chromium)
    page = context.new_page()
    browsers.sign_up(page, platform, email, "Bench")
    page.wait_for_timeout(3000)
    taken = [play(page, album, prefetched=prefetched) for album in albums]
    context.close()
    return taken


def play(page: Page, album: str, *, prefetched: bool) -> float:
    browsers.open_page(page, f"/album/{album}")
    row = page.locator(".tracks .track").first
    row.wait_for()
    page.wait_for_timeout(REST_MS)
    if prefetched:
        row.hover()
        page.wait_for_timeout(REST_MS)
    values = {"within": WITHIN_MS, "silence": browsers.SILENCE}
    taken: float = page.evaluate(MEASURE, values)
    page.keyboard.press("Space")
    page.mouse.move(0, 0)
    page.wait_for_timeout(REST_MS)
    return taken


def summary(taken: list[float]) -> str:
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    return (
        f"median {statistics.median(taken):6.0f} ms   p95 {p95:6.0f} ms   max {max(taken):6.0f} ms"
    )


if __name__ == "__main__":
    main(quick="--quick" in sys.argv[1:])
