"""`/api/token`: what apps trade for tokens, and how they say who they are."""

import base64
import hashlib

import pytest
from sqlalchemy import select

from functions.accounts.oauth.tables import App, AuthorizationCode, RefreshToken
from functions.accounts.people import store
from functions.accounts.people.profile import ExplicitContent, ProfileChange
from functions.accounts.people.tables import User
from functions.accounts.plans.offers import Plan
from tests.integration.functions.accounts.oauth.world import (
    AUDIENCE,
    PUBLIC_URL,
    Pkce,
    Program,
    World,
    claims_of,
)

SQL = "' OR '1'='1'; DROP TABLE users; --"
HTML = '<img src=x onerror="alert(1)">'


async def test_a_code_gives_tokens(world: World, server_app: Program, anna: User) -> None:
    world.plan = Plan.premium
    code = await world.code(server_app, anna, scope="streaming user-read-email")

    response = await world.exchange(server_app, code)

    tokens = response.json()
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"] == "application/json"
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["scope"] == "streaming user-read-email"
    claims = claims_of(tokens["access_token"])
    issued_at = int(world.clock().timestamp())
    assert claims.pop("jti") != claims.pop("sid")
    assert claims == {
        "iss": PUBLIC_URL,
        "aud": AUDIENCE,
        "sub": anna.id,
        "client_id": server_app.id,
        "scope": "streaming user-read-email",
        "plan": "premium",
        "country": "AT",
        "roles": ["listener"],
        "quota": 1000,
        "iat": issued_at,
        "exp": issued_at + 3600,
    }
    caller = await world.verifier.verify(tokens["access_token"])
    assert caller.subject == anna.id
    assert caller.plan == "premium"


async def test_a_token_says_who_filters_what_is_explicit(
    world: World, server_app: Program, anna: User
) -> None:
    tokens = (await world.exchange(server_app, await world.code(server_app, anna))).json()
    assert "explicit_filter" not in claims_of(tokens["access_token"])
    for filters in (True, False):
        change = ProfileChange(explicit_content=ExplicitContent(filter_enabled=filters))
        async with world.database.session() as session:
            await store.change(session, anna.id, change)
        answer = await world.token(
            grant_type="refresh_token",
            refresh_token=tokens["refresh_token"],
            **server_app.credentials,
        )
        access = answer.json()["access_token"]
        assert claims_of(access).get("explicit_filter", False) is filters
        assert (await world.verifier.verify(access)).explicit_filter is filters


async def test_a_page_of_the_apps_own_reads_what_it_is_given(
    world: World, server_app: Program
) -> None:
    page = {"Origin": "https://app.example"}
    form = {"grant_type": "client_credentials", **server_app.credentials}

    for secret, status in ((form["client_secret"], 200), ("a guess", 400)):
        answer = await world.http.post(
            "/api/token", data={**form, "client_secret": secret}, headers=page
        )
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers


async def test_an_app_gets_tokens_for_itself(world: World, server_app: Program) -> None:
    response = await world.token(grant_type="client_credentials", **server_app.credentials)

    tokens = response.json()
    assert "refresh_token" not in tokens
    claims = claims_of(tokens["access_token"])
    assert claims["sub"] == claims["client_id"] == server_app.id
    assert claims["scope"] == ""
    assert claims["roles"] == []
    assert "sid" not in claims


async def test_an_app_for_itself_is_allowed_nothing_of_anybodys(
    world: World, server_app: Program
) -> None:
    response = await world.token(
        grant_type="client_credentials", scope="user-read-email", **server_app.credentials
    )

    assert response.json()["scope"] == ""


async def test_an_app_without_a_secret_gets_no_tokens_for_itself(
    world: World, phone_app: Program
) -> None:
    response = await world.token(grant_type="client_credentials", client_id=phone_app.id)

    assert response.json()["error"] == "invalid_client"


async def test_nothing_is_stored_that_could_be_used(
    world: World, server_app: Program, anna: User
) -> None:
    code = await world.code(server_app, anna)
    tokens = (await world.exchange(server_app, code)).json()

    async with world.database.session() as session:
        app = await session.get_one(App, server_app.id)
        stored_code = await session.scalar(select(AuthorizationCode.hash))
        stored_token = await session.scalar(select(RefreshToken.hash))

    assert app.secret_hash == hashlib.sha256((server_app.secret or "").encode()).hexdigest()
    assert stored_code == hashlib.sha256(code.encode()).hexdigest()
    assert stored_token == hashlib.sha256(tokens["refresh_token"].encode()).hexdigest()


class TestClientAuthentication:
    async def test_basic(self, world: World, server_app: Program) -> None:
        response = await world.http.post(
            "/api/token",
            data={"grant_type": "client_credentials"},
            auth=(server_app.id, server_app.secret or ""),
        )

        assert response.status_code == 200

    @pytest.mark.parametrize(
        "header",
        [
            "Basic !!!",
            "Basic",
            "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
            "Basic " + base64.b64encode(b"nobody:secret").decode(),
            "Basic " + base64.b64encode(b"cadenza-cli:").decode(),
            "Basic " + base64.b64encode(f"{SQL}:{HTML}".encode()).decode(),
            "Basic " + base64.b64encode(b"a%00b:c").decode(),
            "Bearer abc",
        ],
    )
    async def test_bad_headers(self, world: World, server_app: Program, header: str) -> None:
        response = await world.http.post(
            "/api/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": header},
        )

        assert response.status_code == 401, response.text
        assert response.headers["www-authenticate"] == 'Basic realm="cadenza"'
        assert response.json() == {"error": "invalid_client", "error_description": "Invalid client"}

    async def test_wrong_secret(self, world: World, server_app: Program) -> None:
        response = await world.token(
            grant_type="client_credentials", client_id=server_app.id, client_secret="wrong"
        )

        assert response.status_code == 400
        assert response.json()["error"] == "invalid_client"

    async def test_a_confidential_app_has_to_show_its_secret(
        self, world: World, server_app: Program, anna: User
    ) -> None:
        code = await world.code(server_app, anna)

        response = await world.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=server_app.redirect_uri,
            client_id=server_app.id,
        )

        assert response.json()["error"] == "invalid_client"

    async def test_two_ways_at_once(self, world: World, server_app: Program) -> None:
        response = await world.http.post(
            "/api/token",
            data={"grant_type": "client_credentials", **server_app.credentials},
            auth=(server_app.id, server_app.secret or ""),
        )

        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"


class TestBadInput:
    @pytest.mark.parametrize(
        "grant_type", ["password", "implicit", SQL, HTML, "\u0430uthorization"]
    )
    async def test_unknown_grant_types(
        self, world: World, server_app: Program, grant_type: str
    ) -> None:
        response = await world.token(grant_type=grant_type, **server_app.credentials)

        assert response.status_code == 400
        assert response.json()["error"] == "unsupported_grant_type"
        assert response.headers["content-type"] == "application/json"

    async def test_no_grant_type(self, world: World, server_app: Program) -> None:
        response = await world.token(**server_app.credentials)

        assert response.json()["error"] == "invalid_request"

    @pytest.mark.parametrize(
        "body",
        [
            "grant_type=client_credentials&grant_type=client_credentials",
            "grant_type=client_credentials&client_id=a&client_id=b",
            "grant_type=client_credentials&scope=%ff%fe",
            "grant_type=client_credentials&client_id=%00",
            "&".join(f"p{n}=1" for n in range(60)),
        ],
    )
    async def test_bad_forms(self, world: World, body: str) -> None:
        response = await world.http.post(
            "/api/token",
            content=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"
        assert response.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("size", [20_000, 1024 * 1024, 5 * 1024 * 1024])
    @pytest.mark.parametrize("path", ["/api/token", "/oauth/revoke", "/oauth/device"])
    async def test_huge_bodies(self, world: World, path: str, size: int) -> None:
        response = await world.http.post(
            path,
            content=b"code=" + b"a" * size,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

        assert response.status_code == 413
        assert response.json()["error"] == "invalid_request"

    @pytest.mark.parametrize(
        "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""]
    )
    async def test_wrong_content_types(
        self, world: World, server_app: Program, content_type: str
    ) -> None:
        response = await world.http.post(
            "/api/token",
            content="grant_type=client_credentials",
            headers={"Content-Type": content_type},
        )

        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"

    @pytest.mark.parametrize("nasty", [SQL, HTML, "\u202e\U0001f3b5", "a" * 4000])
    @pytest.mark.parametrize(
        "form",
        [
            {"grant_type": "authorization_code", "code": "*", "redirect_uri": "*"},
            {"grant_type": "authorization_code", "code": "*", "code_verifier": "*"},
            {"grant_type": "refresh_token", "refresh_token": "*"},
            {"grant_type": "refresh_token", "refresh_token": "*", "scope": "*"},
            {"grant_type": "client_credentials", "scope": "*"},
            {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "*"},
            {"grant_type": "client_credentials", "client_id": "*", "client_secret": "*"},
        ],
    )
    async def test_nasty_fields(
        self, world: World, server_app: Program, form: dict[str, str], nasty: str
    ) -> None:
        filled = {key: nasty if value == "*" else value for key, value in form.items()}

        response = await world.token(**{**server_app.credentials, **filled})

        assert response.status_code == 400
        assert response.json()["error"] in {"invalid_grant", "invalid_scope", "invalid_client"}
        assert nasty not in response.text
        async with world.database.session() as session:
            assert await session.get(App, server_app.id) is not None

    async def test_only_post(self, world: World) -> None:
        response = await world.http.get("/api/token", params={"grant_type": "client_credentials"})

        assert response.status_code == 405


class TestCodes:
    async def test_expire(self, world: World, server_app: Program, anna: User) -> None:
        code = await world.code(server_app, anna)
        world.clock.move(minutes=6)

        response = await world.exchange(server_app, code)

        assert response.json()["error"] == "invalid_grant"

    async def test_belong_to_their_app(
        self, world: World, server_app: Program, dev: User, anna: User
    ) -> None:
        other = await world.add_app(dev)
        code = await world.code(server_app, anna)

        stolen = await world.exchange(other, code)
        rightful = await world.exchange(server_app, code)

        assert stolen.json()["error"] == "invalid_grant"
        assert rightful.status_code == 200

    async def test_of_erased_people_are_void(
        self, world: World, server_app: Program, anna: User
    ) -> None:
        code = await world.code(server_app, anna)
        async with world.database.session() as session:
            (await session.get_one(User, anna.id)).erased_at = world.clock()

        response = await world.exchange(server_app, code)

        assert response.json()["error"] == "invalid_grant"

    async def test_pkce_works_for_confidential_apps_too(
        self, world: World, server_app: Program, anna: User
    ) -> None:
        pkce = Pkce.fresh()
        code = await world.code(server_app, anna, **pkce.asked)

        without = await world.exchange(server_app, code)
        with_it = await world.exchange(server_app, code, code_verifier=pkce.verifier)

        assert without.json()["error"] == "invalid_request"
        assert with_it.status_code == 200
