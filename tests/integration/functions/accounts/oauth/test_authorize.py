"""`/authorize`: who is sent where, and with what."""

from urllib.parse import unquote, urlsplit

import pytest

from functions.accounts.oauth import apps, grants_given
from functions.accounts.people.tables import User
from shared.errors import NotFound
from tests.integration.functions.accounts.oauth.world import (
    PUBLIC_URL,
    Pkce,
    Program,
    World,
    sent_to,
)


async def test_sends_nobody_to_sign_in_and_back(world: World, server_app: Program) -> None:
    response = await world.authorize(server_app)

    path, _, query = response.headers["location"].partition("?next=")
    assert response.status_code == 302
    assert path == "/signin"
    back = urlsplit(unquote(query))
    assert (back.scheme, back.netloc, back.path) == ("", "", "/authorize")
    assert f"client_id={server_app.id}" in back.query


async def test_asks_once(world: World, server_app: Program, anna: User) -> None:
    world.browser_user = anna

    first = await world.authorize(server_app, scope="streaming user-read-email")
    request_id = sent_to(first)["request"]
    consent = await world.consents.pending(request_id, anna)
    back = await world.consents.approve(request_id, anna)
    again = await world.authorize(server_app, scope="user-read-email")

    assert first.headers["location"].startswith("/consent?request=")
    assert (consent.app_name, consent.owner_name) == ("Mixer", "dev")
    assert consent.redirect_uri == server_app.redirect_uri
    assert list(consent.scopes) == ["streaming", "user-read-email"]
    assert back.status_code == 303
    assert back.headers["location"].startswith("https://app.example/callback?")
    assert set(sent_to(back)) == {"code", "state", "iss"}
    assert sent_to(back)["state"] == "a state"
    assert sent_to(again)["code"] != sent_to(back)["code"]


async def test_asks_again_for_more_and_when_the_app_wants_it(
    world: World, server_app: Program, anna: User
) -> None:
    await world.code(server_app, anna, scope="streaming")

    more = await world.authorize(server_app, scope="streaming user-read-email")
    dialog = await world.authorize(server_app, scope="streaming", show_dialog="true")

    assert more.headers["location"].startswith("/consent?")
    assert dialog.headers["location"].startswith("/consent?")


async def test_asks_again_once_access_was_taken_back(
    world: World, server_app: Program, anna: User
) -> None:
    tokens = await world.tokens(server_app, anna)
    async with world.database.session() as session:
        listed = await grants_given.of_person(session, anna.id)
        taken = await grants_given.take_back(
            session, server_app.id, anna.id, actor=anna.id, now=world.clock()
        )

    response = await world.authorize(server_app, scope="streaming")
    refreshed = await world.refresh(server_app, tokens["refresh_token"])

    assert [(app.id, grant.scopes) for app, grant in listed] == [(server_app.id, ["streaming"])]
    assert taken
    assert response.headers["location"].startswith("/consent?")
    assert refreshed.json()["error"] == "invalid_grant"


async def test_refusal_goes_back_to_the_app(world: World, server_app: Program, anna: User) -> None:
    world.browser_user = anna
    asked = await world.authorize(server_app)

    back = await world.consents.refuse(sent_to(asked)["request"], anna)

    assert sent_to(back)["error"] == "access_denied"
    assert sent_to(back)["state"] == "a state"
    assert sent_to(back)["iss"] == PUBLIC_URL


async def test_an_answer_counts_once_and_only_from_who_was_asked(
    world: World, server_app: Program, anna: User, dev: User
) -> None:
    world.browser_user = anna
    request_id = sent_to(await world.authorize(server_app))["request"]

    for answer in (world.consents.pending, world.consents.approve, world.consents.refuse):
        with pytest.raises(NotFound):
            await answer(request_id, dev)
    await world.consents.approve(request_id, anna)
    with pytest.raises(NotFound):
        await world.consents.approve(request_id, anna)


async def test_a_question_expires(world: World, server_app: Program, anna: User) -> None:
    world.browser_user = anna
    request_id = sent_to(await world.authorize(server_app))["request"]
    world.clock.move(minutes=11)

    with pytest.raises(NotFound):
        await world.consents.approve(request_id, anna)


async def test_a_question_is_void_when_the_redirect_uri_goes(
    world: World, server_app: Program, anna: User, dev: User
) -> None:
    world.browser_user = anna
    request_id = sent_to(await world.authorize(server_app))["request"]
    async with world.database.session() as session:
        app = await apps.owned(session, server_app.id, dev.id)
        await apps.change(session, app, actor=dev.id, redirect_uris=["https://new.example/"])

    with pytest.raises(NotFound):
        await world.consents.approve(request_id, anna)


async def test_a_code_is_void_when_its_redirect_uri_goes(
    world: World, server_app: Program, anna: User, dev: User
) -> None:
    async def set_redirect_uris(*uris: str) -> None:
        async with world.database.session() as session:
            app = await apps.owned(session, server_app.id, dev.id)
            await apps.change(session, app, actor=dev.id, redirect_uris=uris)

    kept, void = [await world.code(server_app, anna) for _ in range(2)]
    await set_redirect_uris(server_app.redirect_uri, "https://new.example/")
    with_both = await world.exchange(server_app, kept)
    await set_redirect_uris("https://new.example/")

    assert with_both.status_code == 200
    assert (await world.exchange(server_app, void)).json()["error"] == "invalid_grant"


async def test_people_off_the_list_cannot_use_an_app_in_development(
    world: World, server_app: Program, dev: User
) -> None:
    world.browser_user = await world.add_user("stranger")
    refused = await world.authorize(server_app)
    world.browser_user = dev
    owner = await world.authorize(server_app)

    assert sent_to(refused)["error"] == "access_denied"
    assert owner.headers["location"].startswith("/consent?")


async def test_leaving_the_list_ends_what_was_granted(
    world: World, server_app: Program, anna: User, dev: User
) -> None:
    tokens = await world.tokens(server_app, anna)
    async with world.database.session() as session:
        app = await apps.owned(session, server_app.id, dev.id)
        await apps.disallow(session, app, anna.id, actor=dev.id, now=world.clock())

    refreshed = await world.refresh(server_app, tokens["refresh_token"])

    assert refreshed.json()["error"] == "invalid_grant"


async def test_our_own_app_asks_nothing_on_any_port(world: World, anna: User) -> None:
    cli = Program("cadenza-cli", None, "http://127.0.0.1:53682/callback")
    pkce = Pkce.fresh()
    world.browser_user = anna

    response = await world.authorize(cli, scope="streaming", show_dialog="true", **pkce.asked)

    assert response.headers["location"].startswith("http://127.0.0.1:53682/callback?code=")


async def test_uploads_are_granted_by_artists_only(
    world: World, server_app: Program, anna: User, dev: User
) -> None:
    artist = await world.add_user("artist", "artist")
    async with world.database.session() as session:
        app = await apps.owned(session, server_app.id, dev.id)
        await apps.allow(session, app, artist.id)

    hers = await world.tokens(server_app, anna, "streaming upload-modify")
    theirs = await world.tokens(server_app, artist, "streaming upload-modify")

    assert hers["scope"] == "streaming"
    assert theirs["scope"] == "streaming upload-modify"


class TestErrors:
    """Told to the app, unless it is not clear that it is the app."""

    @pytest.mark.parametrize(
        ("query", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"response_type": ""}, "unsupported_response_type"),
            ({"scope": "everything"}, "invalid_scope"),
            ({"scope": "streaming'; DROP TABLE apps;--"}, "invalid_scope"),
            ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
            ({"code_challenge_method": "S256"}, "invalid_request"),
            ({"code_challenge": "a" * 43, "code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge": "a" * 43}, "invalid_request"),
        ],
    )
    async def test_redirected(
        self, world: World, server_app: Program, anna: User, query: dict[str, str], error: str
    ) -> None:
        world.browser_user = anna

        response = await world.authorize(server_app, **query)

        assert response.status_code == 302
        assert response.headers["location"].startswith(f"{server_app.redirect_uri}?")
        assert sent_to(response)["error"] == error
        assert sent_to(response)["state"] == "a state"
        assert sent_to(response)["iss"] == PUBLIC_URL

    @pytest.mark.parametrize(
        "query",
        [
            {"client_id": "nobody"},
            {"client_id": "'; DROP TABLE apps;--"},
            {"client_id": "\0"},
            {"client_id": ""},
            {"redirect_uri": ""},
            {"redirect_uri": "https://evil.example/callback"},
            {"redirect_uri": "https://app.example/callback/"},
            {"redirect_uri": "https://app.example/callback?x=1"},
            {"redirect_uri": "https://app.example/callback#x"},
            {"redirect_uri": "https://app.example:8443/callback"},
            {"redirect_uri": "https://app.example@evil.example/callback"},
            {"redirect_uri": "HTTPS://app.example/callback"},
            {"redirect_uri": "http://app.example/callback"},
            {"redirect_uri": '"><script>alert(1)</script>'},
            {"redirect_uri": "javascript:alert(1)"},
            {"redirect_uri": "\u202ehttps://app.example/callback"},
        ],
    )
    async def test_shown(
        self, world: World, server_app: Program, anna: User, query: dict[str, str]
    ) -> None:
        world.browser_user = anna

        response = await world.authorize(server_app, **query)

        assert response.status_code == 400
        assert "location" not in response.headers
        assert "<" not in response.text
        assert "DROP" not in response.text

    @pytest.mark.parametrize(
        "query", ["client_id=a&client_id=b", "state=%ff", "state=" + "a" * 20_000, "x=%00"]
    )
    async def test_unreadable(self, world: World, query: str) -> None:
        response = await world.http.get(f"/authorize?{query}")

        assert response.status_code in {400, 413}
        assert "location" not in response.headers

    async def test_a_public_app_has_to_use_pkce(
        self, world: World, phone_app: Program, anna: User
    ) -> None:
        world.browser_user = anna

        response = await world.authorize(phone_app)

        assert sent_to(response)["error"] == "invalid_request"
        assert "code" not in sent_to(response)


async def test_state_comes_back_as_it_was(world: World, server_app: Program, anna: User) -> None:
    state = "<script>alert('ünïcode & more')</script>\n%00"
    await world.code(server_app, anna)

    response = await world.authorize(server_app, state=state)

    assert sent_to(response)["state"] == state
    assert "<" not in response.headers["location"]
