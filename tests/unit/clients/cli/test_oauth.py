from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from clients.cli.api import Unreachable
from clients.cli.oauth import Attempt, AuthorizationServer, NoServer, Refused
from tests.unit.clients.cli.authority import ADDRESS, FakeAuthority, refused
from tests.unit.clients.cli.fakes import Waits


@pytest.fixture
def authority() -> FakeAuthority:
    return FakeAuthority()


def server(authority: FakeAuthority, address: str = ADDRESS) -> AuthorizationServer:
    return AuthorizationServer(
        address, authority.connect, patience=Waits().patience(2), clock=lambda: 1000.0
    )


def test_the_challenge_is_the_one_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    attempt = Attempt(state="s", verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_attempts_share_no_secrets() -> None:
    one, two = Attempt(), Attempt()

    assert len({one.state, two.state, one.verifier, two.verifier}) == 4
    assert 43 <= len(one.verifier) <= 128


async def test_a_code_is_exchanged_with_its_verifier(authority: FakeAuthority) -> None:
    attempt = Attempt()
    url = await server(authority).authorization_url(attempt, "http://127.0.0.1:5/callback")
    query = parse_qs(urlsplit(url).query)

    tokens = await server(authority).exchange(
        authority.code_for(url), attempt, "http://127.0.0.1:5/callback"
    )

    assert query["response_type"] == ["code"]
    assert query["client_id"] == ["cadenza-cli"]
    assert query["state"] == [attempt.state]
    assert query["redirect_uri"] == ["http://127.0.0.1:5/callback"]
    assert "streaming" in query["scope"][0].split()
    assert attempt.verifier not in url
    assert tokens.access_token == "access-1"
    assert tokens.expires_at == 1000 + 3600


async def test_another_verifier_is_refused(authority: FakeAuthority) -> None:
    url = await server(authority).authorization_url(Attempt(), "http://127.0.0.1:5/callback")

    with pytest.raises(Refused, match="does not hold") as failed:
        await server(authority).exchange(authority.code_for(url), Attempt(), "x")
    assert failed.value.code == "invalid_grant"


async def test_who_calls_itself_otherwise_is_not_trusted(authority: FakeAuthority) -> None:
    authority.issuer = "http://elsewhere.test"

    with pytest.raises(NoServer, match=r"--api http://elsewhere\.test"):
        await server(authority).metadata()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx.Response(404), "offers no sign-in"),
        (httpx.Response(200, text="<html>"), "is no Metadata"),
        (httpx.Response(200, json={"issuer": ADDRESS}), "is no Metadata"),
    ],
)
async def test_no_authorization_server_is_explained(answer: httpx.Response, message: str) -> None:
    found = AuthorizationServer(
        ADDRESS, lambda: httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer))
    )

    with pytest.raises(NoServer, match=message):
        await found.metadata()


async def test_a_platform_that_is_away(authority: FakeAuthority) -> None:
    authority.is_away = True

    with pytest.raises(Unreachable, match=ADDRESS):
        await server(authority).metadata()


async def test_a_refresh_that_is_answered_503_is_tried_again(authority: FakeAuthority) -> None:
    authority.faults = [lambda _: httpx.Response(503, headers={"Retry-After": "2"})]

    tokens = await server(authority).refresh("refresh-0")

    assert tokens.refresh_token == "refresh-1"


async def test_a_refresh_token_that_is_not_replaced_stays(authority: FakeAuthority) -> None:
    body = {"access_token": "a", "token_type": "bearer", "expires_in": 5}
    authority.faults = [lambda _: httpx.Response(200, json=body)]

    tokens = await server(authority).refresh("refresh-0")

    assert (tokens.refresh_token, tokens.expires_at) == ("refresh-0", 1005)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, json={"access_token": "a", "token_type": "mac"}), "unknown type"),
        (httpx.Response(200, json={}), "_TokenAnswer"),
        (httpx.Response(400, text="oops"), "HTTP 400"),
    ],
)
async def test_odd_answers_are_explained(
    authority: FakeAuthority, answer: httpx.Response, error: str
) -> None:
    authority.faults = [lambda _: answer]

    with pytest.raises(NoServer, match=error):
        await server(authority).refresh("refresh-0")


async def test_a_device_asks_and_polls(authority: FakeAuthority) -> None:
    authority.device_answers = [refused("authorization_pending"), httpx.Response(200)]
    asked = server(authority)
    device = await asked.begin_device()

    with pytest.raises(Refused) as pending:
        await asked.poll_device(device)
    tokens = await asked.poll_device(device)

    assert pending.value.code == "authorization_pending"
    assert device.user_code == "WDJB-MJHT"
    assert tokens.refresh_token == "refresh-1"
    assert "streaming" in authority.forms[0]["scope"]


async def test_revocation_names_the_token(authority: FakeAuthority) -> None:
    await server(authority).revoke("refresh-0")

    assert authority.revoked == ["refresh-0"]
