"""Every form refuses what it did not make."""

import pytest

from functions.accounts.pages.csrf import Csrf
from tests.unit.functions.accounts.pages.conftest import Browser
from tests.unit.functions.accounts.pages.fakes import PUBLIC_URL, World

CONSENT = {"request": "r1", "answer": "allow"}
PAGE = "/consent?request=r1"
FORMS = [
    "/signup", "/signin", "/signout", "/account/forgotten", "/consent", "/device",
    "/account/profile", "/account/artist", "/account/sessions", "/account/grants",
    "/account/export", "/account/delete", "/account/apps/new",
]  # fmt: skip


@pytest.mark.parametrize("path", FORMS)
def test_no_form_goes_without_a_token(anna: Browser, path: str) -> None:
    anna.get("/account")

    assert anna.client.post(path, data={"answer": "allow"}).status_code == 403


def test_consent_with_its_token(anna: Browser, world: World) -> None:
    assert anna.send("/consent", CONSENT, page=PAGE).status_code == 303
    assert world.consents.answers == [("approve", "r1", world.anna.id)]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{PUBLIC_URL}.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_the_browsers_word_on_where_it_comes_from(
    anna: Browser, world: World, headers: dict[str, str]
) -> None:
    """Even with the right token, which another page cannot read."""
    assert anna.send("/consent", CONSENT, page=PAGE, headers=headers).status_code == 403
    assert world.consents.answers == []


def test_the_browsers_word_that_it_is_here(anna: Browser) -> None:
    headers = {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-origin"}

    assert anna.send("/consent", CONSENT, page=PAGE, headers=headers).status_code == 303


def test_a_token_of_another_browser(anna: Browser, world: World) -> None:
    other = Browser(world)
    other.sign_in()
    stolen = {**CONSENT, "csrf": other.token(PAGE)}
    anna.get(PAGE)

    assert anna.client.post("/consent", data=stolen).status_code == 403


def test_a_token_of_another_person(anna: Browser, world: World) -> None:
    """An attacker's token and cookie, planted in the browser, do not work for its person."""
    signed_out = Browser(world)
    token = signed_out.token("/signin")
    anna.client.cookies.set("cadenza-form", signed_out.client.cookies["cadenza-form"])

    answer = anna.client.post("/consent", data={**CONSENT, "csrf": token})

    assert answer.status_code == 403
    assert world.consents.answers == []


def test_a_token_without_its_cookie(anna: Browser) -> None:
    token = anna.token(PAGE)
    anna.client.cookies.delete("cadenza-form")

    assert anna.client.post("/consent", data={**CONSENT, "csrf": token}).status_code == 403


def test_an_empty_cookie_has_no_token(anna: Browser, world: World) -> None:
    """Its signature could be had for the asking if empty cookies counted."""
    anna.client.cookies.set("cadenza-form", "")

    assert anna.client.post("/consent", data=CONSENT).status_code == 403


def test_in_public_the_cookie_is_the_hosts_own() -> None:
    world = World(public_url="https://music.example")
    browser = Browser(world)

    cookie = browser.get("/signin").headers["set-cookie"]

    assert cookie.startswith("__Host-cadenza-form=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert part in cookie


def test_a_secret_there_has_to_be() -> None:
    with pytest.raises(ValueError, match="empty"):
        Csrf("", public_url=PUBLIC_URL)
