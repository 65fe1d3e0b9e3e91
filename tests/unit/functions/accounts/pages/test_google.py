import time
from collections.abc import Callable

import pytest

from functions.accounts.pages import google
from functions.accounts.people.google import NotJoined
from shared.errors import ApiError, Unavailable
from tests.unit.functions.accounts.pages.conftest import Browser
from tests.unit.functions.accounts.pages.fakes import AT, World

START = "/account/google"
BACK = "/account/google/back?state=theirs&code=c"
COOKIE = "cadenza-google"


def begin(browser: Browser, after: str = "/device") -> None:
    answer = browser.send(START, {"next": after}, page="/signin")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("https://accounts.google.com/")


def test_the_button_is_there_where_google_is(browser: Browser) -> None:
    for path in ("/signin", "/signup"):
        page = browser.get(path)
        assert 'action="/account/google"' in page.text
        assert "https://accounts.google.com" in page.headers["Content-Security-Policy"]
    without = Browser(World(has_google=False))
    for path in ("/signin", "/signup"):
        page = without.get(path)
        assert "Google" not in page.text
        assert "google" not in page.headers["Content-Security-Policy"]
    assert without.client.post(START, data={}).status_code == 404


def test_there_and_back(browser: Browser, world: World) -> None:
    """What was asked for first is where it ends, after the two questions to somebody new."""
    begin(browser)
    answer = browser.get(BACK, **{"Accept-Language": "de-AT"})

    assert answer.headers["Location"] == "/account/welcome?next=%2Fdevice"
    assert world.google.finished == [("state=theirs&code=c", "the-session")]
    gina = world.people.people[browser.client.cookies["cadenza"]]
    assert (gina.email, gina.display_name, gina.country) == ("gina@example.com", "Gina", "AT")
    assert world.announcements.told == [gina.id]


def test_the_cookie_is_for_this_site_and_no_script(browser: Browser) -> None:
    answer = browser.send(START, {}, page="/signin")
    [kept] = [
        value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{COOKIE}=")
    ]

    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"} <= set(kept.split("; "))
    secured = google.Errands("s", public_url="https://music.example")
    assert secured.cookie == "__Host-cadenza-google"


def test_an_answer_that_this_browser_did_not_ask_for(browser: Browser, world: World) -> None:
    """Somebody else's answer would sign this person in as somebody else."""
    assert browser.get(BACK).status_code == 403
    begin(browser)
    for query in ("state=another&code=c", "code=c", "state=&code=c", "state=%F0%9F%8E%B5&code=c"):
        assert browser.get(f"/account/google/back?{query}").status_code == 403
        begin(browser)
    assert world.google.finished == []
    assert "cadenza" not in browser.client.cookies


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1], lambda c: f"x{c}", lambda _: "é.b", lambda _: ".", lambda _: ""]
)
def test_a_cookie_that_is_not_ours(
    browser: Browser, world: World, change: Callable[[str], str]
) -> None:
    begin(browser)
    forged = change(browser.client.cookies[COOKIE])
    browser.client.cookies.clear()
    answer = browser.client.get(BACK, headers={b"Cookie": f"{COOKIE}={forged}".encode()})

    assert answer.status_code == 403
    assert world.google.finished == []


def test_an_answer_counts_once(browser: Browser, world: World) -> None:
    begin(browser)
    browser.get(BACK)

    assert browser.get(BACK).status_code == 403
    assert len(world.google.finished) == 1


def test_an_answer_that_comes_late(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(browser)
    later = time.time() + google.LIFETIME_S + 1
    monkeypatch.setattr("time.time", lambda: later)

    assert browser.get(BACK).status_code == 403
    assert world.google.finished == []


def test_the_start_is_a_form_of_ours(browser: Browser) -> None:
    assert browser.client.post(START, data={"next": "/"}).status_code == 403


def test_nobody_is_led_away(browser: Browser) -> None:
    begin(browser, "https://evil.example/")

    assert "evil" not in browser.get(BACK).headers["Location"]


def test_whoever_changes_their_mind(browser: Browser, world: World) -> None:
    begin(browser)
    answer = browser.get("/account/google/back?state=theirs&error=access_denied")

    assert answer.headers["Location"] == "/signin?done=no-google&next=%2Fdevice"
    assert world.google.finished == []
    assert "You did not sign in with Google." in browser.get("/signin?done=no-google").text


@pytest.mark.parametrize(("failure", "status"), [(NotJoined(), 409), (Unavailable("away"), 503)])
def test_a_refusal_is_said(browser: Browser, world: World, failure: ApiError, status: int) -> None:
    world.google.failure = failure
    begin(browser)
    answer = browser.get(BACK)

    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert "cadenza" not in browser.client.cookies


def test_an_account_that_was_there_is_joined(browser: Browser, world: World) -> None:
    world.google.email = "anna@example.com"
    begin(browser)
    answer = browser.get(BACK)

    assert answer.headers["Location"] == "/account?done=google"
    assert browser.client.cookies["cadenza"] == world.anna.id


class TestAsAProof:
    """Somebody who is signed in shows again who they are."""

    def test_the_same_person(self, anna: Browser, world: World) -> None:
        world.google.email, world.anna.google_linked_at = "anna@example.com", AT
        page = anna.get("/account/delete")
        assert 'name="next" value="/account/delete"' in page.text
        anna.send(START, {"next": "/account/delete"}, page="/account/delete")

        assert anna.get(BACK).headers["Location"] == "/account/delete"

    def test_another_person(self, anna: Browser, world: World) -> None:
        world.anna.google_linked_at = AT
        before = dict(world.people.people)
        anna.send(START, {"next": "/account/delete"}, page="/account/delete")

        answer = anna.get(BACK)
        assert answer.status_code == 400
        assert "At Google you are somebody else" in answer.text
        assert anna.client.cookies["cadenza"] == world.anna.id
        assert COOKIE not in anna.client.cookies
        assert world.people.people == before, "nobody has asked for an account"

    def test_nobody_any_more(self, anna: Browser, world: World) -> None:
        world.google.email, world.anna.google_linked_at = "anna@example.com", AT
        anna.send(START, {"next": "/account/delete"}, page="/account/delete")
        del anna.client.cookies["cadenza"]

        assert anna.get(BACK).status_code == 403
        assert world.google.finished == []


def test_somebody_new_says_where_they_live(browser: Browser) -> None:
    begin(browser)
    page = browser.get(BACK).headers["Location"]
    wrong = browser.send("/account/welcome", {"name": " ", "country": "AT"}, page=page)
    assert wrong.status_code == 422
    assert 'id="name-problem"' in wrong.text
    assert browser.get("/account/welcome").status_code == 200
