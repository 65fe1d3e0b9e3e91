"""Cadenza's authorization server as a public client uses it (OAuth 2.0; no client secret)."""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from clients.cli import retry
from clients.cli.api import Unreachable
from clients.cli.retry import Patience

T = TypeVar("T")

CLIENT_ID = "cadenza-cli"
SCOPES = (
    "streaming",
    "upload-modify",
    "upload-read",
    "user-modify-playback-state",
    "user-read-email",
    "user-read-playback-state",
    "user-read-private",
)
METADATA_PATH = "/.well-known/oauth-authorization-server"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# A lifetime that a server does not tell.
_DEFAULT_LIFETIME_S = 3600.0


class Refused(Exception):
    """The server said no: an error code of RFC 6749, 7009 or 8628, and a sentence."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description or code)
        self.code = code


class NoServer(Exception):
    """There is no authorization server that can be used at the address; the message says why."""


class Metadata(msgspec.Struct, frozen=True):
    """Where the server's endpoints lie (RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    device_authorization_endpoint: str = ""
    revocation_endpoint: str = ""


class Tokens(msgspec.Struct, frozen=True):
    """What a sign-in gives; `expires_at` is the access token's end, in seconds of the epoch."""

    access_token: str
    refresh_token: str
    expires_at: float


class Device(msgspec.Struct, frozen=True):
    """A device's request for a sign-in (RFC 8628); times in seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: float
    verification_uri_complete: str = ""
    interval: float = 5.0


class _TokenAnswer(msgspec.Struct):
    access_token: str
    token_type: str
    refresh_token: str = ""
    expires_in: float = _DEFAULT_LIFETIME_S


class _ErrorAnswer(msgspec.Struct):
    error: str
    error_description: str = ""


@dataclass(frozen=True)
class Attempt:
    """The secrets of one sign-in: against forged answers, and against stolen codes (PKCE)."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class AuthorizationServer:
    """The server at a platform's address.

    Every method raises `NoServer`, `Refused` and `Unreachable`.
    """

    def __init__(
        self,
        address: str,
        connect: Callable[[], httpx.AsyncClient],
        *,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._address = address
        self._connect = connect
        self._patience = patience or Patience()
        self._clock = clock
        self._metadata: Metadata | None = None

    async def metadata(self) -> Metadata:
        if self._metadata is None:
            answer = await self._send("GET", f"{self._address}{METADATA_PATH}")
            if not answer.is_success:
                raise NoServer(f"{self._address} offers no sign-in (HTTP {answer.status_code})")
            found = _decode(answer, Metadata)
            # RFC 8414, 3.3: what calls itself otherwise is somebody else.
            if found.issuer.rstrip("/") != self._address:
                raise NoServer(
                    f"The platform at {self._address} calls itself {found.issuer}: "
                    f"sign in with --api {found.issuer}"
                )
            self._metadata = found
        return self._metadata

    async def authorization_url(self, attempt: Attempt, redirect_uri: str) -> str:
        """Where a person signs in; the answer comes to `redirect_uri`."""
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": redirect_uri,
            "scope": " ".join(SCOPES),
            "state": attempt.state,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{(await self.metadata()).authorization_endpoint}?{urlencode(query)}"

    async def exchange(self, code: str, attempt: Attempt, redirect_uri: str) -> Tokens:
        """The tokens for an authorization code, which can be used once."""
        return await self._tokens(
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=attempt.verifier,
        )

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens; the refresh token is replaced as well."""
        tokens = await self._tokens(grant_type="refresh_token", refresh_token=refresh_token)
        if not tokens.refresh_token:
            return msgspec.structs.replace(tokens, refresh_token=refresh_token)
        return tokens

    async def begin_device(self) -> Device:
        """A code that a person types in elsewhere."""
        endpoint = (await self.metadata()).device_authorization_endpoint
        if not endpoint:
            raise NoServer(f"{self._address} does not offer sign-in by code")
        form = {"client_id": CLIENT_ID, "scope": " ".join(SCOPES)}
        return _decode(_checked(await self._send("POST", endpoint, form)), Device)

    async def poll_device(self, device: Device) -> Tokens:
        """The tokens, once the person has agreed; until then `authorization_pending`."""
        return await self._tokens(grant_type=DEVICE_GRANT, device_code=device.device_code)

    async def revoke(self, refresh_token: str) -> None:
        """Ends a sign-in at the server (RFC 7009)."""
        if endpoint := (await self.metadata()).revocation_endpoint:
            form = {
                "client_id": CLIENT_ID,
                "token": refresh_token,
                "token_type_hint": "refresh_token",
            }
            _checked(await self._send("POST", endpoint, form))

    async def _tokens(self, **form: str) -> Tokens:
        endpoint = (await self.metadata()).token_endpoint
        sent_at = self._clock()
        answer = _checked(await self._send("POST", endpoint, {"client_id": CLIENT_ID, **form}))
        given = _decode(answer, _TokenAnswer)
        if given.token_type.lower() != "bearer":
            raise NoServer(f"{self._address} gives tokens of an unknown type: {given.token_type}")
        return Tokens(given.access_token, given.refresh_token, sent_at + given.expires_in)

    async def _send(
        self, method: str, url: str, form: dict[str, str] | None = None
    ) -> httpx.Response:
        async def send() -> httpx.Response:
            try:
                return await client.request(method, url, data=form)
            except httpx.ConnectError as error:
                raise Unreachable(f"{self._address} does not answer: {error}") from error

        async with self._connect() as client:
            try:
                return await retry.request(send, self._patience)
            except httpx.TransportError as error:
                what = str(error) or type(error).__name__
                raise Unreachable(f"{self._address} does not answer: {what}") from error


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    try:
        said = msgspec.json.decode(answer.content, type=_ErrorAnswer)
    except msgspec.DecodeError:
        raise NoServer(f"{answer.url} answered HTTP {answer.status_code}") from None
    raise Refused(said.error, said.error_description)


def _decode(answer: httpx.Response, into: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=into)
    except msgspec.DecodeError as error:
        raise NoServer(f"{answer.url} answered what is no {into.__name__}: {error}") from error
