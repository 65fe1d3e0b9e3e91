"""Filling in the accounts' own forms in a real browser."""

from playwright.sync_api import Page

from shared import ids
from tests.people import PASSWORD


def someone() -> str:
    """An e-mail address that nobody has."""
    return f"{ids.random().lower()}@example.com"


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def sign_up(page: Page, email: str, name: str = "Anna Bach", password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign up").click()
