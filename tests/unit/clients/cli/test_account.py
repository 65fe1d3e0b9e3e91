import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from clients.cli import loopback, main, settings
from clients.cli.connections import Connections
from clients.cli.oauth import Tokens
from clients.cli.vault import Vault
from tests.unit.clients.cli.authority import ADDRESS, FakeAuthority, FakeBrowser, refused
from tests.unit.clients.cli.fakes import Waits


@pytest.fixture(autouse=True)
def _nothing_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PROJECT_ROOT", tmp_path / "project")
    monkeypatch.delenv("CADENZA_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def authority() -> FakeAuthority:
    return FakeAuthority()


@pytest.fixture
def browser(authority: FakeAuthority) -> FakeBrowser:
    return FakeBrowser(authority)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", None)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def connections(
    authority: FakeAuthority, browser: FakeBrowser, vault: Vault, waits: Waits
) -> Connections:
    return Connections(authority.transport(), waits.patience(2), lambda: vault, browser.open)


def run(connections: Connections, *arguments: str) -> Result:
    return CliRunner().invoke(main.app, [*arguments, "--api", ADDRESS], obj=connections)


def test_login_in_the_browser_then_whoami(
    connections: Connections, browser: FakeBrowser, vault: Vault
) -> None:
    result = run(connections, "login")

    assert result.exit_code == 0, result.output
    assert browser.opened[0] in result.output, "for browsers that do not open"
    assert "You are signed in" in browser.last_page()
    kept = vault.load(ADDRESS)
    assert kept is not None
    assert kept.refresh_token not in result.output

    result = run(connections, "whoami")
    assert result.exit_code == 0
    assert "Anna <anna@example.com> (premium, SE)" in result.output
    assert "your sign-in" in result.output


def test_a_machine_without_a_browser_prints_the_address(
    connections: Connections, browser: FakeBrowser, vault: Vault, authority: FakeAuthority
) -> None:
    def cannot(address: str) -> bool:
        browser.open(address)
        raise OSError("no display")

    opened = Connections(authority.transport(), Waits().patience(2), lambda: vault, cannot)

    assert run(opened, "login").exit_code == 0


def test_refusing_is_no_sign_in(
    connections: Connections, browser: FakeBrowser, vault: Vault
) -> None:
    browser.answer = {"error": "access_denied"}

    result = run(connections, "login")

    assert result.exit_code == 2
    assert "You did not agree" in result.output
    assert "You did not agree" in browser.last_page()
    assert vault.load(ADDRESS) is None


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"iss": "http://evil.test"}, "another server"),
        ({"code": "stolen"}, "The code does not hold"),
        ({"code": ""}, "holds no code"),
        ({"error": "server_error", "error_description": "<b>Oops"}, "<b>Oops"),
    ],
)
def test_answers_that_do_not_hold(
    connections: Connections,
    browser: FakeBrowser,
    vault: Vault,
    answer: dict[str, str],
    message: str,
) -> None:
    browser.answer = answer

    result = run(connections, "login")

    assert (result.exit_code, message in result.output) == (2, True), result.output
    assert "<b>" not in browser.last_page()
    assert vault.load(ADDRESS) is None


def test_an_answer_with_another_state_is_passed_over(
    connections: Connections, browser: FakeBrowser
) -> None:
    browser.before = [{"code": "injected", "state": "guessed"}]

    assert run(connections, "login").exit_code == 0
    assert [status for status, _ in browser.pages] == [400, 200]


def test_nobody_comes(connections: Connections, authority: FakeAuthority, vault: Vault) -> None:
    quiet = Connections(authority.transport(), Waits().patience(2), lambda: vault, lambda _: True)

    result = run(quiet, "login", "--timeout", "1")

    assert result.exit_code == 2
    assert "Nobody signed in within 1 s" in result.output


def test_a_browser_that_goes_away_does_not_hold_up_the_sign_in(
    authority: FakeAuthority, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket
    from urllib.parse import parse_qs, urlencode, urlsplit

    monkeypatch.setattr(loopback, "_READ_TIMEOUT_S", 0.5)

    def ask_and_leave(address: str) -> bool:
        query = parse_qs(urlsplit(address).query)
        to = urlsplit(query["redirect_uri"][0])
        answer = urlencode({"state": query["state"][0], "code": authority.code_for(address)})
        with socket.create_connection(("127.0.0.1", to.port or 0)) as connection:
            connection.sendall(f"GET {to.path}?{answer} HTTP/1.1\r\n\r\n".encode())
        return True

    leaving = Connections(authority.transport(), Waits().patience(2), lambda: vault, ask_and_leave)

    assert run(leaving, "login").exit_code == 0


def test_login_by_code(
    connections: Connections, authority: FakeAuthority, vault: Vault, waits: Waits
) -> None:
    authority.device_answers = [
        refused("authorization_pending"),
        refused("slow_down"),
        refused("authorization_pending"),
        httpx.Response(200),
    ]

    result = run(connections, "login", "--device")

    assert result.exit_code == 0, result.output
    assert "WDJB-MJHT" in result.output
    assert f"{ADDRESS}/device" in result.output
    assert "device-secret" not in result.output
    assert waits.seconds == [5, 5, 10, 10]
    assert vault.load(ADDRESS) is not None


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (refused("access_denied"), "did not agree"),
        (refused("expired_token"), "has expired"),
        (refused("invalid_client", "Unknown app"), "Unknown app"),
    ],
)
def test_a_code_that_leads_nowhere(
    connections: Connections, authority: FakeAuthority, answer: httpx.Response, message: str
) -> None:
    authority.device_answers = [answer]

    result = run(connections, "login", "--device")

    assert (result.exit_code, message in result.output) == (2, True), result.output


def test_a_code_that_nobody_enters_is_not_polled_for_ever(
    connections: Connections, authority: FakeAuthority, waits: Waits
) -> None:
    authority.device_answers = [refused("authorization_pending") for _ in range(50)]

    result = run(connections, "login", "--device")

    assert result.exit_code == 2
    assert "has expired" in result.output
    assert sum(waits.seconds) == 60


def test_logout_here_and_there(
    connections: Connections, authority: FakeAuthority, vault: Vault
) -> None:
    vault.save(ADDRESS, Tokens("access", "refresh", 0))

    assert "Signed out of" in run(connections, "logout").output
    assert vault.load(ADDRESS) is None
    assert authority.revoked == ["refresh"]
    assert "not signed in" in run(connections, "logout").output


def test_logout_works_while_the_platform_is_away(
    connections: Connections, authority: FakeAuthority, vault: Vault
) -> None:
    vault.save(ADDRESS, Tokens("access", "refresh", 0))
    authority.is_away = True

    result = run(connections, "logout")

    assert result.exit_code == 0
    assert "does not know of it" in result.output
    assert vault.load(ADDRESS) is None


def test_whoami_renews_and_explains(
    connections: Connections, authority: FakeAuthority, vault: Vault
) -> None:
    vault.save(ADDRESS, Tokens("old", "refresh-0", time.time() - 5))
    assert "Anna" in run(connections, "whoami").output

    vault.save(ADDRESS, Tokens("old", "revoked", time.time() - 5))
    result = run(connections, "whoami")
    assert result.exit_code == 2
    assert "cadenza login" in result.output

    result = run(connections, "whoami")
    assert result.exit_code == 2
    assert "No access token" in result.output


def test_a_given_token_wins_over_the_sign_in(
    connections: Connections, vault: Vault, tmp_path: Path
) -> None:
    vault.save(ADDRESS, Tokens("old", "refresh-0", time.time() + 500))
    (tmp_path / "token").write_text("access-0")

    result = run(connections, "whoami", "--token-file", str(tmp_path / "token"))

    assert "Anna" in result.output
    assert str(tmp_path / "token") in result.output.replace("\n", "")
