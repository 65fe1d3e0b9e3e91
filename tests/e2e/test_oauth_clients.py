"""Clients that others wrote, unmodified but for their addresses, sign in to the platform."""

import subprocess
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import spotipy  # type: ignore[import-untyped]
import tekore  # type: ignore[import-untyped]
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from spotipy.cache_handler import MemoryCacheHandler  # type: ignore[import-untyped]
from spotipy.oauth2 import (  # type: ignore[import-untyped]
    SpotifyClientCredentials,
    SpotifyOAuth,
    SpotifyOauthError,
    SpotifyPKCE,
)

from emulators.processes import free_port
from tests import people
from tests.people import App, Browser
from tests.platform import ROOT, Platform

SCOPE = "user-read-private user-read-email"


@pytest.fixture(autouse=True)
def _addresses(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (SpotifyOAuth, SpotifyPKCE, SpotifyClientCredentials):
        monkeypatch.setattr(kind, "OAUTH_TOKEN_URL", f"{platform.url}/api/token")
        monkeypatch.setattr(kind, "OAUTH_AUTHORIZE_URL", f"{platform.url}/authorize", raising=False)


def spotify(platform: Platform, manager: Any) -> "spotipy.Spotify":
    client = spotipy.Spotify(auth_manager=manager, retries=0)
    client.prefix = f"{platform.url}/v1/"
    return client


@pytest.fixture
def annas_browser_opens(anna: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`webbrowser.open` is answered by Anna, who agrees."""
    threads: list[threading.Thread] = []

    def follow(url: str) -> None:
        httpx.get(people.consent(anna, url).left_to, timeout=10)

    def open_in_anna(url: str, *_: object) -> bool:
        threads.append(threading.Thread(target=follow, args=(url,)))
        threads[-1].start()
        return True

    monkeypatch.setattr(webbrowser, "open", open_in_anna)
    yield
    for thread in threads:
        thread.join(10)


def test_spotipy_by_authorization_code(
    platform: Platform, app: App, annas_browser_opens: None
) -> None:
    """Its own way: it listens on the loopback, on another port than was registered."""
    manager = SpotifyOAuth(
        client_id=app.id,
        client_secret=app.secret,
        redirect_uri=f"http://127.0.0.1:{free_port()}/callback",
        scope=SCOPE,
        state="a state of mine",
        cache_handler=MemoryCacheHandler(),
    )

    me = spotify(platform, manager).me()

    assert me["display_name"] == "Anna"
    assert me["email"] == "anna@example.com"
    assert me["product"] == "free"
    before = manager.cache_handler.get_cached_token()
    after = manager.refresh_access_token(before["refresh_token"])
    assert after["access_token"] != before["access_token"]
    assert set(after["scope"].split()) == set(SCOPE.split())
    assert spotify(platform, manager).me()["id"] == me["id"]


def test_spotipy_by_pkce(platform: Platform, public_app: App, annas_browser_opens: None) -> None:
    manager = SpotifyPKCE(
        client_id=public_app.id,
        redirect_uri=f"http://127.0.0.1:{free_port()}/callback",
        scope=SCOPE,
        cache_handler=MemoryCacheHandler(),
    )

    assert spotify(platform, manager).me()["display_name"] == "Anna"
    before = manager.cache_handler.get_cached_token()
    after = manager.refresh_access_token(before["refresh_token"])
    assert after["refresh_token"] != before["refresh_token"]
    assert spotify(platform, manager).me()["display_name"] == "Anna"


def test_spotipy_when_the_person_refuses(platform: Platform, app: App, anna: Browser) -> None:
    manager = SpotifyOAuth(
        client_id=app.id,
        client_secret=app.secret,
        redirect_uri=app.redirect_uri,
        scope="user-top-read",
        state="s",
        show_dialog=True,
        cache_handler=MemoryCacheHandler(),
    )

    page = people.consent(anna, manager.get_authorize_url(), agree=False)

    with pytest.raises(SpotifyOauthError, match="access_denied"):
        manager.parse_auth_response_url(page.left_to)


def test_spotipy_by_client_credentials(platform: Platform, app: App) -> None:
    manager = SpotifyClientCredentials(
        client_id=app.id, client_secret=app.secret, cache_handler=MemoryCacheHandler()
    )
    client = spotify(platform, manager)

    with pytest.raises(spotipy.SpotifyException) as missing:
        client.track("0" * 22)
    with pytest.raises(spotipy.SpotifyException) as nobody:
        client.me()

    assert missing.value.http_status == 404
    assert nobody.value.http_status == 401


def test_spotipy_with_a_wrong_secret(platform: Platform, app: App) -> None:
    manager = SpotifyClientCredentials(
        client_id=app.id, client_secret="wrong", cache_handler=MemoryCacheHandler()
    )

    with pytest.raises(SpotifyOauthError, match="invalid_client"):
        manager.get_access_token(as_dict=False)


class Rewriting(httpx.HTTPTransport):
    """Sends what is meant for Spotify to the platform."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host in {"api.spotify.com", "accounts.spotify.com"}:
            here = {"scheme": self._url.scheme, "host": self._url.host, "port": self._url.port}
            request.url = request.url.copy_with(**here)
            request.headers["Host"] = self._url.netloc.decode()
        return super().handle_request(request)


@pytest.fixture
def sender(platform: Platform) -> Iterator[tekore.SyncSender]:
    with httpx.Client(transport=Rewriting(platform.url), timeout=30) as client:
        yield tekore.SyncSender(client)


def at_the_platform(platform: Platform, url: str) -> str:
    return url.replace("https://accounts.spotify.com", platform.url)


def test_tekore_by_authorization_code(
    platform: Platform, app: App, anna: Browser, sender: tekore.SyncSender
) -> None:
    credentials = tekore.RefreshingCredentials(app.id, app.secret, app.redirect_uri, sender=sender)
    auth = tekore.UserAuth(credentials, SCOPE)

    page = people.consent(anna, at_the_platform(platform, auth.url))
    token = auth.request_token(url=page.left_to)
    me = tekore.Spotify(token, sender=sender).current_user()

    assert me.display_name == "Anna"
    assert me.email == "anna@example.com"
    assert str(token.scope) == str(tekore.Scope(*SCOPE.split()))
    renewed = credentials.refresh_user_token(token.refresh_token)
    assert tekore.Spotify(renewed, sender=sender).current_user().id == me.id


def test_tekore_by_pkce(
    platform: Platform, public_app: App, anna: Browser, sender: tekore.SyncSender
) -> None:
    credentials = tekore.Credentials(
        public_app.id, redirect_uri=public_app.redirect_uri, sender=sender
    )
    url, verifier = credentials.pkce_user_authorisation(SCOPE, "a state")

    page = people.consent(anna, at_the_platform(platform, url))
    token = credentials.request_pkce_token(page.answer()["code"], verifier)
    renewed = credentials.refresh(token)

    assert page.answer()["state"] == "a state"
    assert renewed.refresh_token != token.refresh_token
    assert tekore.Spotify(renewed, sender=sender).current_user().display_name == "Anna"


def test_tekore_by_client_credentials(app: App, sender: tekore.SyncSender) -> None:
    token = tekore.Credentials(app.id, app.secret, sender=sender).request_client_token()
    client = tekore.Spotify(token, sender=sender)

    with pytest.raises(tekore.NotFound):
        client.track("0" * 22)
    with pytest.raises(tekore.Unauthorised):
        client.current_user()


DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def begin_device(client: Any, metadata: dict[str, str]) -> dict[str, Any]:
    answer = client.request(
        "POST",
        metadata["device_authorization_endpoint"],
        data={"client_id": client.client_id, "scope": SCOPE},
        withhold_token=True,
    )
    assert answer.status_code == 200, answer.text
    device: dict[str, Any] = answer.json()
    return device


@pytest.fixture
def metadata(platform: Platform) -> dict[str, Any]:
    answer = httpx.get(f"{platform.url}/.well-known/oauth-authorization-server")
    found: dict[str, Any] = answer.json()
    return found


def test_authlibs_client_by_the_device_flow(
    platform: Platform, anna: Browser, public_app: App, metadata: dict[str, str]
) -> None:
    with OAuth2Client(public_app.id, token_endpoint_auth_method="none") as client:
        device = begin_device(client, metadata)

        def poll() -> dict[str, Any]:
            token: dict[str, Any] = client.fetch_token(
                metadata["token_endpoint"],
                grant_type=DEVICE_GRANT,
                device_code=device["device_code"],
            )
            return token

        with pytest.raises(OAuthError, match="authorization_pending"):
            poll()
        with pytest.raises(OAuthError, match="slow_down"):
            poll()
        page = people.enter_code(anna, device["user_code"])
        assert page.status == 200
        time.sleep(device["interval"] + 5)
        token = poll()

        assert device["verification_uri"] == f"{platform.url}/device"
        assert set(token["scope"].split()) == set(SCOPE.split())
        assert client.get(f"{platform.url}/v1/me").json()["display_name"] == "Anna"
        with pytest.raises(OAuthError, match="invalid_grant"):
            poll()


def test_authlibs_client_when_the_person_refuses(
    anna: Browser, public_app: App, metadata: dict[str, str]
) -> None:
    with OAuth2Client(public_app.id, token_endpoint_auth_method="none") as client:
        device = begin_device(client, metadata)
        people.enter_code(anna, device["user_code"], agree=False)

        with pytest.raises(OAuthError, match="access_denied"):
            client.fetch_token(
                metadata["token_endpoint"],
                grant_type=DEVICE_GRANT,
                device_code=device["device_code"],
            )


def test_authlibs_client_revokes_and_introspects(
    anna: Browser, app: App, platform: Platform, metadata: dict[str, str]
) -> None:
    url = people.authorize_url(platform, app.id, app.redirect_uri, scope=SCOPE)
    with OAuth2Client(app.id, app.secret, redirect_uri=app.redirect_uri) as client:
        page = people.consent(anna, url)
        token = client.fetch_token(metadata["token_endpoint"], authorization_response=page.left_to)

        def is_active() -> bool:
            answer = client.introspect_token(
                metadata["introspection_endpoint"], token=token["refresh_token"]
            )
            return bool(answer.json()["active"])

        assert is_active()
        revoke: Callable[..., Any] = client.revoke_token
        revoke(metadata["revocation_endpoint"], token=token["refresh_token"])
        assert not is_active()


class CommandLine:
    """`cadenza`, with sign-ins in a folder of its own and a browser that the test plays."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        import os
        import sys

        self._argv = [sys.executable, "-m", "clients.cli.main"]
        self._api = ["--api", platform.url]
        kept = {name: value for name, value in os.environ.items() if name != "CADENZA_TOKEN"}
        self._env = {
            **kept,
            "XDG_CONFIG_HOME": str(folder),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            # A browser that does nothing: the test takes the address that is printed.
            "BROWSER": "true",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
        }
        self._folder = folder

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*self._argv, *arguments, *self._api],
            env=self._env,
            cwd=self._folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *arguments: str) -> str:
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=60)
        return output


def first_line(process: "subprocess.Popen[str]", wanted: Callable[[str], bool]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if wanted(line.strip()):
            return line.strip()
    raise EOFError("the command ended")


def test_cadenza_login_whoami_logout(platform: Platform, anna: Browser, tmp_path: Path) -> None:
    command = CommandLine(platform, tmp_path)
    login = command.start("login", "--timeout", "30")
    address = first_line(login, lambda line: "/authorize?" in line)

    page = people.consent(anna, address)
    shown = httpx.get(page.left_to, timeout=10)
    said, _ = login.communicate(timeout=30)

    assert login.returncode == 0, said
    assert "You are signed in" in shown.text
    [kept] = tmp_path.rglob("sign-ins.json")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "Anna" in command.run("whoami")
    assert "Signed out" in command.run("logout")
    assert "No access token" in command.run("whoami")


def test_cadenza_login_on_a_device(platform: Platform, anna: Browser, tmp_path: Path) -> None:
    command = CommandLine(platform, tmp_path)
    login = command.start("login", "--device")
    code = first_line(login, lambda line: len(line) == 9 and line[4] == "-")

    people.enter_code(anna, code)
    said, _ = login.communicate(timeout=30)

    assert login.returncode == 0, said
    assert "Anna" in command.run("whoami")


def test_two_commands_renew_one_sign_in(platform: Platform, anna: Browser, tmp_path: Path) -> None:
    """Both find the access token expired; the refresh token holds for one of them only."""
    import json

    command = CommandLine(platform, tmp_path)
    login = command.start("login", "--timeout", "30")
    page = people.consent(anna, first_line(login, lambda line: "/authorize?" in line))
    httpx.get(page.left_to, timeout=10)
    login.communicate(timeout=30)
    [file] = tmp_path.rglob("sign-ins.json")
    kept = json.loads(file.read_text())
    expired = {**json.loads(kept[platform.url]), "expires_at": 0}
    file.write_text(json.dumps({platform.url: json.dumps(expired)}))

    commands = [command.start("whoami") for _ in range(4)]
    outputs = [each.communicate(timeout=60)[0] for each in commands]

    assert all("Anna" in output for output in outputs), outputs
    assert "Anna" in command.run("whoami")


def test_the_metadata_is_about_this_platform(platform: Platform, metadata: dict[str, str]) -> None:
    assert metadata["issuer"] == platform.url
    endpoints = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(endpoints) == 6
    assert {urlsplit(url).netloc for url in endpoints} == {urlsplit(platform.url).netloc}
    assert httpx.get(metadata["jwks_uri"]).json()["keys"][0].keys() >= {"kty", "crv", "x", "y"}
    assert "d" not in httpx.get(metadata["jwks_uri"]).json()["keys"][0]
