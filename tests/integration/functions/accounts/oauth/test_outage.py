"""The database is away."""

import pytest

from functions.accounts.database import Database
from tests.integration.functions.accounts.oauth.world import Program, World


@pytest.fixture
def away() -> World:
    return World(Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing"))


@pytest.mark.parametrize("path", ["/api/token", "/oauth/revoke", "/oauth/device"])
async def test_tokens_answer_503(away: World, path: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}

    response = await away.http.post(path, data={**form, "token": "c"})

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.json()["error"] == "temporarily_unavailable"


async def test_the_browser_is_told(away: World) -> None:
    response = await away.authorize(Program("cadenza-cli", None))

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert "location" not in response.headers


async def test_keys_and_metadata_need_no_database(away: World) -> None:
    for path in ("/.well-known/jwks.json", "/.well-known/oauth-authorization-server"):
        assert (await away.http.get(path)).status_code == 200
