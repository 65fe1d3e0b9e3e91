"""A typed client of Cadenza's public HTTP API."""

import base64
import enum
from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec

from clients.cli import retry
from clients.cli.retry import Patience

T = TypeVar("T")

MAX_IDS = 100
CDN_COOKIE = "Cloud-CDN-Cookie"
_TIMEOUT = httpx.Timeout(30, connect=5)


class ApiError(Exception):
    """The platform answered, but not with success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Unreachable(Exception):
    """The platform did not answer."""


class Kind(enum.StrEnum):
    """What an upload holds."""

    audio = "audio"
    image = "image"


class Status(enum.StrEnum):
    """Where an upload is on its way to become a track."""

    pending = "pending"
    processing = "processing"
    ready = "ready"
    rejected = "rejected"


class Reason(msgspec.Struct, frozen=True):
    """Why an upload was rejected."""

    code: str
    message: str


class UploadRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that is to be sent: `sha256` in hexadecimal, `size` in bytes."""

    filename: str
    size: int
    sha256: str
    kind: Kind = Kind.audio
    group: str = ""
    cover_upload_id: str = ""


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload as its owner sees it; `upload_url` only while it is pending."""

    id: str
    status: Status
    filename: str
    size: int
    kind: Kind
    upload_url: str = ""
    track_id: str = ""
    reason: Reason | None = None
    warnings: list[str] = []


class Loudness(msgspec.Struct, frozen=True):
    """In LUFS and dBTP."""

    integrated_lufs: float
    true_peak_db: float


class Rendition(msgspec.Struct, frozen=True):
    """One encoding of a track; `bitrate` in bits a second, 0 where it varies."""

    name: str
    codec: str
    bitrate: int
    lossless: bool


class Stream(msgspec.Struct, frozen=True):
    """Where a track's media lies, until `expires_at` (seconds since the epoch).

    `lossless_withheld`: there is a lossless rendition, which the listener's plan does not have.
    """

    track_id: str
    manifest_url: str
    licence_url: str
    expires_at: int
    duration_ms: int
    loudness: Loudness
    renditions: list[Rendition]
    signed_query: str = ""
    lossless_withheld: bool = False


class StreamAccess(msgspec.Struct, frozen=True):
    """A stream and the cookie that opens it ("" where its URLs are signed instead)."""

    stream: Stream
    cookie: str


class Artist(msgspec.Struct, frozen=True):
    """The part of an artist that a listener is shown."""

    name: str


class Track(msgspec.Struct, frozen=True):
    """The part of a track that a listener is shown."""

    id: str
    name: str
    artists: list[Artist]


class Me(msgspec.Struct, frozen=True):
    """Who is signed in; "" where the platform does not say."""

    id: str
    display_name: str | None = None
    email: str = ""
    product: str = ""
    country: str = ""


class _Uploads(msgspec.Struct):
    uploads: list[Upload | None]


class _LicenceKey(msgspec.Struct):
    kid: str
    k: str


class _Licence(msgspec.Struct):
    keys: list[_LicenceKey]


class _ErrorDetail(msgspec.Struct):
    message: str = ""


class _Error(msgspec.Struct):
    error: _ErrorDetail


class Api:
    """Calls the platform at `address` as the bearer of `token`, or as `auth` says.

    Every method raises `ApiError` for an answer that is no success, and `Unreachable` for none.
    All calls are idempotent, so those that fail for a passing reason are tried again; a platform
    that has never answered is not waited for.
    """

    def __init__(
        self,
        address: str,
        token: str = "",
        *,
        auth: httpx.Auth | None = None,
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.address = address
        self._patience = patience or Patience()
        self._has_answered = False
        self._client = httpx.AsyncClient(
            base_url=address,
            auth=auth,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=_TIMEOUT,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def create_upload(self, asked: UploadRequest) -> tuple[Upload, bool]:
        """The upload of a file, and whether it is new rather than known from before."""
        answer = await self._call("POST", "/v1/uploads", body=asked)
        return _decode(answer, Upload), answer.status_code == 201

    async def uploads(self, upload_ids: Sequence[str]) -> list[Upload | None]:
        """At most `MAX_IDS` uploads, in order; None for those that are not there."""
        answer = await self._call("GET", "/v1/uploads", params={"ids": ",".join(upload_ids)})
        return _decode(answer, _Uploads).uploads

    async def me(self) -> Me:
        return _decode(await self._call("GET", "/v1/me"), Me)

    async def track(self, track_id: str) -> Track:
        return _decode(await self._call("GET", f"/v1/tracks/{track_id}"), Track)

    async def stream(
        self, track_id: str, *, signed_urls: bool = False, session: str = ""
    ) -> StreamAccess:
        """Leave to fetch a track's media, by a cookie or by signed URLs."""
        asked = {"delivery": "url" if signed_urls else "", "session": session}
        given = {name: value for name, value in asked.items() if value}
        answer = await self._call("GET", f"/v1/tracks/{track_id}/stream", params=given)
        return StreamAccess(_decode(answer, Stream), _cdn_cookie(answer))

    async def licence(self, licence_url: str, key_id: bytes) -> bytes:
        """The content key of a key id, 16 bytes each, by a W3C ClearKey licence."""
        asked = {"kids": [_to_base64url(key_id)], "type": "temporary"}
        licence = _decode(await self._call("POST", licence_url, body=asked), _Licence)
        for key in licence.keys:
            if key.kid.rstrip("=") == _to_base64url(key_id):
                return _from_base64url(key.k)
        raise ApiError(502, "The licence does not hold the key that was asked for")

    async def _call(
        self,
        method: str,
        url: str,
        *,
        params: dict[str, str] | None = None,
        body: msgspec.Struct | dict[str, Any] | None = None,
    ) -> httpx.Response:
        content = None if body is None else msgspec.json.encode(body)
        headers = {} if body is None else {"Content-Type": "application/json"}

        async def send() -> httpx.Response:
            try:
                answer = await self._client.request(
                    method, url, params=params, content=content, headers=headers
                )
            except httpx.ConnectError as error:
                if not self._has_answered:
                    raise self._unreachable(error) from error
                raise
            self._has_answered = True
            return answer

        try:
            answer = await retry.request(send, self._patience)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        if not answer.is_success:
            raise ApiError(answer.status_code, _message_of(answer))
        return answer

    def _unreachable(self, error: httpx.TransportError) -> Unreachable:
        return Unreachable(f"{self.address} does not answer: {error or type(error).__name__}")


def _decode(answer: httpx.Response, into: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=into)
    except msgspec.DecodeError as error:
        raise ApiError(
            502, f"{answer.url.path} answered what is no {into.__name__}: {error}"
        ) from error


def _message_of(answer: httpx.Response) -> str:
    try:
        message = msgspec.json.decode(answer.content, type=_Error).error.message
    except msgspec.DecodeError:
        message = ""
    return message or answer.reason_phrase or f"HTTP {answer.status_code}"


def _cdn_cookie(answer: httpx.Response) -> str:
    """The cookie as `name=value`, whatever domain it is for; "" if none was set."""
    for line in answer.headers.get_list("set-cookie"):
        try:
            morsel = SimpleCookie(line).get(CDN_COOKIE)
        except CookieError:
            continue
        if morsel is not None:
            return f"{CDN_COOKIE}={morsel.value}"
    return ""


def _to_base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
