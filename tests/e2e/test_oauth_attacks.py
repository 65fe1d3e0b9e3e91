"""Known attacks on OAuth and on sign-in, against the running platform."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests import people
from tests.people import App, Browser, Pkce
from tests.platform import Platform

SCOPE = "user-read-private"


def token_request(platform: Platform, app: App, **form: str) -> httpx.Response:
    """As the app: with its secret, if it has one."""
    auth = httpx.BasicAuth(app.id, app.secret) if app.secret else None
    named = {} if app.secret else {"client_id": app.id}
    return httpx.post(f"{platform.url}/api/token", data={**named, **form}, auth=auth, timeout=30)


def code_of(platform: Platform, browser: Browser, app: App, **more: str) -> str:
    url = people.authorize_url(platform, app.id, app.redirect_uri, **{"scope": SCOPE, **more})
    return people.consent(browser, url).answer()["code"]


def exchange(platform: Platform, app: App, code: str, **more: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "redirect_uri": app.redirect_uri, **more}
    return token_request(platform, app, code=code, **form)


def assert_refused(answer: httpx.Response, *codes: str) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] in codes, answer.text


def test_a_code_counts_once_and_its_reuse_ends_what_it_gave(
    platform: Platform, anna: Browser, app: App
) -> None:
    code = code_of(platform, anna, app)
    first = exchange(platform, app, code)
    assert first.status_code == 200, first.text

    assert_refused(exchange(platform, app, code), "invalid_grant")
    refreshed = token_request(
        platform, app, grant_type="refresh_token", refresh_token=first.json()["refresh_token"]
    )
    assert_refused(refreshed, "invalid_grant")


def test_a_stolen_code_is_worth_nothing_without_the_verifier(
    platform: Platform, anna: Browser, public_app: App
) -> None:
    pkce, thiefs = Pkce(), Pkce()

    def code() -> str:
        method = {"code_challenge": pkce.challenge, "code_challenge_method": "S256"}
        return code_of(platform, anna, public_app, **method)

    assert_refused(exchange(platform, public_app, code()), "invalid_request", "invalid_grant")
    wrong = exchange(platform, public_app, code(), code_verifier=thiefs.verifier)
    assert_refused(wrong, "invalid_grant")
    right = exchange(platform, public_app, code(), code_verifier=pkce.verifier)
    assert right.status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"code_challenge": "x" * 43},
        {"code_challenge": "x" * 43, "code_challenge_method": "plain"},
    ],
)
def test_a_public_app_gets_no_code_without_s256(
    platform: Platform, anna: Browser, public_app: App, more: dict[str, str]
) -> None:
    url = people.authorize_url(platform, public_app.id, public_app.redirect_uri, **more)

    answer = anna.open(url).answer()

    assert answer["error"] == "invalid_request"
    assert answer["state"] == "a state"
    assert "code" not in answer


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example/callback",
        "http://127.0.0.1:9/callback/../other",
        "http://127.0.0.1:9/callback?more=1",
        "http://127.0.0.1.evil.example:9/callback",
        "http://127.0.0.1:9@evil.example/callback",
        "http://localhost:9/callback",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_sent_to_an_address_that_the_app_did_not_register(
    platform: Platform, anna: Browser, app: App, redirect_uri: str
) -> None:
    page = anna.open(people.authorize_url(platform, app.id, redirect_uri))

    assert page.left_to == ""
    assert page.status == 400


def test_a_code_is_bound_to_its_address_and_its_app(
    platform: Platform, anna: Browser, app: App
) -> None:
    other = people.register_app(platform, anna, app.redirect_uri)
    elsewhere = "http://127.0.0.1:10/callback"

    mixed_up = exchange(platform, app, code_of(platform, anna, app), redirect_uri=elsewhere)
    stolen = exchange(platform, other, code_of(platform, anna, app))

    assert_refused(mixed_up, "invalid_grant")
    assert_refused(stolen, "invalid_grant")


def test_answers_name_the_server_that_gave_them(
    platform: Platform, anna: Browser, app: App
) -> None:
    """RFC 9207: against mixing up two servers."""
    url = people.authorize_url(platform, app.id, app.redirect_uri, scope=SCOPE)

    assert people.consent(anna, url).answer()["iss"] == platform.url


@pytest.fixture
def access_token(platform: Platform, anna: Browser) -> str:
    token: str = people.tokens_of(platform, anna)["access_token"]
    return token


@pytest.fixture
def signing_key(platform: Platform) -> ECKey:
    keys = json.loads((platform.state / "signing-keys.json").read_text())["keys"]
    return ECKey.import_key(keys[0]["pem"], {"kid": keys[0]["kid"]})


# Each is verified by another service, and none of them by accounts alone.
PROTECTED = (
    "/v1/me",
    f"/v1/tracks/{'0' * 22}",
    f"/v1/tracks/{'0' * 22}/stream",
    "/v1/uploads?ids=x",
)


def assert_no_way_in(platform: Platform, token: str) -> None:
    with platform.client(token) as client:
        for path in PROTECTED:
            answer = client.get(path)
            assert answer.status_code == 401, (path, answer.text)
            assert "invalid_token" in answer.headers["WWW-Authenticate"]
            assert answer.json()["error"]["status"] == 401


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = token.split(".")
    return _decoded(header), _decoded(claims)


def _decoded(part: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "ES384"])
def test_tokens_with_other_algorithms_are_no_tokens(
    platform: Platform, access_token: str, algorithm: str
) -> None:
    header, claims = parts_of(access_token)
    signature = access_token.rpartition(".")[2]

    for end in ("", signature):
        forged = f"{_encoded({**header, 'alg': algorithm})}.{_encoded(claims)}.{end}"
        assert_no_way_in(platform, forged)


def test_changed_claims_are_no_token(platform: Platform, access_token: str) -> None:
    header, _, signature = access_token.split(".")
    claims = {**parts_of(access_token)[1], "roles": ["operator"], "scope": "streaming"}

    assert_no_way_in(platform, f"{header}.{_encoded(claims)}.{signature}")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(time.time()) - 10},
        {"exp": None},
        {"aud": None},
    ],
)
def test_tokens_for_others_or_out_of_time_are_refused_though_we_signed_them(
    platform: Platform, access_token: str, signing_key: ECKey, changes: dict[str, object]
) -> None:
    header, claims = parts_of(access_token)
    merged = {name: value for name, value in {**claims, **changes}.items() if value is not None}

    assert_no_way_in(platform, jwt.encode(header, merged, signing_key))


def test_another_key_under_our_keys_name_is_refused(platform: Platform, access_token: str) -> None:
    header, claims = parts_of(access_token)

    assert_no_way_in(platform, jwt.encode(header, claims, ECKey.generate_key("P-256")))


def test_no_scope_is_won_by_refreshing(platform: Platform, anna: Browser, app: App) -> None:
    given = exchange(platform, app, code_of(platform, anna, app)).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}

    wider = token_request(platform, app, **refresh, scope=f"{SCOPE} user-read-email streaming")
    same = token_request(platform, app, **refresh)

    assert_refused(wider, "invalid_scope")
    assert same.json()["scope"] == SCOPE


def test_a_listener_cannot_give_away_what_only_artists_may(
    platform: Platform, anna: Browser
) -> None:
    tokens = people.tokens_of(platform, anna, "upload-modify upload-read streaming")

    assert tokens["scope"] == "streaming"
    with platform.client(tokens["access_token"]) as client:
        assert client.post("/v1/uploads", json={}).status_code == 403


def test_a_refresh_token_is_bound_to_its_app(
    platform: Platform, anna: Browser, app: App, public_app: App
) -> None:
    given = exchange(platform, app, code_of(platform, anna, app)).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}

    assert_refused(token_request(platform, public_app, **refresh), "invalid_grant")
    assert token_request(platform, app, **refresh).status_code == 200


def test_two_refreshes_at_once_are_one_and_a_late_one_is_a_theft(
    platform: Platform, anna: Browser
) -> None:
    import concurrent.futures

    cli = App(people.CLI, "", people.CLI_REDIRECT)
    old = people.tokens_of(platform, anna)["refresh_token"]

    def refresh(token: str) -> httpx.Response:
        return token_request(platform, cli, grant_type="refresh_token", refresh_token=token)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        answers = list(pool.map(refresh, [old] * 4))
    assert [answer.status_code for answer in answers] == [200] * 4
    [new] = {answer.json()["refresh_token"] for answer in answers}
    assert refresh(new).status_code == 200, "the family lives"

    time.sleep(11)
    assert_refused(refresh(old), "invalid_grant")
    assert_refused(refresh(new), "invalid_grant")


@pytest.fixture(scope="module")
def victim(platform: Platform) -> Iterator[Browser]:
    with people.sign_up(platform, "victim@example.com", name="Victim") as browser:
        yield browser


def test_passwords_cannot_be_guessed(platform: Platform, victim: Browser) -> None:
    """One e-mail's tries are counted, whoever makes them; the right password is refused too."""
    with Browser(platform.url) as guesser:
        statuses = [
            people.try_to_sign_in(guesser, "victim@example.com", f"guess number {number}").status
            for number in range(12)
        ]
        right = people.try_to_sign_in(guesser, "Victim@Example.com", people.PASSWORD)

    assert 429 in statuses
    assert statuses[0] in {400, 401, 422}
    assert right.status == 429
    assert int(right.headers["Retry-After"]) > 0
    assert victim.open("/account").path == "/account", "who is signed in stays so"


def test_an_unknown_address_and_a_wrong_password_look_the_same(
    platform: Platform, anna: Browser
) -> None:
    shown: dict[str, set[tuple[int, str]]] = {
        "anna@example.com": set(),
        "nobody@example.com": set(),
    }
    took: dict[str, list[float]] = {email: [] for email in shown}
    for email in [*shown] * 3:
        with Browser(platform.url) as browser:
            began = time.monotonic()
            page = people.try_to_sign_in(browser, email, "wrong wrong wrong")
            took[email].append(time.monotonic() - began)
        shown[email].add((page.status, _without_tokens(page.text.replace(email, ""))))

    assert shown["anna@example.com"] == shown["nobody@example.com"]
    assert len(shown["anna@example.com"]) == 1
    # What the machine does besides only ever adds to it.
    assert abs(min(took["anna@example.com"]) - min(took["nobody@example.com"])) < 0.3


def _without_tokens(text: str) -> str:
    import re

    return re.sub(r'name="csrf" value="[^"]*"', "", text)


def consent_page(platform: Platform, browser: Browser, app: App) -> people.Page:
    url = people.authorize_url(
        platform, app.id, app.redirect_uri, scope="user-top-read", show_dialog="true"
    )
    page = browser.open(url)
    assert page.path == "/consent", page.text
    return page


@pytest.mark.parametrize("given", ["", "0" * 64, None])
def test_a_consent_that_the_person_did_not_send_is_none(
    platform: Platform, anna: Browser, app: App, given: str | None
) -> None:
    page = consent_page(platform, anna, app)
    form = page.form("/consent")
    assert form.fields.pop("csrf")

    forged = anna.submit(page, form, answer="allow", **({} if given is None else {"csrf": given}))

    assert forged.status == 403
    assert forged.left_to == ""


def test_another_sites_form_and_another_persons_token_are_refused(
    platform: Platform, anna: Browser, app: App, victim: Browser
) -> None:
    page = consent_page(platform, anna, app)
    form = page.form("/consent")
    fields = {**form.fields, "answer": "allow"}

    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = anna.client.post("/consent", data=fields, headers=headers)
        assert (answer.status_code, "location" in answer.headers) == (403, False)
    answer = victim.client.post("/consent", data=fields, headers={"Origin": platform.url})
    assert answer.status_code == 403

    own = victim.open("/account")
    tokens = {"csrf": own.form("/signout").fields["csrf"]}
    answer = victim.client.post("/consent", data={**fields, **tokens})
    assert answer.status_code == 404, "the question was not asked of this person"
    assert anna.submit(page, form, answer="allow").answer()["code"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://evil.example/", "/account"),
        ("//evil.example/", "/account"),
        ("/\\evil.example/", "/account"),
        ("javascript:alert(1)", "/account"),
        ("/device", "/device"),
    ],
)
def test_signing_in_leads_nowhere_else(
    platform: Platform, anna: Browser, address: str, expected: str
) -> None:
    from urllib.parse import urlencode

    page = anna.open(f"/signin?{urlencode({'next': address})}")

    assert (page.left_to, page.path) == ("", expected)


def test_pages_cannot_be_framed_and_run_no_scripts(
    platform: Platform, anna: Browser, app: App
) -> None:
    page = consent_page(platform, anna, app)

    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "script" not in policy.replace("default-src", "")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "no-store" in page.headers["Cache-Control"]


def test_an_app_that_calls_too_often_is_told_to_wait(platform: Platform, anna: Browser) -> None:
    """An app in development has a small quota, which its token carries."""
    import asyncio

    hasty = people.register_app(platform, anna, "http://127.0.0.1:9/callback")
    token = token_request(platform, hasty, grant_type="client_credentials").json()["access_token"]
    quota = parts_of(token)[1]["quota"]

    async def call_often() -> list[httpx.Response]:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=platform.url, headers=headers, timeout=30) as client:
            answers: list[httpx.Response] = []
            while len(answers) < quota + 40:
                batch = (client.get(f"/v1/tracks/{'0' * 22}") for _ in range(20))
                answers += await asyncio.gather(*batch)
            return answers

    began = time.monotonic()
    answers = asyncio.run(call_often())
    took = time.monotonic() - began
    refused = [answer for answer in answers if answer.status_code == 429]

    assert took > 29 or len(answers) - len(refused) <= quota
    assert refused, f"{len(answers)} calls in {took:.0f} s"
    assert 1 <= int(refused[-1].headers["Retry-After"]) <= 33
    assert refused[-1].json()["error"]["status"] == 429
    other = people.tokens_of(platform, anna)["access_token"]
    with platform.client(other) as client:
        assert client.get("/v1/me").status_code == 200, "others go on"
