import pytest

from shared import ids
from tests.unit.functions.accounts.pages.conftest import Browser
from tests.unit.functions.accounts.pages.fakes import BEN, World

NEW = "/account/apps/new"
RADIO = {
    "name": "Night Radio",
    "description": "",
    "redirect_uris": " https://night.example/callback \r\n\r\nhttp://127.0.0.1/callback\r\n",
    "kind": "confidential",
}


def radio(anna: Browser) -> str:
    """The address of a registered app."""
    assert anna.send(NEW, RADIO).status_code == 200
    return f"/account/apps/{ids.derive('app', 'Night Radio')}"


def test_a_secret_is_shown_once(anna: Browser, world: World) -> None:
    page = anna.send(NEW, RADIO)

    assert "the-secret" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    (app,) = world.apps.apps.values()
    assert app.redirect_uris == ["https://night.example/callback", "http://127.0.0.1/callback"]
    assert app.confidential
    for path in ("/account/apps", f"/account/apps/{app.id}"):
        assert "the-secret" not in anna.get(path).text


def test_a_public_app_has_none(anna: Browser, world: World) -> None:
    page = anna.send(NEW, {**RADIO, "kind": "public"}).text

    assert "secret" not in page.lower()
    assert not next(iter(world.apps.apps.values())).confidential


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": ""}, "name"), ({"redirect_uris": "https://*.example"}, "redirect_uris")],
)
def test_what_is_wrong_is_said_at_its_field(
    anna: Browser, world: World, wrong: dict[str, str], field: str
) -> None:
    answer = anna.send(NEW, {**RADIO, **wrong})

    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text
    assert world.apps.apps == {}


def test_changing_rotating_and_deleting(anna: Browser, world: World) -> None:
    path = radio(anna)

    changed = anna.send(path, {**RADIO, "name": "Day Radio", "redirect_uris": ""})
    assert changed.headers["Location"] == f"{path}?done=app"
    assert "another-secret" in anna.send(f"{path}/secret", {}, page=path).text
    assert anna.send(path, {**RADIO, "name": ""}).status_code == 422
    (app,) = world.apps.apps.values()
    assert (app.name, app.redirect_uris) == ("Day Radio", [])

    assert "Day Radio" in anna.get(f"{path}/delete").text
    assert anna.send(f"{path}/delete", {}).headers["Location"] == "/account/apps?done=app-deleted"
    assert world.apps.apps == {}


def test_apps_of_others_are_not_there(anna: Browser) -> None:
    assert anna.get("/account/apps/other").status_code == 404
    assert anna.send("/account/apps/other", RADIO, page="/account").status_code == 404


def test_markup_in_every_field_stays_text(anna: Browser) -> None:
    evil = "</textarea><script>alert(1)</script>"
    anna.send(NEW, {"name": evil, "description": evil, "redirect_uris": evil, "kind": "public"})
    path = f"/account/apps/{ids.derive('app', evil)}"

    for page in ("/account/apps", path, f"{path}/delete"):
        text = anna.get(page).text
        assert "<script" not in text
        assert "&lt;script&gt;" in text


def test_people_of_an_app_in_development(anna: Browser, world: World) -> None:
    people = f"{radio(anna)}/people"
    assert "Nobody but you." in anna.get(people).text
    added = anna.send(people, {"person": f" {BEN} "})
    assert added.headers["Location"] == f"{people}?done=person"
    page = anna.get(people).text
    assert "Ben &lt;b&gt;" in page
    removed = anna.send(f"{people}/remove", {"person": BEN}, page=people)

    assert removed.headers["Location"] == f"{people}?done=person-off"
    assert world.apps.allowed == []


def test_somebody_who_is_nobody_or_one_too_many(anna: Browser) -> None:
    people = f"{radio(anna)}/people"
    nobody = anna.send(people, {"person": "<b>"})
    assert nobody.status_code == 422
    assert "There is nobody with this id" in nobody.text
    for _ in range(2):
        anna.send(people, {"person": BEN})
    too_many = anna.send(people, {"person": BEN})

    assert too_many.status_code == 422
    assert "at most 2 users" in too_many.text


def test_the_people_of_others_apps_are_theirs(anna: Browser) -> None:
    anna.get(NEW)
    path = f"/account/apps/{ids.derive('app', 'of others')}/people"

    assert anna.get(path).status_code == 404
    assert anna.send(path, {"person": BEN}, page=NEW).status_code == 404
    assert anna.send(f"{path}/remove", {"person": BEN}, page=NEW).status_code == 404
