"""Stories of listeners in the web player, in a real browser against the running platform."""

import secrets
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.e2e.web import browser as browsers
from tests.e2e.web.browser import open_page, wait_for_position, wait_until_heard
from tests.e2e.web.conftest import Listener, Release
from tests.platform import Platform
from tests.speakers import SCOPES, speaker
from tests.waiting import until

LIBRARY = "user-library-read playlist-read-private"
PLAYED = "user-read-recently-played user-read-playback-state"


def play_album(page: Page, release: Release) -> None:
    open_page(page, f"/album/{release.id}")
    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
    wait_until_heard(page)


def song_names(page: Page) -> list[str]:
    return page.locator(".tracks .track-name .name").all_text_contents()


def test_a_new_listener_searches_and_plays(
    chromium: Browser, platform: Platform, release: Release
) -> None:
    context = browsers.new_context(chromium)
    page = context.new_page()
    browsers.sign_up(page, platform, f"first-visit-{secrets.token_hex(3)}@web.example", "Signe")

    page.get_by_role("link", name="Search").first.click()
    page.get_by_role("searchbox").type("slow har", delay=30)
    song = page.get_by_role("list", name="Songs").get_by_role("listitem").first
    expect(song).to_contain_text("Slow Harbour")
    song.get_by_role("button", name="Play Slow Harbour").click()

    wait_until_heard(page)
    wait_for_position(page, beyond_s=1)
    expect(page.get_by_role("region", name="Player")).to_contain_text("Vera Holm")
    context.close()


def test_the_next_track_follows_by_itself(listener: Listener, release: Release) -> None:
    page = listener.page
    play_album(page, release)
    bar = page.get_by_role("region", name="Player")
    expect(bar).to_contain_text(release.songs[0])

    page.get_by_role("slider", name="Position").first.evaluate(
        """slider => {
            slider.value = slider.max - 3;
            slider.dispatchEvent(new Event("input", {bubbles: true}));
            slider.dispatchEvent(new Event("change", {bubbles: true}));
        }"""
    )

    expect(bar).to_contain_text(release.songs[1], timeout=15_000)
    wait_for_position(page, beyond_s=1)
    wait_until_heard(page)


def test_likes_and_playlists_are_kept(newcomer: Listener, release: Release) -> None:
    page = newcomer.page
    open_page(page, f"/album/{release.id}")
    for song in release.songs[:2]:
        page.get_by_role("listitem").filter(has_text=song).hover()
        page.get_by_role("button", name=f"Like {song}").click()
        expect(page.get_by_role("button", name=f"Remove {song}")).to_be_visible()

    page.get_by_role("button", name=f"More for {release.name}").click()
    page.get_by_role("menuitem", name="Add to a playlist").click()
    page.get_by_role("menuitem", name="New playlist").click()
    page.get_by_role("complementary").get_by_role("link", name="My playlist 1").click()
    expect(page.locator(".tracks .track")).to_have_count(3)
    assert song_names(page) == list(release.songs)

    handle = page.get_by_role("button", name=f"Move {release.songs[0]}", exact=True)
    handle.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tracks .name").first).to_have_text(release.songs[1])
    page.keyboard.press("ArrowDown")
    moved = [release.songs[1], release.songs[2], release.songs[0]]
    expect(page.locator(".tracks .name").last).to_have_text(moved[-1])

    with newcomer.platform.client(newcomer.token(LIBRARY)) as client:
        liked = client.get("/v1/me/tracks").json()
        assert {item["track"]["name"] for item in liked["items"]} == set(release.songs[:2])
        (playlist,) = client.get("/v1/me/playlists").json()["items"]
        path = f"/v1/playlists/{playlist['id']}/items"

        def names() -> list[str]:
            return [item["item"]["name"] for item in client.get(path).json()["items"]]

        assert until(names, lambda found: found == moved) == moved


def picked_up(page: Page, song: str) -> bool:
    """By its handle, unless the list was shown anew just then."""
    page.mouse.up()
    handle = page.get_by_role("button", name=f"Move {song}", exact=True)
    page.locator(".tracks .track").filter(has=handle).hover()
    handle.hover()
    page.mouse.down()
    return page.locator(".track.dragged").filter(has=handle).count() == 1


def test_a_playlist_is_reordered_by_dragging(newcomer: Listener, release: Release) -> None:
    page = newcomer.page
    open_page(page, f"/album/{release.id}")
    page.get_by_role("button", name=f"More for {release.name}").click()
    page.get_by_role("menuitem", name="Add to a playlist").click()
    page.get_by_role("menuitem", name="New playlist").click()
    page.get_by_role("complementary").get_by_role("link", name="My playlist 1").click()
    rows = page.locator(".tracks .track")
    expect(rows).to_have_count(3)

    until(lambda: picked_up(page, release.songs[0]))
    box = rows.last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] - 4, steps=8)
    page.mouse.up()

    moved = [release.songs[1], release.songs[2], release.songs[0]]
    expect(rows.last).to_contain_text(moved[-1])
    page.reload()
    expect(rows.last).to_contain_text(moved[-1])
    assert song_names(page) == moved


def test_music_moves_to_a_speaker_and_back(
    listener: Listener, release: Release, tmp_path: Path
) -> None:
    page = listener.page
    scopes = " ".join([*SCOPES, "user-read-playback-state"])
    token = listener.token(scopes)
    with speaker(listener.platform, tmp_path, token, "Kitchen", "kitchen-web"):
        play_album(page, release)
        open_page(page, "/devices")
        page.get_by_role("button", name="Play on Kitchen").click()
        expect(page.get_by_role("link", name="Listening on Kitchen")).to_be_visible()

        with listener.platform.client(token) as client:

            def playback() -> Any:
                return client.get("/v1/me/player").json()

            there = until(playback, lambda now: now["device"]["name"] == "Kitchen")
            assert there["item"]["name"] == release.songs[0]
            page.get_by_role("button", name="Pause").first.click()
            until(playback, lambda now: not now["is_playing"])
            page.get_by_role("button", name="Next").first.click()
            until(playback, lambda now: now["item"]["name"] == release.songs[1])
            expect(page.get_by_role("region", name="Player")).to_contain_text(release.songs[1])

        page.get_by_role("button", name="This browser").click()
        expect(page.get_by_role("link", name="Listening on Kitchen")).to_be_hidden()
        wait_until_heard(page)


def test_downloads_play_without_a_network_and_are_reported_later(
    newcomer: Listener, release: Release
) -> None:
    page = newcomer.page
    open_page(page, f"/album/{release.id}")
    page.get_by_role("button", name="Download").click()
    expect(page.get_by_role("button", name="Downloaded: remove")).to_be_visible(timeout=60_000)
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")

    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("No network.")).to_be_visible()
    page.get_by_role("link", name="Downloads").first.click()
    page.get_by_text(release.name).first.click()
    page.get_by_role("button", name=f"Play {release.name}").click()
    wait_until_heard(page)
    wait_for_position(page, beyond_s=9)
    page.get_by_role("button", name="Next").first.click()
    wait_for_position(page, beyond_s=0)

    with newcomer.platform.client(newcomer.token(PLAYED)) as client:

        def played() -> list[str]:
            items = client.get("/v1/me/player/recently-played").json()["items"]
            return [item["track"]["name"] for item in items]

        assert played() == []
        page.context.set_offline(False)
        assert release.songs[0] in until(played, bool, within_s=40)


def test_downloads_are_searched_without_a_network_and_freed(
    newcomer: Listener, release: Release
) -> None:
    page = newcomer.page
    open_page(page, f"/album/{release.id}")
    page.get_by_role("button", name="Download").click()
    expect(page.get_by_role("button", name="Downloaded: remove")).to_be_visible(timeout=60_000)

    page.context.set_offline(True)
    open_page(page, "/search?q=harbour")
    expect(page.get_by_role("list", name="Songs")).to_contain_text("Slow Harbour")

    open_page(page, "/downloads")
    page.get_by_role("button", name="Remove all").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove all").click()
    expect(page.get_by_role("heading", name="No downloads yet")).to_be_visible()
    assert page.evaluate("caches.has('cadenza-downloads')") is False


def test_keys_control_the_player(listener: Listener, release: Release) -> None:
    page = listener.page
    play_album(page, release)
    page.locator("main").focus()
    page.keyboard.press("Space")
    expect(
        page.get_by_role("region", name="Player").get_by_label("Play", exact=True)
    ).to_have_count(2)
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("region", name="Player")).to_contain_text(release.songs[1])
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Unmute")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_it_speaks_german(chromium: Browser, platform: Platform) -> None:
    context = browsers.new_context(chromium, locale="de-DE")
    page = context.new_page()
    page.goto(platform.url)

    expect(page.get_by_role("button", name="Anmelden")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "de"
    context.close()
