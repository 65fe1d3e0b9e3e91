import html

import pytest

from tests.unit.functions.accounts.pages.conftest import Browser
from tests.unit.functions.accounts.pages.fakes import FakeConsent, World

PAGE = "/consent?request=r1"


def test_says_who_asks_for_what(anna: Browser, world: World) -> None:
    answer = anna.get(PAGE)

    asked = world.consents.asked
    for text in (asked.app_name, asked.owner_name, "night.example", *asked.scopes.values()):
        assert text in answer.text
    assert "anna@example.com" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith("form-action 'self' https://night.example")


@pytest.mark.parametrize(
    ("answer", "called", "location"),
    [
        ("allow", "approve", "https://night.example/callback?code=c&state=s"),
        ("refuse", "refuse", "https://night.example/callback?error=access_denied&state=s"),
    ],
)
def test_the_answer(anna: Browser, world: World, answer: str, called: str, location: str) -> None:
    response = anna.send("/consent", {"request": "r1", "answer": answer}, page=PAGE)

    assert (response.status_code, response.headers["Location"]) == (303, location)
    assert world.consents.answers == [(called, "r1", world.anna.id)]
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("answer", ["", "yes", "Allow"])
def test_anything_else_is_no_answer(anna: Browser, world: World, answer: str) -> None:
    response = anna.send("/consent", {"request": "r1", "answer": answer}, page=PAGE)

    assert response.status_code == 400
    assert world.consents.answers == []


def test_a_request_that_is_gone(anna: Browser) -> None:
    assert anna.get("/consent?request=other").status_code == 404
    assert anna.get("/consent").status_code == 404


def test_markup_in_every_field_stays_text(anna: Browser, world: World) -> None:
    evil = "<script>alert('x')</script>\"onload=\"x"
    world.anna.display_name = world.anna.email = evil
    world.consents.asked = FakeConsent(
        app_name=evil,
        app_description=evil,
        owner_name=evil,
        redirect_uri="javascript://alert(1)",
        scopes={"evil": evil},
    )
    page = anna.get(PAGE).text

    assert "<script" not in page
    assert '"onload' not in page
    assert page.count(html.escape(evil).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")) >= 6


def test_a_device_is_let_in_by_its_code(anna: Browser, world: World) -> None:
    page = anna.get("/device?user_code=BCDF-GHJK").text
    assert 'value="BCDF-GHJK"' in page, "a code in the address only fills the field in"
    assert world.devices.answers == []

    confirm = anna.send("/device", {"user_code": "BCDF-GHJK"})
    assert "Kitchen speaker" in confirm.text
    assert world.devices.answers == []

    done = anna.send("/device", {"user_code": "BCDF-GHJK", "answer": "allow"})
    assert "is connected" in done.text
    assert world.devices.answers == ["approve"]


def test_a_device_is_refused(anna: Browser, world: World) -> None:
    done = anna.send("/device", {"user_code": "BCDF-GHJK", "answer": "refuse"})

    assert "Refused" in done.text
    assert world.devices.answers == ["refuse"]


@pytest.mark.parametrize("answer", [{}, {"answer": "allow"}])
def test_an_unknown_code(anna: Browser, world: World, answer: dict[str, str]) -> None:
    response = anna.send("/device", {"user_code": "<b>'", **answer})

    assert response.status_code == 404
    assert 'id="user_code-problem"' in response.text
    assert 'value="&lt;b&gt;&#39;"' in response.text
    assert world.devices.answers == []


def test_codes_are_not_guessed(anna: Browser, world: World) -> None:
    world.attempts.left = 3
    statuses = [anna.send("/device", {"user_code": "AAAA"}).status_code for _ in range(4)]

    assert statuses == [404, 404, 404, 429]
