import asyncio
from pathlib import Path

import httpx
import pytest

from clients.cli.api import Api, ApiError, Unreachable
from clients.cli.oauth import AuthorizationServer, Tokens
from clients.cli.session import Session, SessionAuth, SignedOut
from clients.cli.vault import Vault
from tests.unit.clients.cli.authority import ADDRESS, FakeAuthority, refused
from tests.unit.clients.cli.fakes import Waits

NOW = 10_000.0


@pytest.fixture
def authority() -> FakeAuthority:
    return FakeAuthority()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path, None)


def session(authority: FakeAuthority, vault: Vault) -> Session:
    server = AuthorizationServer(
        ADDRESS, authority.connect, patience=Waits().patience(2), clock=lambda: NOW
    )
    return Session(ADDRESS, vault, server, clock=lambda: NOW)


async def test_a_token_that_is_good_is_used_as_it_is(
    authority: FakeAuthority, vault: Vault
) -> None:
    vault.save(ADDRESS, Tokens("good", "refresh-0", NOW + 600))

    assert await session(authority, vault).access_token() == "good"
    assert authority.renewals == 0


@pytest.mark.parametrize("left_s", [-1000, 0, 30])
async def test_one_that_is_due_is_renewed_and_kept(
    authority: FakeAuthority, vault: Vault, left_s: float
) -> None:
    vault.save(ADDRESS, Tokens("old", "refresh-0", NOW + left_s))

    assert await session(authority, vault).access_token() == "access-1"
    assert vault.load(ADDRESS) == Tokens("access-1", "refresh-1", NOW + 3600)


async def test_many_tasks_and_commands_renew_once(authority: FakeAuthority, vault: Vault) -> None:
    """A refresh token that is used twice would end the sign-in."""
    vault.save(ADDRESS, Tokens("old", "refresh-0", NOW))
    sessions = [session(authority, vault) for _ in range(4)]

    tokens = await asyncio.gather(*(each.access_token() for each in sessions for _ in range(5)))

    assert set(tokens) == {"access-1"}
    assert authority.renewals == 1


async def test_a_refused_token_is_renewed_even_if_it_looked_good(
    authority: FakeAuthority, vault: Vault
) -> None:
    vault.save(ADDRESS, Tokens("access-0", "refresh-0", NOW + 3600))
    auth = SessionAuth(session(authority, vault))
    authority.faults = [lambda _: httpx.Response(401, json={})]

    async with Api(ADDRESS, auth=auth, transport=authority.transport()) as api:
        assert (await api.me()).display_name == "Anna"
        assert (await api.me()).display_name == "Anna"
    assert authority.renewals == 1


async def test_a_fresh_token_that_is_refused_is_not_renewed_for_ever(
    authority: FakeAuthority, vault: Vault
) -> None:
    vault.save(ADDRESS, Tokens("access-0", "refresh-0", NOW + 3600))
    auth = SessionAuth(session(authority, vault))

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/me":
            return httpx.Response(401, json={"error": {"status": 401, "message": "No"}})
        return authority.answer(request)

    async with Api(ADDRESS, auth=auth, transport=httpx.MockTransport(answer)) as api:
        with pytest.raises(ApiError, match="No"):
            await api.me()
    assert authority.renewals == 1


async def test_no_sign_in_is_explained(authority: FakeAuthority, vault: Vault) -> None:
    with pytest.raises(SignedOut, match="cadenza login"):
        await session(authority, vault).access_token()


async def test_a_sign_in_that_ended_is_forgotten(authority: FakeAuthority, vault: Vault) -> None:
    vault.save(ADDRESS, Tokens("old", "revoked", NOW))

    with pytest.raises(SignedOut, match="has ended"):
        await session(authority, vault).access_token()
    assert vault.load(ADDRESS) is None


async def test_any_other_refusal_forgets_nothing(authority: FakeAuthority, vault: Vault) -> None:
    vault.save(ADDRESS, Tokens("old", "refresh-0", NOW))
    authority.faults = [lambda _: refused("invalid_client", status=401)]

    with pytest.raises(SignedOut):
        await session(authority, vault).access_token()
    assert vault.load(ADDRESS) is not None


async def test_a_platform_that_is_away_forgets_nothing(
    authority: FakeAuthority, vault: Vault
) -> None:
    vault.save(ADDRESS, Tokens("old", "refresh-0", NOW))
    authority.is_away = True

    with pytest.raises(Unreachable):
        await session(authority, vault).access_token()
    assert vault.load(ADDRESS) is not None
    with vault.locked(0.5):
        pass
