import re

import pytest

from functions.accounts.people.firebase import FirebaseAway, TooManyAttempts
from shared.errors import Unavailable
from tests.unit.functions.accounts.pages.conftest import Browser
from tests.unit.functions.accounts.pages.fakes import PASSWORD, World

BERTA = {"name": "Berta", "email": "berta@example.com", "password": PASSWORD, "country": "DE"}
BACK = "/authorize?client_id=a&redirect_uri=https%3A%2F%2Fnight.example%2Fcb&state=s"


def test_signing_up_signs_in(browser: Browser, world: World) -> None:
    answer = browser.send("/signup", {**BERTA, "next": BACK})

    assert (answer.status_code, answer.headers["Location"]) == (303, BACK)
    made = world.sessions.people[browser.client.cookies["cadenza"]]
    assert (made.email, made.display_name, made.country) == ("berta@example.com", "Berta", "DE")


def test_all_that_is_wrong_is_said_at_once(browser: Browser) -> None:
    """Each message is tied to its field; what was entered is kept, but for the password."""
    wrong = {"name": " ", "email": "p\u0430ul@example.com", "password": "short", "country": "XX"}
    answer = browser.send("/signup", wrong)

    page = answer.text
    assert answer.status_code == 422
    assert "<title>Error: Sign up" in page
    for name in wrong:
        assert f'<a href="#{name}">' in page
        assert f'id="{name}-problem"' in page
        field = re.search(rf'<(?:input|select) id="{name}"[^>]*>', page)
        assert field is not None
        assert 'aria-invalid="true"' in field[0]
        assert f"{name}-problem" in field[0]
    assert "mixes alphabets" in page
    assert 'value="p\u0430ul@example.com"' in page
    assert "short" not in page


def test_every_field_has_its_label(browser: Browser) -> None:
    browser.sign_in()
    for path in ("/account", "/account/apps/new", "/account/delete", "/device"):
        check_labels(browser.get(path).text)
    browser.client.cookies.clear()
    for path in ("/signup", "/signin", "/account/forgotten"):
        check_labels(browser.get(path).text)


def check_labels(page: str) -> None:
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page):
        if 'type="hidden"' in tag or 'aria-hidden="true"' in tag:
            continue
        field = re.search(r'id="([^"]+)"', tag)
        assert field is not None, tag
        assert f'<label for="{field[1]}">' in page, tag


def test_an_address_that_is_taken(browser: Browser) -> None:
    answer = browser.send("/signup", {**BERTA, "email": "anna@example.com"})

    assert answer.status_code == 409
    assert 'id="email-problem"' in answer.text


def test_the_country_is_guessed_from_the_language(browser: Browser) -> None:
    page = browser.get("/signup", **{"Accept-Language": "de-AT,de;q=0.9"}).text

    assert '<option value="AT" selected>' in page
    assert "selected" not in browser.get("/signup", **{"Accept-Language": "in, <b>"}).text


def test_signing_in(browser: Browser, world: World) -> None:
    fields = {"email": "anna@example.com", "password": PASSWORD, "next": "/device"}
    answer = browser.send("/signin", fields)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/device")
    assert browser.client.cookies["cadenza"] == world.anna.id


def test_a_wrong_password(browser: Browser) -> None:
    fields = {"email": "anna@example.com", "password": "wrong-one"}
    known = browser.send("/signin", fields)
    unknown = browser.send("/signin", {**fields, "email": "nobody@example.com"})

    assert known.status_code == unknown.status_code == 401
    assert unknown.text.replace("nobody@", "anna@") == known.text
    assert "wrong-one" not in known.text
    assert "cadenza" not in browser.client.cookies


@pytest.mark.parametrize(
    ("failure", "status"),
    [(TooManyAttempts(90), 429), (FirebaseAway(), 503), (Unavailable("Away"), 503)],
)
def test_what_else_can_go_wrong(
    browser: Browser, world: World, failure: Exception, status: int
) -> None:
    world.people.failure = failure
    for path, fields in (("/signin", {"email": "a", "password": "b"}), ("/signup", BERTA)):
        answer = browser.send(path, fields)

        assert answer.status_code == status
        assert int(answer.headers["Retry-After"]) > 0
        assert 'role="alert"' in answer.text


@pytest.mark.parametrize("path", ["/signin", "/signup"])
@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"]
)
def test_nobody_is_sent_elsewhere(browser: Browser, path: str, elsewhere: str) -> None:
    page = browser.client.get(path, params={"next": elsewhere}).text
    assert "evil" not in page
    fields = {**BERTA, "next": elsewhere}
    if path == "/signin":
        fields["email"] = "anna@example.com"
    answer = browser.send(path, fields)

    assert answer.headers["Location"] == "/account"


def test_the_way_on_is_kept_between_the_two(browser: Browser) -> None:
    page = browser.client.get("/signin", params={"next": BACK})

    assert 'href="/signup?next=%2Fauthorize%3F' in page.text
    assert "form-action 'self' https://night.example" in page.headers["Content-Security-Policy"]


def test_whoever_is_signed_in_goes_on(anna: Browser) -> None:
    for path in ("/signin", "/signup"):
        assert anna.get(f"{path}?next=/device").headers["Location"] == "/device"


def test_signing_out(anna: Browser, world: World) -> None:
    assert anna.get("/signout").status_code == 200, "a link alone signs nobody out"
    assert world.sessions.ended == []

    answer = anna.send("/signout", {})

    assert answer.headers["Location"] == "/signin?done=signed-out"
    assert world.sessions.ended == ["this"]
    anna.client.cookies.clear()
    assert "You are signed out." in anna.get("/signin?done=signed-out").text


def test_a_forgotten_password(browser: Browser, world: World) -> None:
    known = browser.send("/account/forgotten", {"email": "anna@example.com"})
    unknown = browser.send("/account/forgotten", {"email": "nobody@example.com"})

    assert known.status_code == 200
    assert unknown.text.replace("nobody@", "anna@") == known.text
    assert world.people.resets == ["anna@example.com", "nobody@example.com"]


@pytest.mark.parametrize(
    "path",
    ["/account", "/account/apps", "/account/delete", "/device?user_code=AB", "/consent?request=r1"],
)
def test_pages_of_a_person_ask_to_sign_in_first(browser: Browser, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location.startswith("/signin?next=")
    assert browser.client.get(location).text.count(path.replace("&", "&amp;")) >= 1


def test_notices_are_ours_alone(browser: Browser) -> None:
    assert 'role="status"' not in browser.get("/signin?done=<b>Call+0900</b>").text
