"""What surrounds the music in the web player: people's pages, covers, media keys, installing it."""

import io
import re
import secrets
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.web.browser import open_page, wait_until_heard
from tests.e2e.web.conftest import Listener, Release

WRITE = "playlist-modify-public playlist-modify-private playlist-read-private user-read-private"
# Notes who handles which media key.
ACTIONS = """
window.actions = {};
const set = MediaSession.prototype.setActionHandler;
MediaSession.prototype.setActionHandler = function (name, handler) {
  window.actions[name] = handler;
  return set.call(this, name, handler);
};
"""


def make_playlist(listener: Listener, name: str, *, public: bool) -> dict[str, Any]:
    with listener.platform.client(listener.token(WRITE)) as client:
        made = client.post("/v1/me/playlists", json={"name": name, "public": public})
    assert made.status_code == 201, made.text
    playlist: dict[str, Any] = made.json()
    return playlist


def test_a_persons_page_shows_their_public_playlists_to_others(
    newcomer: Listener, listener: Listener
) -> None:
    name = f"Shared {secrets.token_hex(3)}"
    owner = make_playlist(newcomer, "Hidden", public=False)["owner"]["id"]
    page = listener.page
    open_page(page, f"/user/{owner}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ove")
    expect(page.get_by_text("No public playlists yet")).to_be_visible()

    make_playlist(newcomer, name, public=True)
    page.reload()
    cards = page.get_by_role("region", name="Public playlists").get_by_role("article")
    expect(cards).to_have_count(1)
    cards.get_by_role("link", name=name).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_role("link", name="by Ove").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ove")


def test_a_person_whom_nobody_knows(listener: Listener) -> None:
    open_page(listener.page, "/user/nobody-at-all")
    expect(listener.page.get_by_role("heading", name="Not found")).to_be_visible()


def test_a_playlist_gets_a_cover(listener: Listener, tmp_path: Path) -> None:
    page = listener.page
    playlist = make_playlist(listener, "Illustrated", public=False)
    picture = tmp_path / "wide.png"
    Image.effect_noise((1400, 900), 90).convert("RGB").save(picture)
    open_page(page, f"/playlist/{playlist['id']}")
    page.get_by_role("button", name="More for Illustrated").click()
    page.get_by_role("menuitem", name="Edit details").click()
    page.get_by_label("Choose a cover").set_input_files(picture)
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".cover img")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)

    shown = page.locator(".head .cover img")
    expect(shown).to_be_visible()
    with listener.platform.client(listener.token(WRITE)) as client:
        images = client.get(f"/v1/playlists/{playlist['id']}/images").json()
        cover = Image.open(io.BytesIO(client.get(images[0]["url"]).content))
    assert cover.width == cover.height
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_what_is_no_picture_is_refused(listener: Listener, tmp_path: Path) -> None:
    page = listener.page
    playlist = make_playlist(listener, "Plain", public=False)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture at all")
    open_page(page, f"/playlist/{playlist['id']}")
    page.get_by_role("button", name="More for Plain").click()
    page.get_by_role("menuitem", name="Edit details").click()
    page.get_by_label("Choose a cover").set_input_files(broken)

    expect(page.get_by_text("This did not work")).to_be_visible()
    expect(page.get_by_role("dialog").locator(".cover img")).to_have_count(0)


def press(page: Page, action: str, **details: float) -> None:
    page.evaluate("([action, details]) => actions[action]({action, ...details})", [action, details])


def test_media_keys_and_the_lock_screen(listener: Listener, release: Release) -> None:
    page = listener.page
    page.add_init_script(ACTIONS)
    page.reload()
    open_page(page, f"/album/{release.id}")
    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
    wait_until_heard(page)

    def session() -> Any:
        return page.evaluate(
            """() => {
                const { metadata, playbackState } = navigator.mediaSession;
                const { title, artist, album } = metadata;
                return [title, artist, album, playbackState];
            }"""
        )

    first, second, _ = release.songs
    assert session() == [first, release.artist, release.name, "playing"]
    press(page, "nexttrack")
    expect(page.get_by_role("region", name="Player")).to_contain_text(second)
    assert session()[0] == second
    press(page, "seekto", seekTime=9)
    expect(page.locator(".progress .time").first).to_have_text(re.compile("0:(09|1[01])"))
    press(page, "seekbackward", seekOffset=5)
    expect(page.locator(".progress .time").first).to_have_text(re.compile("0:0[4-7]"))
    press(page, "pause")
    expect(page.get_by_role("button", name=f"Play {second}")).to_have_count(1)
    assert session()[3] == "paused"
    press(page, "play")
    wait_until_heard(page)
    press(page, "previoustrack")
    assert session()[3] == "playing"


def test_it_can_be_installed(listener: Listener) -> None:
    page = listener.page
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    manifest = devtools.send("Page.getAppManifest")
    devtools.detach()

    # A private window is one: nothing can be installed from it, whatever its page.
    assert [each["errorId"] for each in found if each["errorId"] != "in-incognito"] == []
    assert manifest["url"].endswith("/manifest.webmanifest")
    assert manifest["errors"] == []
