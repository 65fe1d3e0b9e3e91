"""An authorization server, a browser and a keyring, in memory."""

import base64
import hashlib
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.error import HTTPError
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx

ADDRESS = "http://music.test"


def refused(code: str, description: str = "", status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"error": code, "error_description": description})


@dataclass
class FakeAuthority:
    """Gives and renews tokens; `refresh_token` is the one that is good now."""

    issuer: str = ADDRESS
    refresh_token: str = "refresh-0"
    lifetime_s: int = 3600
    verifier_of: dict[str, str] = field(default_factory=dict)
    device_answers: list[httpx.Response] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    faults: list[Callable[[httpx.Request], httpx.Response]] = field(default_factory=list)
    renewals: int = 0
    is_away: bool = False

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def connect(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.transport())

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.is_away:
            raise httpx.ConnectError("refused", request=request)
        if request.url.path == "/.well-known/oauth-authorization-server":
            return httpx.Response(200, json=self._metadata())
        if self.faults:
            return self.faults.pop(0)(request)
        return self._me(request) if request.url.path == "/v1/me" else self._post(request)

    def _post(self, request: httpx.Request) -> httpx.Response:
        assert request.method == "POST"
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        self.forms.append(form)
        assert form["client_id"] == "cadenza-cli"
        match request.url.path:
            case "/api/token":
                return self._token(form)
            case "/oauth/device":
                return httpx.Response(200, json=self._device())
            case "/oauth/revoke":
                self.revoked.append(form["token"])
                return httpx.Response(200)
        return httpx.Response(404)

    def code_for(self, authorization_url: str) -> str:
        """A person agrees: the code that the redirect carries."""
        query = {
            key: value[0] for key, value in parse_qs(urlsplit(authorization_url).query).items()
        }
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self.verifier_of)}"
        self.verifier_of[code] = query["code_challenge"]
        return code

    def _metadata(self) -> dict[str, str]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{ADDRESS}/authorize",
            "token_endpoint": f"{ADDRESS}/api/token",
            "device_authorization_endpoint": f"{ADDRESS}/oauth/device",
            "revocation_endpoint": f"{ADDRESS}/oauth/revoke",
        }

    def _device(self) -> dict[str, object]:
        return {
            "device_code": "device-secret",
            "user_code": "WDJB-MJHT",
            "verification_uri": f"{ADDRESS}/device",
            "verification_uri_complete": f"{ADDRESS}/device?user_code=WDJB-MJHT",
            "expires_in": 60,
            "interval": 5,
        }

    def _token(self, form: dict[str, str]) -> httpx.Response:
        match form["grant_type"]:
            case "authorization_code":
                digest = hashlib.sha256(form["code_verifier"].encode()).digest()
                challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
                if self.verifier_of.pop(form["code"], "") != challenge:
                    return refused("invalid_grant", "The code does not hold")
            case "refresh_token":
                if form["refresh_token"] != self.refresh_token:
                    return refused("invalid_grant", "The refresh token does not hold")
            case _:
                assert form["device_code"] == "device-secret"
                answer = self.device_answers.pop(0)
                if not answer.is_success:
                    return answer
        return self._new_tokens()

    def _new_tokens(self) -> httpx.Response:
        self.renewals += 1
        self.refresh_token = f"refresh-{self.renewals}"
        return httpx.Response(
            200,
            json={
                "access_token": f"access-{self.renewals}",
                "token_type": "Bearer",
                "expires_in": self.lifetime_s,
                "refresh_token": self.refresh_token,
                "scope": "streaming",
            },
        )

    def _me(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") != f"Bearer access-{self.renewals}":
            body = {"error": {"status": 401, "message": "The access token expired"}}
            return httpx.Response(401, json=body)
        return httpx.Response(
            200,
            json={
                "id": "1" * 22,
                "display_name": "Anna",
                "email": "anna@example.com",
                "product": "premium",
                "country": "SE",
            },
        )


@dataclass
class FakeBrowser:
    """Follows the redirect at once, with what the authority or the test answers."""

    authority: FakeAuthority
    answer: dict[str, str] = field(default_factory=dict)
    before: list[dict[str, str]] = field(default_factory=list)
    pages: list[tuple[int, str]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    thread: threading.Thread | None = None

    def open(self, address: str) -> bool:
        self.opened.append(address)
        self.thread = threading.Thread(target=self._follow, args=(address,))
        self.thread.start()
        return True

    def _follow(self, address: str) -> None:
        query = {key: value[0] for key, value in parse_qs(urlsplit(address).query).items()}
        good = {"state": query["state"], "iss": self.authority.issuer}
        if "error" not in self.answer:
            good["code"] = self.authority.code_for(address)
        for parameters in (*self.before, {**good, **self.answer}):
            self.pages.append(get(f"{query['redirect_uri']}?{urlencode(parameters)}"))

    def last_page(self) -> str:
        assert self.thread is not None
        self.thread.join(5)
        return self.pages[-1][1]


def get(url: str) -> tuple[int, str]:
    """A page as a browser gets it."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


class FakeKeyring:
    """A keyring; `broken` ones raise at every use, as a locked or unreachable one does."""

    name = "test keyring"

    def __init__(self, priority: float = 5, *, broken: bool = False) -> None:
        self.priority = priority
        self.entries: dict[tuple[str, str], str] = {}
        self._broken = broken

    def _check(self) -> None:
        from keyring.errors import KeyringLocked

        if self._broken:
            raise KeyringLocked("locked")

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        from keyring.errors import PasswordDeleteError

        self._check()
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")
