"""How many tokens may be asked for."""

import pytest

from functions.accounts.oauth import token_limits
from functions.accounts.people.tables import User
from tests.integration.functions.accounts.oauth.world import Program, World


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_limits, "PER_ADDRESS", 6)
    monkeypatch.setattr(token_limits, "PER_APP", 3)


async def ask(world: World, app: Program, address: str = "203.0.113.7") -> tuple[int, str]:
    answer = await world.http.post(
        "/api/token",
        data={"grant_type": "client_credentials", **app.credentials},
        headers={"X-Forwarded-For": f"{address}, 10.0.0.1"},
    )
    if answer.status_code == 429:
        assert 1 <= int(answer.headers["Retry-After"]) <= 33
        assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json().get("error", "")


async def test_an_app_has_its_number_from_wherever(world: World, server_app: Program) -> None:
    for n in range(3):
        assert await ask(world, server_app, f"203.0.113.{n}") == (200, "")

    assert await ask(world, server_app, "203.0.113.9") == (429, "temporarily_unavailable")


async def test_an_address_has_its_number_whatever_it_asks(
    world: World, server_app: Program
) -> None:
    guess = Program(server_app.id, "a guess")
    for _ in range(6):
        assert await ask(world, guess) == (400, "invalid_client")

    assert await ask(world, guess) == (429, "temporarily_unavailable")
    assert await ask(world, server_app) == (429, "temporarily_unavailable")
    assert await ask(world, server_app, "203.0.113.8") == (200, "")


async def test_nobody_uses_up_what_is_anothers(world: World, server_app: Program) -> None:
    """Whoever knows an app's id, which is public, has not its secret."""
    for n in range(5):
        await ask(world, Program(server_app.id, "a guess"), f"203.0.113.{n}")

    assert await ask(world, server_app, "203.0.113.9") == (200, "")


async def test_a_code_that_was_refused_for_now_is_not_used_up(
    world: World, server_app: Program, anna: User
) -> None:
    code = await world.code(server_app, anna, scope="streaming")
    for n in range(3):
        await ask(world, server_app, f"203.0.113.{n}")
    assert (await world.exchange(server_app, code)).status_code == 429
    # Another process, or half a minute later.
    world.dependencies.limits._local._begin(0.0)

    assert (await world.exchange(server_app, code)).status_code == 200
