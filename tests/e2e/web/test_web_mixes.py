"""Mixes in the web player: why each track is there, what is not wanted, radio, a first choice."""

import re
from typing import Any

import msgspec
import pytest
from google.cloud.firestore import Client
from playwright.sync_api import Locator, Page, expect

from functions.recommendations.model import Mix, MixTrack, Opinion, Said, UserMixes, Why
from functions.recommendations.store import mixes_path
from shared import ids
from shared.mixes import Kind
from tests import sounds
from tests.e2e.web.browser import open_page, wait_until_heard
from tests.e2e.web.conftest import Listener, Release
from tests.platform import Platform
from tests.waiting import until

PROJECT = "demo-cadenza"
SCOPES = "user-top-read user-read-private"
OTHERS = ("Paper Boats", "Kite Weather")
NOT = "Don\u2019t play"
DISCOVER = ids.derive("mix", "web", "discover")
DAILY = ids.derive("mix", "web", "daily")


@pytest.fixture(scope="session")
def others(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two songs of another artist, by their ids."""
    folder = tmp_path_factory.mktemp("others")
    files = [
        sounds.write(
            folder / f"{number}.flac",
            seconds=4,
            seed=190 + number,
            tags={"title": title, "artist": "Kai Lund", "album": "Small Hours"},
        )
        for number, title in enumerate(OTHERS)
    ]
    added = platform.added(*files)
    sought = {"q": "kai lund", "type": "artist"}
    with platform.client() as client:
        until(
            lambda: client.get("/v1/search", params=sought).json()["artists"]["items"],
            within_s=60,
        )
    return added


@pytest.fixture
def mixed(
    patron: Listener, release: Release, others: list[str], monkeypatch: pytest.MonkeyPatch
) -> Listener:
    """Somebody for whom a night has made two mixes: five tracks, and two of the five."""
    platform = patron.platform
    known = {each: artists_of(platform, each) for each in [*release.track_ids, *others]}
    ferry, harbour, light = release.track_ids
    discover = [
        MixTrack(ferry, known[ferry], Why.because, "Nils Frahm"),
        MixTrack(others[0], known[others[0]], Why.sounds_like),
        MixTrack(harbour, known[harbour], Why.familiar),
        MixTrack(others[1], known[others[1]], Why.new_from, "Kai Lund"),
        MixTrack(light, known[light], Why.popular),
    ]
    mixes = UserMixes(
        made_at=1_780_000_000,
        said=[Said("artist:0000000000000000000001", Opinion.less)],
        mixes=[
            Mix(
                id=DISCOVER, kind=Kind.discover_weekly, period="2026-03-02", size=5, tracks=discover
            ),
            Mix(
                id=DAILY,
                kind=Kind.daily_mix,
                number=1,
                period="2026-03-02",
                about=["Vera Holm", "Kai Lund"],
                size=2,
                tracks=discover[:2],
            ),
        ],
    )
    with platform.client(patron.token(SCOPES)) as client:
        user = client.get("/v1/me").json()["id"]
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", platform.status["firestore"])
    Client(project=PROJECT).document(mixes_path(user)).set(msgspec.to_builtins(mixes))
    patron.page.reload()
    patron.page.get_by_role("heading", name="Good ").wait_for()
    return patron


def artists_of(platform: Platform, track_id: str) -> list[str]:
    return [artist["id"] for artist in platform.get(f"/v1/tracks/{track_id}")["artists"]]


def rows(page: Page) -> Locator:
    return page.locator(".tracks .track")


def reasons(page: Page) -> list[str]:
    return page.locator(".tracks .reason").all_text_contents()


def choose(page: Page, song: str, what: str) -> None:
    rows(page).filter(has_text=song).hover()
    page.get_by_role("button", name=f"More for {song}").click()
    page.get_by_role("menuitem", name=what).click()


def opinions(listener: Listener) -> list[dict[str, Any]]:
    with listener.platform.client(listener.token(SCOPES)) as client:
        items: list[dict[str, Any]] = client.get("/v1/me/feedback").json()["items"]
    return items[1:]


def test_a_mix_is_on_home_says_why_and_plays(mixed: Listener, release: Release) -> None:
    page = mixed.page
    shelf = page.get_by_role("region", name="Made for you")
    expect(shelf.get_by_role("article")).to_have_count(2)
    expect(shelf).to_contain_text("Vera Holm, Kai Lund and more")
    shelf.get_by_role("link", name="Discover Weekly").last.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Discover Weekly")
    expect(rows(page)).to_have_count(5)
    assert reasons(page) == [
        "Because you like Nils Frahm",
        "Sounds like what you play",
        "You play this",
        "New from Kai Lund",
        "Many people are playing this",
    ]

    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
    wait_until_heard(page)
    expect(page.get_by_role("region", name="Player")).to_contain_text(release.songs[0])
    open_page(page, "/queue")
    expect(page.get_by_role("region", name="Next up: Discover Weekly")).to_contain_text(OTHERS[0])


def test_what_is_not_wanted_goes_at_once_and_comes_back(mixed: Listener, release: Release) -> None:
    page = mixed.page
    open_page(page, f"/mix/{DISCOVER}")
    choose(page, release.songs[1], f"{NOT} this")
    expect(rows(page)).to_have_count(4)
    expect(page.get_by_text(f"{release.songs[1]} will not be chosen")).to_be_visible()

    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(5)
    assert opinions(mixed) == []

    choose(page, OTHERS[0], f"{NOT} Kai Lund")
    expect(rows(page)).to_have_count(3)
    choose(page, release.songs[0], "Less of Vera Holm")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_text("You will hear less of Vera Holm")).to_be_visible()
    page.reload()
    expect(rows(page)).to_have_count(1)
    assert [each["kind"] for each in opinions(mixed)] == ["hide", "less"]


def test_an_opinion_that_is_refused_is_taken_back(mixed: Listener, release: Release) -> None:
    page = mixed.page
    open_page(page, f"/mix/{DISCOVER}")
    expect(rows(page)).to_have_count(5)
    page.context.route("**/v1/me/feedback", lambda route: route.fulfill(status=500))
    choose(page, release.songs[0], f"{NOT} this")

    expect(page.get_by_text("This did not work")).to_be_visible()
    expect(rows(page)).to_have_count(5)


def test_what_is_hidden_while_it_plays_gives_way(mixed: Listener, release: Release) -> None:
    page = mixed.page
    open_page(page, f"/mix/{DISCOVER}")
    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
    wait_until_heard(page)
    choose(page, release.songs[0], f"{NOT} Vera Holm")

    expect(page.get_by_role("region", name="Player")).to_contain_text(OTHERS[0])
    open_page(page, "/queue")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text(OTHERS[1])


def test_radio_begins_with_its_track(listener: Listener, release: Release) -> None:
    page = listener.page
    open_page(page, f"/album/{release.id}")
    choose(page, release.songs[1], "Start radio")
    wait_until_heard(page)
    expect(page.get_by_role("region", name="Player")).to_contain_text(release.songs[1])
    open_page(page, "/queue")
    expect(page.get_by_role("region", name=f"Next up: Radio: {release.songs[1]}")).to_be_visible()


def test_an_artist_has_a_radio(listener: Listener, release: Release) -> None:
    page = listener.page
    open_page(page, f"/album/{release.id}")
    page.locator(".head").get_by_role("link", name="Vera Holm").click()
    page.get_by_role("button", name="More for Vera Holm").click()
    page.get_by_role("menuitem", name="Start radio").click()
    wait_until_heard(page)
    expect(page.get_by_role("region", name="Player")).to_contain_text("Vera Holm")


def test_who_is_new_chooses_artists(
    newcomer: Listener, release: Release, others: list[str]
) -> None:
    page = newcomer.page
    question = page.get_by_role("region", name="Who do you like to hear?")
    question.get_by_role("button", name="Vera Holm").click()
    question.get_by_role("searchbox").fill("kai lun")
    question.get_by_role("button", name="Kai Lund").click()
    question.get_by_role("button", name="Begin with 2 artists").click()

    expect(page.get_by_text("Your mixes begin with them.").last).to_be_visible()
    expect(question).to_have_count(0)
    platform = newcomer.platform
    wanted = [artists_of(platform, each)[0] for each in (release.track_ids[0], others[0])]
    with platform.client(newcomer.token(SCOPES)) as client:
        told = client.get("/v1/me/feedback").json()["items"]
    assert told == [{"uri": f"spotify:artist:{each}", "kind": "more"} for each in wanted]
    page.reload()
    page.get_by_role("heading", name="Good ").wait_for()
    expect(page.get_by_role("region", name=re.compile("New releases"))).to_be_visible()
    expect(question).to_have_count(0)


def test_a_search_that_fails_says_so_and_is_tried_again(
    newcomer: Listener, release: Release, others: list[str]
) -> None:
    page = newcomer.page
    question = page.get_by_role("region", name="Who do you like to hear?")
    page.context.route("**/v1/search*", lambda route: route.fulfill(status=500))
    question.get_by_role("searchbox").fill("kai lund")
    again = question.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    expect(question.get_by_text("Nothing found")).to_have_count(0)

    page.context.unroute("**/v1/search*")
    again.click()
    expect(question.get_by_role("button", name="Kai Lund")).to_be_visible()
    expect(again).to_have_count(0)


def test_who_has_said_something_is_not_asked(newcomer: Listener, release: Release) -> None:
    page = newcomer.page
    question = page.get_by_role("region", name="Who do you like to hear?")
    expect(question).to_be_visible()
    [artist] = artists_of(newcomer.platform, release.track_ids[0])
    with newcomer.platform.client(newcomer.token(SCOPES)) as client:
        body = {"uri": f"spotify:artist:{artist}", "kind": "less"}
        assert client.post("/v1/me/feedback", json=body).status_code == 204
    page.reload()

    expect(page.get_by_role("region", name="New releases")).to_be_visible()
    page.wait_for_timeout(500)
    expect(question).to_have_count(0)
