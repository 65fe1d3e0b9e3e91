"""The web player's tokens, on the running platform."""

from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import httpx

from tests import people
from tests.people import Pkce
from tests.platform import Platform


def test_the_web_player_signs_in_and_stays(platform: Platform) -> None:
    pkce, redirect_uri = Pkce(), f"{platform.url}/callback"
    origin = {"Origin": platform.url}
    with people.sign_up(platform, "web-player@example.com") as browser:
        asked = people.authorize_url(
            platform,
            "cadenza-web",
            redirect_uri,
            scope="streaming user-read-private",
            code_challenge=pkce.challenge,
            code_challenge_method="S256",
        )
        answer = browser.client.get(asked, follow_redirects=False)
    code = httpx.QueryParams(urlsplit(answer.headers["Location"]).query)["code"]
    with httpx.Client(base_url=platform.url, timeout=30, headers=origin) as page:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": pkce.verifier,
            "redirect_uri": redirect_uri,
        }
        given = page.post("/oauth/web/token", data=form)
        assert given.status_code == 200, given.text
        cookie = SimpleCookie(given.headers["set-cookie"])["cadenza_web"]
        assert cookie.value not in given.text
        me = page.get("/v1/me", headers={"Authorization": f"Bearer {given.json()['access_token']}"})
        assert me.json()["display_name"] == "web-player"

        again = page.post("/oauth/web/token", data={"grant_type": "refresh_token"})
        assert again.status_code == 200
        assert page.cookies["cadenza_web"] != cookie.value
        elsewhere = page.post(
            "/oauth/web/token",
            data={"grant_type": "refresh_token"},
            headers={"Origin": "https://evil.example"},
        )
        assert elsewhere.status_code == 403
        assert page.post("/oauth/web/revoke").status_code == 200
        assert (
            page.post("/oauth/web/token", data={"grant_type": "refresh_token"}).status_code == 400
        )


def test_apps_in_a_browser_may_ask_for_tokens_and_our_pages_are_ours(platform: Platform) -> None:
    theirs = {"Origin": "https://app.example"}
    token = httpx.post(f"{platform.url}/api/token", data={"grant_type": "x"}, headers=theirs)
    page = httpx.get(f"{platform.url}/signin", headers=theirs)

    assert token.headers["Access-Control-Allow-Origin"] == "*"
    assert "access-control-allow-origin" not in page.headers
