"""Tokens of the web player: the refresh token in a cookie, the access token in the page."""

import asyncio
from http.cookies import SimpleCookie

import httpx
import pytest

from functions.accounts.oauth import seed
from functions.accounts.people.tables import User
from tests.integration.functions.accounts.oauth.world import (
    PUBLIC_URL,
    Pkce,
    Program,
    World,
    claims_of,
)

WEB = Program(seed.WEB, None, f"{PUBLIC_URL}/callback")
HERE = {"Origin": PUBLIC_URL}


async def post(
    world: World,
    path: str,
    form: dict[str, str],
    *,
    cookie: str = "",
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    sent = HERE if headers is None else headers
    if cookie:
        sent = {**sent, "Cookie": f"cadenza_web={cookie}"}
    answer = await world.http.post(f"/oauth/web/{path}", data=form, headers=sent)
    world.http.cookies.clear()
    return answer


async def code_form(world: World, user: User) -> dict[str, str]:
    pkce = Pkce.fresh()
    code = await world.code(WEB, user, scope="streaming user-read-private", **pkce.asked)
    return {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": pkce.verifier,
        "redirect_uri": WEB.redirect_uri,
    }


async def sign_in(world: World, user: User) -> str:
    """The cookie's value."""
    answer = await post(world, "token", await code_form(world, user))
    assert answer.status_code == 200, answer.text
    return str(cookie_of(answer).value)


async def refresh(
    world: World, cookie: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    return await post(
        world, "token", {"grant_type": "refresh_token"}, cookie=cookie, headers=headers
    )


def cookie_of(answer: httpx.Response) -> "SimpleCookie.Morsel[str]":  # type: ignore[name-defined]  # typeshed's own name
    cookies = SimpleCookie(answer.headers["set-cookie"])
    return cookies["cadenza_web"]


async def test_a_page_is_given_an_access_token_alone(world: World, anna: User) -> None:
    answer = await post(world, "token", await code_form(world, anna))

    assert answer.json().keys() == {"access_token", "token_type", "expires_in", "scope"}
    claims = claims_of(answer.json()["access_token"])
    assert (claims["sub"], claims["client_id"]) == (anna.id, "cadenza-web")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not [name for name in answer.headers if name.startswith("access-control")]
    cookie = cookie_of(answer)
    assert cookie.value not in answer.text
    assert cookie["httponly"] is True
    assert (cookie["samesite"], cookie["path"]) == ("strict", "/oauth/web")
    assert cookie["domain"] == ""
    assert int(cookie["max-age"]) == 180 * 24 * 3600
    assert cookie["secure"] == "", "this deployment is plain http"


async def test_over_https_the_cookie_is_too(world: World, anna: User) -> None:
    from dataclasses import replace

    from functions.accounts.oauth.routes import routes
    from shared.web import Api, create_app

    public = replace(world.dependencies, public_url="https://music.example")
    app = create_app(routes(public, Api(world.verifier)))
    form = await code_form(world, anna)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://music.example"
    ) as client:
        answer = await client.post(
            "/oauth/web/token", data=form, headers={"Origin": "https://music.example"}
        )

    assert cookie_of(answer)["secure"] is True


async def test_the_cookie_is_replaced_at_each_use(world: World, anna: User) -> None:
    first = await sign_in(world, anna)
    answer = await refresh(world, first)
    second = cookie_of(answer).value

    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()
    assert second != first
    assert (await refresh(world, second)).status_code == 200


async def test_a_late_reuse_signs_out(world: World, anna: User) -> None:
    stolen = await sign_in(world, anna)
    latest = cookie_of(await refresh(world, stolen)).value
    world.clock.move(seconds=11)

    for cookie in (stolen, latest):
        answer = await refresh(world, cookie)
        assert answer.json()["error"] == "invalid_grant"
        assert cookie_of(answer).value == "", "what does not hold is taken away"


async def test_two_tabs_that_refresh_at_once(world: World, anna: User) -> None:
    cookie = await sign_in(world, anna)
    answers = await asyncio.gather(*(refresh(world, cookie) for _ in range(4)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({cookie_of(answer).value for answer in answers}) == 1
    world.clock.move(seconds=11)
    assert (await refresh(world, cookie_of(answers[0]).value)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{PUBLIC_URL}.evil.example"},
        {"Origin": PUBLIC_URL.replace("http:", "https:")},
        {"Origin": "http://localhost:9090"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_pages_of_other_sites_get_and_end_nothing(
    world: World, anna: User, headers: dict[str, str]
) -> None:
    cookie = await sign_in(world, anna)
    for answer in (
        await refresh(world, cookie, headers),
        await post(world, "revoke", {}, cookie=cookie, headers=headers),
    ):
        assert answer.status_code == 403
        assert answer.json()["error"] == "access_denied"
        assert "set-cookie" not in answer.headers
    world.clock.move(seconds=11)
    assert (await refresh(world, cookie)).status_code == 200


async def test_a_browser_that_names_no_origin_names_the_site(world: World, anna: User) -> None:
    cookie = await sign_in(world, anna)

    assert (await refresh(world, cookie, {"Sec-Fetch-Site": "same-origin"})).status_code == 200


async def test_a_token_that_a_script_sends_is_not_looked_at(world: World, anna: User) -> None:
    cookie = await sign_in(world, anna)
    form = {"grant_type": "refresh_token", "refresh_token": cookie}
    answer = await post(world, "token", form)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_of_other_apps_it_knows_nothing(
    world: World, phone_app: Program, server_app: Program, anna: User
) -> None:
    theirs = (await world.tokens(phone_app, anna))["refresh_token"]
    assert (await refresh(world, theirs)).json()["error"] == "invalid_grant"
    for form in (
        {"grant_type": "client_credentials", **server_app.credentials},
        {"grant_type": "refresh_token", "client_id": phone_app.id},
        {"grant_type": "refresh_token", "client_secret": "s"},
    ):
        assert (await post(world, "token", form)).status_code == 400
    for grant_type in ("client_credentials", "password", "", "urn:x"):
        answer = await post(world, "token", {"grant_type": grant_type})
        assert answer.json()["error"] == "unsupported_grant_type"
    assert (await world.refresh(phone_app, theirs)).status_code == 200


async def test_a_code_needs_its_verifier_and_counts_once(world: World, anna: User) -> None:
    form = await code_form(world, anna)
    stolen = await post(world, "token", {**form, "code_verifier": Pkce.fresh().verifier})
    assert stolen.json()["error"] == "invalid_grant"
    form = await code_form(world, anna)
    first = await post(world, "token", form)
    again = await post(world, "token", form)

    assert (first.status_code, again.status_code) == (200, 400)
    assert (await refresh(world, cookie_of(first).value)).status_code == 400


async def test_signing_out(world: World, anna: User) -> None:
    cookie = await sign_in(world, anna)
    answer = await post(world, "revoke", {}, cookie=cookie)

    assert answer.status_code == 200
    gone = cookie_of(answer)
    assert (gone.value, gone["max-age"], gone["path"]) == ("", "0", "/oauth/web")
    assert (await refresh(world, cookie)).json()["error"] == "invalid_grant"
    assert (await post(world, "revoke", {}, cookie=cookie)).status_code == 200
    assert (await post(world, "revoke", {})).status_code == 200


@pytest.mark.parametrize("cookie", ["x", "%00", "a b", "'; DROP TABLE users; --"])
async def test_a_cookie_that_is_none(world: World, cookie: str) -> None:
    assert (await refresh(world, cookie)).json()["error"] == "invalid_grant"
    assert (await post(world, "revoke", {}, cookie=cookie)).status_code == 200


async def test_only_forms_are_read(world: World) -> None:
    answer = await world.http.post("/oauth/web/token", json={}, headers=HERE)
    assert answer.json()["error"] == "invalid_request"
    assert (await world.http.get("/oauth/web/token", headers=HERE)).status_code == 405
