"""An artist in the web player: a file goes up, becomes a release, and is edited."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import people, sounds
from tests.e2e.web.browser import open_page, wait_until_heard
from tests.e2e.web.conftest import Listener, listening
from tests.platform import Platform

READY_MS = 90_000
# More than one chunk, so that there is progress to see.
SECONDS = 75


@pytest.fixture
def artist(chromium: Browser, platform: Platform) -> Iterator[Listener]:
    """Somebody who became an artist on the account page."""
    email = f"artist-{secrets.token_hex(3)}@web.example"
    with people.sign_up(platform, email, name="Ines") as account:
        page = account.open("/account")
        account.submit(page, page.form("/account/artist"))
        with listening(chromium, platform, account) as somebody:
            yield somebody


def test_an_artist_uploads_a_song_and_edits_its_release(artist: Listener, tmp_path: Path) -> None:
    page = artist.page
    name = secrets.token_hex(4)
    tags = {"title": "Low Tide", "artist": "Ines Ruhl", "album": f"Tides {name}"}
    song = sounds.write(tmp_path / f"{name}.flac", seconds=SECONDS, seed=7, tags=tags)

    page.get_by_role("link", name="For artists").first.click()
    seen = progress_of(page)
    page.get_by_label("Choose files").set_input_files(song)
    row = own_files(page).filter(has_text=song.name)
    expect(row).to_contain_text("Ready", timeout=READY_MS)
    assert any(0 < percent < 100 for percent in page.evaluate(seen))
    release = page.get_by_role("listitem").filter(has_text=tags["album"])
    expect(release).to_contain_text("Ines Ruhl", timeout=READY_MS)

    release.get_by_role("link", name="Edit release").click()
    title = page.get_by_label("Title", exact=True)
    expect(title).to_have_value(tags["album"])
    title.fill(f"High Water {name}")
    page.get_by_role("button", name="Save").click()
    edited = page.get_by_role("link", name=f"High Water {name}")
    expect(edited).to_be_visible()
    edited.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"High Water {name}")

    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
    wait_until_heard(page)


def test_what_is_no_music_is_refused_with_a_reason(artist: Listener, tmp_path: Path) -> None:
    page = artist.page
    broken = tmp_path / f"{secrets.token_hex(4)}.flac"
    broken.write_bytes(secrets.token_bytes(5000))
    open_page(page, "/studio")
    page.get_by_label("Choose files").set_input_files(broken)

    row = own_files(page).filter(has_text=broken.name)
    expect(row).to_contain_text("Rejected", timeout=READY_MS)
    expect(row.locator(".bad")).to_have_text(re.compile(r"\w+"))


def test_listeners_are_told_how_to_become_artists(listener: Listener) -> None:
    page = listener.page
    open_page(page, "/studio")

    expect(page.get_by_role("heading", name="This page is for artists")).to_be_visible()
    account = page.get_by_role("link", name="Manage account and plan")
    expect(account).to_have_attribute("href", "/account")


def own_files(page: Page) -> Locator:
    return page.get_by_role("region", name="Your files").get_by_role("listitem")


def progress_of(page: Page) -> str:
    """The expression for every percentage that the page shows from now on."""
    page.evaluate(
        """() => {
            window.percents = [];
            new MutationObserver(() => {
                for (const bar of document.querySelectorAll("main progress")) {
                    window.percents.push(bar.value);
                }
            }).observe(document.body, {subtree: true, childList: true, attributes: true});
        }"""
    )
    return "percents"
