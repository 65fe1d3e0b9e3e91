"""The accounts' pages in a real browser, which runs no JavaScript."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import people
from tests.e2e.entering import sign_in, sign_up, someone
from tests.people import App
from tests.platform import Platform

SCOPE = "user-read-private user-library-read"


class Callback(BaseHTTPRequestHandler):
    """Where an app's people come back to."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>The app</title><h1>Back in the app</h1>")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def callback() -> Iterator[str]:
    """The redirect URI of an app that listens on this machine."""
    server = HTTPServer(("127.0.0.1", 0), Callback)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/callback"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def app(platform: Platform, callback: str) -> Iterator[App]:
    """An app whose own developer may use it, and its developer's account."""
    with people.sign_up(platform, DEVELOPER, name="Clara Wieck") as developer:
        yield people.register_app(platform, developer, callback)


DEVELOPER = "clara@example.com"


def answer_of(page: Page, callback: str) -> dict[str, str]:
    """What the app was told."""
    page.wait_for_url(re.compile(re.escape(callback)))
    expect(page.get_by_role("heading")).to_have_text("Back in the app")
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_signing_up_out_and_in(page: Page) -> None:
    email = someone()
    page.goto("/account")
    expect(page).to_have_url(re.compile(r"/signin\?next="))
    page.get_by_role("link", name="Sign up").click()
    expect(page.get_by_label("Country")).to_have_value("AT")

    sign_up(page, email, "Anna <b>Bach</b>")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Anna <b>Bach</b>")
    expect(page.get_by_text(email)).to_be_visible()

    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    sign_in(page, email, "not the password")
    expect(page.get_by_role("alert")).to_contain_text("e-mail address or the password is wrong")
    sign_in(page, email)
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_what_is_wrong_is_said(page: Page) -> None:
    page.goto("/signup")
    sign_up(page, "p\u0430ul@example.com", password="short")

    expect(page.get_by_role("alert")).to_contain_text("mixes alphabets")
    email = page.get_by_label("E-mail address")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_value("p\u0430ul@example.com")
    expect(page.get_by_label("Password")).to_have_value("")


def test_consent_is_refused_then_given(
    page: Page, platform: Platform, app: App, callback: str
) -> None:
    url = people.authorize_url(platform, app.id, callback, scope=SCOPE, show_dialog="true")
    page.goto(url)
    sign_in(page, DEVELOPER)
    expect(page.get_by_role("heading", level=1)).to_have_text("Allow A test to use your account?")
    expect(page.get_by_text("An app by Clara Wieck")).to_be_visible()
    expect(page.get_by_role("listitem")).to_have_count(2)

    page.get_by_role("button", name="Refuse").click()
    refused = answer_of(page, callback)
    assert (refused["error"], refused["state"]) == ("access_denied", "a state")
    assert "code" not in refused

    page.goto(url)
    page.get_by_role("button", name="Allow").click()
    allowed = answer_of(page, callback)
    assert allowed["code"]
    assert allowed["state"] == "a state"

    page.goto("/account")
    access = page.get_by_role("region", name="Apps with access")
    expect(access).to_contain_text("A test")
    access.get_by_role("button", name="Take back the access of A test").click()
    expect(page.get_by_role("status")).to_have_text("The app has no access any more.")
    expect(access).not_to_contain_text("A test")


def test_an_app_that_was_let_in_goes_straight_on(
    page: Page, platform: Platform, app: App, callback: str
) -> None:
    """From the sign-in's form to the app at once, which the page's policy has to let through."""
    url = people.authorize_url(platform, app.id, callback, scope=SCOPE)
    page.goto(url)
    sign_in(page, DEVELOPER)
    page.get_by_role("button", name="Allow").click()
    assert answer_of(page, callback)["code"]
    page.goto("/signout")
    page.get_by_role("button", name="Sign out").click()

    page.goto(url)
    sign_in(page, DEVELOPER)

    assert answer_of(page, callback)["code"]


def test_an_app_is_registered_and_deleted(page: Page) -> None:
    page.goto("/signup?next=/account/apps")
    sign_up(page, someone())
    page.get_by_role("link", name="Register an app").click()
    page.get_by_label("Name").fill("Night Radio")
    page.get_by_label("Redirect URIs").fill("https://night.example/*#x")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Redirect URIs").fill("https://night.example/callback")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("Copy the secret now")).to_be_visible()
    secret = page.locator("code").nth(1).inner_text()

    page.get_by_role("link", name="Go on").click()
    assert secret not in page.content()
    page.get_by_role("button", name="Make a new secret").click()
    assert page.locator("code").nth(1).inner_text() != secret
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("link", name="Delete this app").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("You have no apps yet.")).to_be_visible()


def test_no_page_is_wider_than_a_small_phone(browser: Browser, platform: Platform) -> None:
    context = browser.new_context(
        base_url=platform.url, java_script_enabled=False, viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    for path in ("/signin", "/account/forgotten", "/signup"):
        page.goto(path)
        assert _width(page) <= 320, path
    sign_up(page, someone(), "A" * 50)
    for path in ("/account", "/account/apps", "/account/apps/new", "/account/delete", "/device"):
        page.goto(path)
        assert _width(page) <= 320, path
    context.close()


def _width(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    return float(session.send("Page.getLayoutMetrics")["cssContentSize"]["width"])
