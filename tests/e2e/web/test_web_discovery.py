"""The whole loop, seen in a browser: what is played tonight is what Discover Weekly knows tomorrow.

Plays, by the API and by the player itself, go through Pub/Sub to BigQuery; a night makes mixes of
them; the player shows, explains and plays what is new to its listener, and hears what they think.
"""

import uuid
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import plays
from tests.e2e.nights import add_tracks, night, post_plays, wait_until_known
from tests.e2e.web.browser import open_page, wait_until_heard
from tests.e2e.web.conftest import Listener
from tests.platform import Platform

ARTISTS, TRACKS, SECONDS = 4, 3, 4
OTHERS = 5
TIMES = 3
SCOPES = " ".join((*plays.SCOPES, "user-read-private"))


@dataclass(frozen=True)
class Songs:
    """Ids by artist, and every name."""

    ids: list[list[str]]
    names: dict[str, str]

    def of(self, *artists: int) -> list[str]:
        return [track for artist in artists for track in self.ids[artist % ARTISTS]]


@pytest.fixture(scope="module")
def songs(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Songs:
    folder = tmp_path_factory.mktemp("discovery")
    ids = add_tracks(platform, folder, "Found", artists=ARTISTS, tracks=TRACKS, seconds=SECONDS)
    names = {
        track: platform.get(f"/v1/tracks/{track}")["name"]
        for by_artist in ids
        for track in by_artist
    }
    return Songs(ids, names)


def test_what_is_played_becomes_a_mix_that_is_seen_heard_and_answered(
    newcomer: Listener, songs: Songs
) -> None:
    platform, page = newcomer.platform, newcomer.page
    with platform.client(newcomer.token(SCOPES)) as client:
        user = client.get("/v1/me").json()["id"]
    heard = songs.of(0, 1)
    sent = {user: TIMES * len(heard) + 1}
    answer = post_plays(platform, newcomer.token(SCOPES), heard * TIMES, ms=SECONDS * 1000 - 50)
    assert answer.status_code in {200, 202}, answer.text
    for number in range(OTHERS):
        other = str(uuid.uuid4())
        chosen = songs.of(number, number + 1)
        token = platform.token(user=other, scopes=plays.SCOPES, country="SE")
        answer = post_plays(platform, token, chosen * TIMES, ms=SECONDS * 1000 - 50)
        assert answer.status_code in {200, 202}, answer.text
        sent[other] = TIMES * len(chosen)
    play_one(page, songs.ids[0][-1], songs)
    wait_until_known(platform, sent, songs.of(*range(ARTISTS)))

    report = night(platform)
    assert report["kept"] == "", report
    assert report["made"] >= len(sent), report

    page.goto(platform.url)
    shelf = page.get_by_role("region", name="Made for you")
    shelf.get_by_role("link", name="Discover Weekly").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Discover Weekly")
    expect(rows(page).first).to_be_visible()
    found = page.locator(".tracks .track .track-name .name").all_text_contents()
    why = page.locator(".tracks .reason").all_text_contents()
    played = {songs.names[track] for track in heard}
    assert found
    assert not played & set(found), "a discovery that was played"
    # Not all of them: what else there is on this platform has its places, too.
    assert not {songs.names[track] for track in songs.of(2, 3)}.isdisjoint(found)
    assert len(why) == len(found)
    assert all(text.strip() for text in why)

    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
    wait_until_heard(page)
    expect(page.get_by_role("region", name="Player")).to_contain_text(found[0])

    unwanted = found[-1]
    rows(page).filter(has_text=unwanted).hover()
    page.get_by_role("button", name=f"More for {unwanted}").click()
    page.get_by_role("menuitem", name="Don\u2019t play this").click()
    expect(rows(page).filter(has_text=unwanted)).to_have_count(0)
    expect(page.get_by_text(f"{unwanted} will not be chosen")).to_be_visible()
    page.reload()
    expect(rows(page).first).to_be_visible()
    left = page.locator(".tracks .track .track-name .name").all_text_contents()
    assert unwanted not in left
    assert set(found) - {unwanted} <= set(left)


def play_one(page: Page, track: str, songs: Songs) -> None:
    """The last track of its album, in the player, to its end: the player itself reports that."""
    open_page(page, f"/track/{track}")
    row = rows(page).filter(has_text=songs.names[track])
    row.hover()
    with page.expect_response(
        lambda answer: answer.url.endswith("/v1/plays") and answer.ok, timeout=60_000
    ):
        row.get_by_role("button", name=f"Play {songs.names[track]}").click()
        wait_until_heard(page)


def rows(page: Page) -> Locator:
    return page.locator(".tracks .track")
