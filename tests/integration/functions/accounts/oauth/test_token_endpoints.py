"""Revocation and introspection."""

from sqlalchemy import select

from functions.accounts.oauth.clean_up import clean_up
from functions.accounts.oauth.tables import RevokedToken
from functions.accounts.people.tables import User
from tests.integration.functions.accounts.oauth.world import Program, World


async def revoke(world: World, app: Program, token: str, **form: str) -> tuple[int, str]:
    response = await world.http.post(
        "/oauth/revoke", data={"token": token, **app.credentials, **form}
    )
    return response.status_code, response.json().get("error", "")


class TestRevocation:
    async def test_by_refresh_token(self, world: World, phone_app: Program, anna: User) -> None:
        token = (await world.tokens(phone_app, anna))["refresh_token"]

        assert await revoke(world, phone_app, token) == (200, "")
        assert (await world.refresh(phone_app, token)).json()["error"] == "invalid_grant"

    async def test_by_access_token(self, world: World, server_app: Program, anna: User) -> None:
        tokens = await world.tokens(server_app, anna)

        done = await revoke(
            world, server_app, tokens["access_token"], token_type_hint="access_token"
        )

        assert done == (200, "")
        refreshed = await world.refresh(server_app, tokens["refresh_token"])
        assert refreshed.json()["error"] == "invalid_grant"
        assert await world.introspect(server_app, tokens["access_token"]) == {"active": False}

    async def test_by_a_token_that_was_replaced(
        self, world: World, phone_app: Program, anna: User
    ) -> None:
        first = (await world.tokens(phone_app, anna))["refresh_token"]
        second = (await world.refresh(phone_app, first)).json()["refresh_token"]

        await revoke(world, phone_app, first)

        assert (await world.refresh(phone_app, second)).json()["error"] == "invalid_grant"

    async def test_of_what_is_no_token_is_done(self, world: World, server_app: Program) -> None:
        assert await revoke(world, server_app, "no token") == (200, "")

    async def test_of_another_apps_token_is_refused(
        self, world: World, server_app: Program, phone_app: Program, anna: User
    ) -> None:
        token = (await world.tokens(server_app, anna))["refresh_token"]

        assert await revoke(world, phone_app, token) == (400, "invalid_grant")
        assert (await world.refresh(server_app, token)).status_code == 200

    async def test_of_an_apps_own_access_token(
        self, world: World, server_app: Program, phone_app: Program
    ) -> None:
        """And of that token alone: the app has others."""
        one, other = [
            (await world.token(grant_type="client_credentials", **server_app.credentials)).json()[
                "access_token"
            ]
            for _ in range(2)
        ]

        assert await revoke(world, phone_app, one) == (400, "invalid_grant")
        assert (await world.introspect(server_app, one))["active"] is True
        for _ in range(2):
            assert await revoke(world, server_app, one) == (200, "")

        assert await world.introspect(server_app, one) == {"active": False}
        assert (await world.introspect(server_app, other))["active"] is True

    async def test_what_was_revoked_is_forgotten_once_it_has_expired(
        self, world: World, server_app: Program
    ) -> None:
        answer = await world.token(grant_type="client_credentials", **server_app.credentials)
        await revoke(world, server_app, answer.json()["access_token"])

        async def remembered() -> int:
            async with world.database.session() as session:
                await clean_up(session, world.clock())
                return len((await session.scalars(select(RevokedToken))).all())

        assert await remembered() == 1
        world.clock.move(days=2)
        assert await remembered() == 0

    async def test_bad_requests(self, world: World, server_app: Program) -> None:
        unknown = await revoke(world, server_app, "x", token_type_hint="a_cookie")
        nameless = await world.http.post("/oauth/revoke", data={"token": "x"})
        empty = await world.http.post("/oauth/revoke", data=server_app.credentials)

        assert unknown == (400, "unsupported_token_type")
        assert nameless.json()["error"] == "invalid_client"
        assert empty.json()["error"] == "invalid_request"


class TestIntrospection:
    async def test_of_an_access_token(self, world: World, server_app: Program, anna: User) -> None:
        tokens = await world.tokens(server_app, anna)

        found = await world.introspect(server_app, tokens["access_token"])

        assert found["active"] is True
        assert (found["sub"], found["client_id"]) == (anna.id, server_app.id)
        assert (found["scope"], found["token_type"]) == ("streaming", "Bearer")

    async def test_of_a_refresh_token(self, world: World, server_app: Program, anna: User) -> None:
        tokens = await world.tokens(server_app, anna)

        found = await world.introspect(server_app, tokens["refresh_token"])

        assert found["active"] is True
        assert found["sub"] == anna.id

    async def test_of_an_apps_own_token(self, world: World, server_app: Program) -> None:
        answer = await world.token(grant_type="client_credentials", **server_app.credentials)

        found = await world.introspect(server_app, answer.json()["access_token"])

        assert found["active"] is True
        assert found["sub"] == server_app.id

    async def test_tells_nothing_of_others_tokens(
        self, world: World, server_app: Program, phone_app: Program, anna: User
    ) -> None:
        tokens = await world.tokens(phone_app, anna)

        for token in (tokens["access_token"], tokens["refresh_token"], "no token"):
            assert await world.introspect(server_app, token) == {"active": False}

    async def test_tells_public_apps_nothing(
        self, world: World, phone_app: Program, anna: User
    ) -> None:
        token = (await world.tokens(phone_app, anna))["access_token"]

        response = await world.http.post(
            "/oauth/introspect", data={"token": token, **phone_app.credentials}
        )

        assert response.json()["error"] == "invalid_client"
