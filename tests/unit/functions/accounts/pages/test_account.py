import pytest

from functions.accounts.people.firebase import TooManyAttempts
from tests.unit.functions.accounts.pages.conftest import Browser
from tests.unit.functions.accounts.pages.fakes import AT, PASSWORD, FakeExport, FakeGranted, World


def test_shows_all_there_is(anna: Browser) -> None:
    page = anna.get("/account").text

    for text in (
        'value="Anna Bach"', '<option value="AT" selected>', "Premium", "renews on 12 April 2026",
        "Night Radio", "See what you have saved.", "Firefox on Linux", "Safari on iPhone",
        "Become an artist", "anna@example.com",
    ):  # fmt: skip
        assert text in page


def test_markup_in_every_field_stays_text(anna: Browser, world: World) -> None:
    evil = "<img src=x onerror=alert(1)>"
    world.anna.display_name = world.anna.email = evil
    world.grants.granted = [FakeGranted(app_id=evil, app_name=evil, scopes={"s": evil})]

    page = anna.get("/account").text

    assert "<img src=x" not in page
    assert page.count("&lt;img src=x") >= 5


@pytest.mark.parametrize(("name", "country"), [(" ", "AT"), ("A\u202eB", "AT"), ("Anna", "XX")])
def test_a_profile_that_cannot_be(anna: Browser, name: str, country: str) -> None:
    fields = {"name": name, "country": country}
    answer = anna.send("/account/profile", fields, page="/account")

    assert answer.status_code == 422
    assert "-problem" in answer.text


def test_sessions_are_ended(anna: Browser, world: World) -> None:
    for session in ("b" * 64, "others"):
        answer = anna.send("/account/sessions", {"session": session}, page="/account")
        assert answer.status_code == 303
    assert anna.send("/account/sessions", {"session": "x"}, page="/account").status_code == 400

    assert world.sessions.ended == ["b" * 64, "others"]


def test_access_is_taken_back(anna: Browser, world: World) -> None:
    answer = anna.send("/account/grants", {"app": "a1"}, page="/account")

    assert answer.headers["Location"] == "/account?done=revoked"
    assert world.grants.taken == ["a1"]


def test_an_export_is_made_after_the_answer(anna: Browser, world: World) -> None:
    answer = anna.send("/account/export", {}, page="/account")
    page = f"/account/export/{world.privacy.export_now.id}"

    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert world.privacy.made == [world.privacy.export_now.id]
    ready = anna.get(page).text
    assert 'href="https://storage.example/export.zip?signature=s&amp;expires=1"' in ready
    assert "refresh" not in ready


def test_an_export_is_waited_for_without_a_script(anna: Browser, world: World) -> None:
    page = f"/account/export/{world.privacy.export_now.id}"
    world.privacy.export_now = FakeExport(status="collecting", download_url="")
    assert '<meta http-equiv="refresh" content="3">' in anna.get(page).text

    world.privacy.export_now = FakeExport(status="failed", download_url="")
    assert "could not be put together" in anna.get(page).text
    assert "refresh" not in anna.get(page).text


@pytest.mark.parametrize("id", ["0" * 22, "x", "%3Cb%3E"])
def test_of_others_exports_nothing_is_said(anna: Browser, id: str) -> None:
    assert anna.get(f"/account/export/{id}").status_code == 404


def test_deletion_needs_the_password(anna: Browser, world: World) -> None:
    wrong = anna.send("/account/delete", {"password": "wrong"})
    assert wrong.status_code == 401
    assert "The password is wrong" in wrong.text
    world.people.failure = TooManyAttempts(60)
    assert anna.send("/account/delete", {"password": PASSWORD}).status_code == 429
    assert world.privacy.erased == []

    world.people.failure = None
    done = anna.send("/account/delete", {"password": PASSWORD})

    assert done.status_code == 200
    assert world.privacy.erased == [world.anna.id]
    assert world.sessions.ended == ["others", "this"]


def test_who_just_came_from_google_needs_no_password(anna: Browser, world: World) -> None:
    world.anna.google_linked_at = AT
    assert 'name="password"' in anna.get("/account/delete").text
    assert anna.send("/account/delete", {}).status_code == 401
    assert world.privacy.erased == []

    world.sessions.fresh = True
    assert 'name="password"' not in anna.get("/account/delete").text
    assert anna.send("/account/delete", {}).status_code == 200
    assert world.privacy.erased == [world.anna.id]


def test_a_fresh_session_alone_is_no_proof(anna: Browser, world: World) -> None:
    """Of whoever has a password, it is asked for."""
    world.sessions.fresh = True

    assert anna.send("/account/delete", {}).status_code == 401
    assert world.privacy.erased == []
