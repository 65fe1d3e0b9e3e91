"""Signing in with Google, in a browser that runs no JavaScript, by way of the local Google."""

import re

from playwright.sync_api import Page, expect

from tests import people
from tests.e2e.entering import sign_in, sign_up, someone
from tests.people import PASSWORD
from tests.platform import Platform


def at_google(page: Page, email: str, name: str = "") -> None:
    expect(page.get_by_role("heading")).to_have_text("In place of Google")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Go on").click()


def with_google(page: Page, email: str, name: str = "", *, path: str = "/signin") -> None:
    page.goto(path)
    page.get_by_role("button", name="Continue with Google").click()
    at_google(page, email, name)


def test_somebody_new(page: Page) -> None:
    """They are asked for a name and a country, and then go where they wanted to."""
    email = someone()
    with_google(page, email, "Gina Google", path="/signin?next=/account/plan")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome to Cadenza")
    expect(page.get_by_label("Name")).to_have_value("Gina Google")
    expect(page.get_by_label("Country")).to_have_value("AT")
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile(r"/account/plan$"))

    page.goto("/signout")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Continue with Google").click()
    page.get_by_role("button", name=email).click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Gina Google")


def test_an_account_with_a_password_is_joined(page: Page, platform: Platform) -> None:
    """Whoever made it with an address that nobody had verified is out of it."""
    email = someone()
    with people.sign_up(platform, email) as squatter:
        with_google(page, email, "The rightful one")
        expect(page.get_by_role("status")).to_contain_text("You can sign in with Google now")
        assert squatter.open("/account").path == "/signin"
        refused = people.try_to_sign_in(squatter, email, PASSWORD)
        assert "password is wrong" in refused.problems

    page.get_by_role("link", name="Change password").click()
    page.get_by_label("New password").fill("a password of my own")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed")
    page.goto("/signout")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, email, "a password of my own")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_whom_google_does_not_vouch_for_is_refused(page: Page, platform: Platform) -> None:
    email = someone()
    people.sign_up(platform, email).client.close()
    page.goto("/signin")
    page.get_by_role("button", name="Continue with Google").click()
    page.get_by_label("Google has not verified").check()
    at_google(page, email)

    expect(page.get_by_text("There is an account with this e-mail address already")).to_be_visible()
    page.goto("/account")
    expect(page).to_have_url(re.compile("/signin"))


def test_whoever_changes_their_mind(page: Page) -> None:
    page.goto("/signin")
    page.get_by_role("button", name="Continue with Google").click()
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("status")).to_have_text("You did not sign in with Google.")


def test_an_answer_that_was_meant_for_another_browser(page: Page, platform: Platform) -> None:
    """An attacker's own answer, sent to somebody, signs nobody in."""
    page.goto("/signin")
    page.get_by_role("button", name="Continue with Google").click()
    with page.expect_request(re.compile("/account/google/back")) as sent:
        at_google(page, someone())
    with people.Browser(platform.url) as victim:
        answer = victim.open(sent.value.url)
        assert answer.status == 403
        assert victim.open("/account").path == "/signin"


def test_an_address_and_a_plan_are_changed(page: Page) -> None:
    email, new = someone(), someone()
    page.goto("/signup")
    sign_up(page, email)
    page.get_by_role("link", name="Change e-mail address").click()
    page.get_by_label("New e-mail address").fill(new)
    page.get_by_label("Your present password").fill(PASSWORD)
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_text(new)).to_be_visible()
    page.goto("/signout")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, new)

    page.get_by_role("link", name="Change the plan").click()
    expect(page.get_by_text("No money moves")).to_be_visible()
    page.get_by_role("button", name="Choose Family, by the month").click()
    expect(page.get_by_text("On trial until")).to_be_visible()
    page.get_by_role("link", name="Your family").click()
    page.get_by_role("button", name="Invite somebody").click()
    expect(page.locator("code.copy")).to_be_visible()


def test_data_is_put_together_and_fetched(page: Page) -> None:
    page.goto("/signup")
    sign_up(page, someone())
    page.get_by_role("button", name="Export my data").click()
    expect(page.get_by_role("heading", name="Your data is ready")).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()

    assert download.value.suggested_filename == "cadenza-export.zip"
