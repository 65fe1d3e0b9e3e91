"""Known attacks. Each test fails when its defence is taken out."""

import asyncio
import base64
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import func, select

from functions.accounts.audit import AuditEvent, Tag
from functions.accounts.oauth import access_tokens
from functions.accounts.oauth.keys import SigningKeys
from functions.accounts.oauth.tables import App, RefreshToken
from functions.accounts.people.tables import User
from shared.errors import Unauthorized
from tests.integration.functions.accounts.oauth.world import (
    KEYS,
    PUBLIC_URL,
    Pkce,
    Program,
    World,
    claims_of,
    private_key,
    sent_to,
)


async def test_code_reuse_ends_the_tokens_it_was_traded_for(
    world: World, server_app: Program, anna: User
) -> None:
    code = await world.code(server_app, anna)
    first = (await world.exchange(server_app, code)).json()

    again = await world.exchange(server_app, code)

    refreshed = await world.refresh(server_app, first["refresh_token"])
    access = await world.introspect(server_app, first["access_token"])
    assert again.json()["error"] == "invalid_grant"
    assert refreshed.json()["error"] == "invalid_grant"
    assert access == {"active": False}
    assert await _audited(world, Tag.tokens_reused) == 1


async def test_one_code_gives_one_token_however_many_ask_at_once(
    world: World, server_app: Program, anna: User
) -> None:
    code = await world.code(server_app, anna)

    answers = await asyncio.gather(*(world.exchange(server_app, code) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400, 400]


class TestInterception:
    """Somebody sees the code on its way to a public app."""

    async def test_without_the_verifier(self, world: World, phone_app: Program, anna: User) -> None:
        code = await world.code(phone_app, anna, **Pkce.fresh().asked)

        response = await world.exchange(phone_app, code)

        assert response.json()["error"] == "invalid_request"

    async def test_with_another_verifier(
        self, world: World, phone_app: Program, anna: User
    ) -> None:
        code = await world.code(phone_app, anna, **Pkce.fresh().asked)

        response = await world.exchange(phone_app, code, code_verifier=Pkce.fresh().verifier)

        assert response.json()["error"] == "invalid_grant"

    async def test_with_the_challenge_as_verifier(
        self, world: World, phone_app: Program, anna: User
    ) -> None:
        """As it would work if `plain` did."""
        pkce = Pkce.fresh()
        code = await world.code(phone_app, anna, **pkce.asked)

        response = await world.exchange(phone_app, code, code_verifier=pkce.challenge)

        assert response.json()["error"] == "invalid_grant"

    @pytest.mark.parametrize("method", ["plain", "", "s256", "S512"])
    async def test_downgrade(
        self, world: World, phone_app: Program, anna: User, method: str
    ) -> None:
        world.browser_user = anna
        challenge = Pkce.fresh().challenge

        response = await world.authorize(
            phone_app, code_challenge=challenge, code_challenge_method=method
        )

        assert sent_to(response)["error"] == "invalid_request"

    async def test_verifier_for_a_code_that_was_asked_without_challenge(
        self, world: World, server_app: Program, anna: User
    ) -> None:
        """The challenge was stripped from the request (RFC 9700, 4.8)."""
        code = await world.code(server_app, anna)

        response = await world.exchange(server_app, code, code_verifier=Pkce.fresh().verifier)

        assert response.json()["error"] == "invalid_request"


class TestRedirectMixUp:
    async def test_a_code_for_one_redirect_uri_does_not_work_with_another(
        self, world: World, server_app: Program, anna: User
    ) -> None:
        async with world.database.session() as session:
            app = await session.get_one(App, server_app.id)
            app.redirect_uris = [server_app.redirect_uri, "https://app.example/other"]
        code = await world.code(server_app, anna)

        other = await world.exchange(server_app, code, redirect_uri="https://app.example/other")
        none = await world.exchange(server_app, code, redirect_uri="")

        assert other.json()["error"] == "invalid_grant"
        assert none.json()["error"] == "invalid_grant"

    async def test_answers_say_whose_they_are(
        self, world: World, server_app: Program, anna: User
    ) -> None:
        """RFC 9207: so that an app does not take another server's answer for ours."""
        await world.code(server_app, anna)

        given = await world.authorize(server_app)
        refused = await world.authorize(server_app, scope="everything")

        assert sent_to(given)["iss"] == PUBLIC_URL
        assert sent_to(refused)["iss"] == PUBLIC_URL

    async def test_only_the_port_of_a_loopback_address_may_vary(
        self, world: World, dev: User
    ) -> None:
        phone = await world.add_app(
            dev, confidential=False, redirect_uri="http://127.0.0.1:8000/callback"
        )
        world.browser_user = dev
        pkce = Pkce.fresh().asked

        port = await world.authorize(phone, redirect_uri="http://127.0.0.1:9/callback", **pkce)
        others = [
            await world.authorize(phone, redirect_uri=uri, **pkce)
            for uri in (
                "http://127.0.0.1:9/other",
                "http://localhost:8000/callback",
                "http://127.0.0.1:8000@evil.example/callback",
                "http://127.0.0.1.evil.example/callback",
                "https://127.0.0.1:8000/callback",
            )
        ]

        assert port.status_code == 302
        assert [response.status_code for response in others] == [400] * 5


class TestForgedTokens:
    """What services refuse."""

    async def test_alg_none(self, world: World, server_app: Program, anna: User) -> None:
        token = (await world.tokens(server_app, anna))["access_token"]
        forged = f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{token.split('.')[1]}."

        with pytest.raises(Unauthorized):
            await world.verifier.verify(forged)
        assert await KEYS.read(forged) is None

    async def test_signed_with_the_public_key_as_a_secret(
        self, world: World, server_app: Program, anna: User
    ) -> None:
        claims = claims_of((await world.tokens(server_app, anna))["access_token"])
        public = KEYS.jwks()["keys"][0]
        secret = OctKey.import_key(json.dumps(public))
        forged = jwt.encode({"alg": "HS256", "kid": public["kid"]}, claims, secret)

        with pytest.raises(Unauthorized):
            await world.verifier.verify(forged)
        assert await KEYS.read(forged) is None

    async def test_signed_with_another_key(
        self, world: World, server_app: Program, anna: User
    ) -> None:
        claims = claims_of((await world.tokens(server_app, anna))["access_token"])
        theirs = SigningKeys.from_json(json.dumps({"keys": [private_key()]}))
        forged = await theirs.sign(claims)

        with pytest.raises(Unauthorized):
            await world.verifier.verify(forged)
        assert await world.introspect(server_app, forged) == {"active": False}

    @pytest.mark.parametrize(
        "change",
        [{"aud": "https://other.example"}, {"iss": "https://other.example"}, {"exp": 1_000_000}],
    )
    async def test_wrong_audience_issuer_or_time(
        self, world: World, server_app: Program, anna: User, change: dict[str, Any]
    ) -> None:
        claims = claims_of((await world.tokens(server_app, anna))["access_token"])
        signed = await KEYS.sign({**claims, **change})

        with pytest.raises(Unauthorized):
            await world.verifier.verify(signed)
        assert await world.introspect(server_app, signed) == {"active": False}

    async def test_tokens_expire(self, world: World, server_app: Program, anna: User) -> None:
        world.clock.move(hours=-1, seconds=-1)
        token = (await world.tokens(server_app, anna))["access_token"]
        world.clock.move(hours=1, seconds=1)

        with pytest.raises(Unauthorized):
            await world.verifier.verify(token)
        assert await world.introspect(server_app, token) == {"active": False}
        assert access_tokens.LIFETIME_S == 3600


class TestScopeWidening:
    @pytest.mark.parametrize(
        "scope", ["streaming user-read-email", "user-read-email", "everything"]
    )
    async def test_a_refresh_gives_no_more_than_was_granted(
        self, world: World, server_app: Program, anna: User, scope: str
    ) -> None:
        tokens = await world.tokens(server_app, anna, "streaming")

        response = await world.refresh(server_app, tokens["refresh_token"], scope=scope)

        assert response.json()["error"] == "invalid_scope"

    async def test_nor_one_for_which_nothing_was_granted(
        self, world: World, server_app: Program, anna: User
    ) -> None:
        tokens = await world.tokens(server_app, anna, "")

        response = await world.refresh(server_app, tokens["refresh_token"], scope="streaming")

        assert response.json()["error"] == "invalid_scope"

    async def test_nor_what_the_person_may_no_longer_do(
        self, world: World, server_app: Program, dev: User
    ) -> None:
        async with world.database.session() as session:
            (await session.get_one(User, dev.id)).roles = ["listener", "artist"]
        dev.roles = ["listener", "artist"]
        tokens = await world.tokens(server_app, dev, "streaming upload-modify")
        async with world.database.session() as session:
            (await session.get_one(User, dev.id)).roles = ["listener"]

        response = await world.refresh(server_app, tokens["refresh_token"])

        assert tokens["scope"] == "streaming upload-modify"
        assert response.json()["scope"] == "streaming"

    async def test_less_can_be_asked_for_and_the_rest_is_not_lost(
        self, world: World, phone_app: Program, anna: User
    ) -> None:
        tokens = await world.tokens(phone_app, anna, "streaming user-read-email")

        less = (await world.refresh(phone_app, tokens["refresh_token"], scope="streaming")).json()
        all_again = (await world.refresh(phone_app, less["refresh_token"])).json()

        assert less["scope"] == "streaming"
        assert all_again["scope"] == "streaming user-read-email"


async def test_a_database_that_leaks_gives_no_tokens(
    world: World, phone_app: Program, anna: User
) -> None:
    tokens = await world.tokens(phone_app, anna)
    await world.refresh(phone_app, tokens["refresh_token"])
    async with world.database.session() as session:
        rows = (await session.scalars(select(RefreshToken))).all()
        stored = {row.hash for row in rows}

    answers = [await world.refresh(phone_app, hash) for hash in stored]

    assert [answer.json()["error"] for answer in answers] == ["invalid_grant"] * 2


def _part(value: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def _audited(world: World, tag: Tag) -> int:
    async with world.database.session() as session:
        found = await session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == tag.value)
        )
    return found or 0
