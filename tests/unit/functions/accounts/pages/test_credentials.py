import pytest

from functions.accounts.people.emails import InvalidEmail
from functions.accounts.people.firebase import (
    EmailTaken,
    FirebaseAway,
    TooManyAttempts,
    WeakPassword,
)
from shared.errors import ApiError
from tests.unit.functions.accounts.pages.conftest import Browser
from tests.unit.functions.accounts.pages.fakes import AT, PASSWORD, World

EMAIL = ("/account/email", {"email": "new@example.com"})
NEW_PASSWORD = ("/account/password", {"new_password": "battery staple"})
BOTH = pytest.mark.parametrize(("path", "fields"), [EMAIL, NEW_PASSWORD])


@BOTH
def test_a_change_signs_out_everywhere_else(
    anna: Browser, world: World, path: str, fields: dict[str, str]
) -> None:
    answer = anna.send(path, {**fields, "password": PASSWORD})

    assert answer.headers["Location"] == f"/account?done={path.rpartition('/')[2]}"
    assert world.credentials.changed == [(path.rpartition("/")[2], *fields.values())]
    assert world.sessions.ended == ["others"]
    assert "cadenza=" in answer.headers["set-cookie"], "the session here is another, too"


@BOTH
def test_a_browser_left_open_is_not_enough(
    anna: Browser, world: World, path: str, fields: dict[str, str]
) -> None:
    for password in ("", "wrong"):
        answer = anna.send(path, {**fields, "password": password})
        assert answer.status_code == 401
        assert "The password is wrong" in answer.text
    world.people.failure = TooManyAttempts(60)
    guessing = anna.send(path, {**fields, "password": PASSWORD})

    assert (guessing.status_code, guessing.headers["Retry-After"]) == (429, "60")
    assert world.credentials.changed == []
    assert world.sessions.ended == []


@BOTH
def test_who_just_came_from_google_is_known(
    anna: Browser, world: World, path: str, fields: dict[str, str]
) -> None:
    world.anna.google_linked_at = AT
    assert anna.send(path, fields).status_code == 401
    assert 'action="/account/google"' in anna.get(path).text
    world.sessions.fresh = True

    assert anna.send(path, fields).status_code == 303
    assert len(world.credentials.changed) == 1


@pytest.mark.parametrize(
    ("failure", "field"),
    [
        (InvalidEmail("Enter an e-mail address"), "email"),
        (EmailTaken(), "email"),
        (FirebaseAway(), ""),
    ],
)
def test_an_address_that_cannot_be(
    anna: Browser, world: World, failure: ApiError, field: str
) -> None:
    world.credentials.failure = failure
    answer = anna.send("/account/email", {"email": "<b>", "password": PASSWORD})

    assert answer.status_code == failure.status
    assert failure.message in answer.text
    assert (f'id="{field}-problem"' in answer.text) is bool(field)
    assert world.sessions.ended == []


def test_a_password_that_cannot_be(anna: Browser, world: World) -> None:
    world.credentials.failure = WeakPassword("Choose a longer password")
    answer = anna.send("/account/password", {"new_password": "abc", "password": PASSWORD})

    assert answer.status_code == 400
    assert 'id="new_password-problem"' in answer.text
    assert "abc" not in answer.text
    assert PASSWORD not in answer.text


@BOTH
def test_only_for_whoever_is_signed_in(
    browser: Browser, world: World, path: str, fields: dict[str, str]
) -> None:
    assert browser.get(path).headers["Location"].startswith("/signin?next=")
    browser.sign_in()
    forged = browser.client.post(path, data={**fields, "password": PASSWORD})

    assert forged.status_code == 403
    assert world.credentials.changed == []
