"""Explicit content is turned off and on again in the player's settings."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import sounds
from tests.e2e.web.browser import open_page, wait_until_heard
from tests.e2e.web.conftest import Listener
from tests.platform import Platform

SONGS = ("Clean Slate", "Strong Words", "Last Call")
BOLD = SONGS[1]
FILTERED = "Explicit: turned off for your account"


@pytest.fixture(scope="session")
def mixed(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An album by its id: the second of its three songs is explicit."""
    folder = tmp_path_factory.mktemp("strong")
    files = [
        sounds.write(
            folder / f"{number}.flac",
            seconds=20,
            seed=570 + number,
            tags={
                "title": title,
                "artist": "Ada Quill",
                "album": "Kept Letters",
                "tracknumber": str(number),
                **({"itunesadvisory": "1"} if title == BOLD else {}),
            },
        )
        for number, title in enumerate(SONGS, start=1)
    ]
    first, *_ = platform.added(*files)
    return str(platform.get(f"/v1/tracks/{first}")["album"]["id"])


@pytest.fixture
def page(listener: Listener) -> Iterator[Page]:
    """Of somebody who hears everything, before and after."""
    yield listener.page
    token = listener.token("user-read-private")
    with listener.platform.client(token) as client:
        body = {"explicit_content": {"filter_enabled": False}}
        assert client.put("/v1/me", json=body).status_code == 200


def setting(page: Page) -> Locator:
    open_page(page, "/settings")
    return page.get_by_role("switch", name="Play explicit content")


def row(page: Page, album: str, song: str) -> Locator:
    open_page(page, f"/album/{album}")
    return page.locator(".tracks .track").filter(has=page.locator(".name", has_text=song))


def player(page: Page) -> Locator:
    return page.get_by_role("region", name="Player")


def test_what_is_explicit_gives_way_is_marked_and_passed_over(page: Page, mixed: str) -> None:
    row(page, mixed, BOLD).get_by_role("button", name=f"Play {BOLD}").click()
    wait_until_heard(page)
    expect(player(page)).to_contain_text(BOLD)

    switch = setting(page)
    expect(switch).to_be_checked()
    with page.expect_response("**/oauth/web/token"):
        switch.click()
    expect(switch).not_to_be_checked()
    expect(switch).to_be_enabled()
    expect(player(page)).to_contain_text(SONGS[2])

    bold = row(page, mixed, BOLD)
    expect(bold).to_contain_text(FILTERED)
    expect(bold).to_have_attribute("title", FILTERED)
    expect(bold.locator("abbr.explicit")).to_have_text("E")
    expect(bold.get_by_role("button", name=f"Play {BOLD}")).to_be_disabled()
    expect(row(page, mixed, SONGS[0])).not_to_contain_text(FILTERED)
    page.get_by_role("button", name=f"More for {BOLD}").click()
    page.get_by_role("menuitem", name="Add to queue").click()
    expect(page.locator(".toasts")).to_contain_text(FILTERED)

    page.get_by_role("main").get_by_role("button", name=f"Play {SONGS[0]}").click()
    expect(player(page)).to_contain_text(SONGS[0])
    player(page).get_by_role("button", name="Next").first.click()
    expect(player(page)).to_contain_text(SONGS[2])

    open_page(page, "/settings")
    page.get_by_label("Language").select_option("de")
    expect(row(page, mixed, BOLD)).to_contain_text("Nicht jugendfrei: für dein Konto ausgeschaltet")
    open_page(page, "/settings")
    page.get_by_label("Sprache").select_option("en")

    setting(page).click()
    expect(setting(page)).to_be_checked()
    expect(setting(page)).to_be_enabled()
    again = row(page, mixed, BOLD)
    expect(again).not_to_contain_text(FILTERED)
    again.get_by_role("button", name=f"Play {BOLD}").click()
    expect(player(page)).to_contain_text(BOLD)
    wait_until_heard(page)
