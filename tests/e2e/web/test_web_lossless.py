"""Lossless in the web player: for plans that have it, and for nobody else."""

import re

from playwright.sync_api import Page, Request, expect

from tests.e2e.web.browser import open_page, wait_for_position, wait_until_heard
from tests.e2e.web.conftest import Listener, Release

_SEGMENT = re.compile(r"/media/[0-9A-Za-z]{22}/\d+/(?P<rendition>\w+)/\d+\.m4s")


def fetched_by(page: Page) -> set[str]:
    """The renditions whose segments the page fetches from now on."""
    renditions: set[str] = set()

    def note(request: Request) -> None:
        if segment := _SEGMENT.search(request.url):
            renditions.add(segment["rendition"])

    page.on("request", note)
    return renditions


def choose_lossless(page: Page) -> None:
    open_page(page, "/settings")
    page.get_by_role("combobox", name="Quality").select_option("lossless")


def play_album(page: Page, release: Release) -> None:
    open_page(page, f"/album/{release.id}")
    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
    wait_until_heard(page)


def test_who_pays_hears_lossless_with_and_without_a_network(
    newcomer: Listener, release: Release
) -> None:
    page = newcomer.page
    renditions = fetched_by(page)
    choose_lossless(page)
    play_album(page, release)
    wait_for_position(page, beyond_s=7)
    assert renditions == {"flac"}
    wait_until_heard(page)

    page.get_by_role("button", name="Download").click()
    expect(page.get_by_role("button", name="Downloaded: remove")).to_be_visible(timeout=60_000)
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.context.set_offline(True)
    page.reload()
    page.get_by_role("link", name="Downloads").first.click()
    page.get_by_text(release.name).first.click()
    page.get_by_role("button", name=f"Play {release.name}").click()
    wait_until_heard(page)
    wait_for_position(page, beyond_s=7)
    assert renditions == {"flac"}


def test_who_does_not_pay_hears_the_best_there_is_besides(
    listener: Listener, release: Release
) -> None:
    page = listener.page
    renditions = fetched_by(page)
    choose_lossless(page)
    play_album(page, release)
    wait_for_position(page, beyond_s=7)

    assert renditions == {"aac320"}
