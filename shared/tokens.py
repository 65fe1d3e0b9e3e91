"""Access tokens: ES256 JWTs, verified locally with the issuer's cached public keys (JWKS)."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.errors import Unauthorized, Unavailable

KEYS_TTL_S = 3600.0
# An unknown key id makes us look for new keys, but no more often than this.
KEYS_MIN_AGE_S = 10.0
# While the issuer is away, it is asked again no more often than this.
KEYS_RETRY_S = 30.0
KEYS_FIRST_RETRY_S = 1.0
# Verified tokens that are remembered: about a kilobyte each.
MOST_VERIFIED = 10_000

FetchKeys = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Caller:
    """Who calls: the user (`subject`), through which app (`client_id`), allowed what.

    `country` is "" and `roles` are none where an app calls for itself. `quota` is the app's own
    rate limit, in requests per half minute; 0 is the usual one, and less than 0 none. With
    `explicit_filter` nothing explicit is played to the user.
    """

    subject: str
    client_id: str
    scopes: frozenset[str]
    plan: str = "free"
    country: str = ""
    roles: frozenset[str] = frozenset()
    quota: int = 0
    explicit_filter: bool = False


class KeyCache:
    """The issuer's public keys, fetched when first needed and again when they grow old.

    While the issuer is away, keys that are already here go on being used. `version` changes
    whenever the keys do.
    """

    def __init__(self, fetch: FetchKeys, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: KeySet | None = None
        self._document: dict[str, Any] = {}
        self._fetched_at = -KEYS_TTL_S
        self._retry_at = 0.0
        self._lock = asyncio.Lock()
        self.version = 0

    async def keys_for(self, kid: str | None) -> KeySet:
        """Keys that are fresh, and hold `kid` if the issuer has it; raises `Unavailable`."""
        if not self.are_fresh() or self._should_look_for(kid):
            await self.refresh()
        if self._keys is None:
            raise Unavailable("the token issuer's keys cannot be fetched")
        return self._keys

    def are_fresh(self) -> bool:
        """Whether the keys may be used as they are."""
        return self._keys is not None and not self._is_older_than(KEYS_TTL_S)

    def _is_older_than(self, seconds: float) -> bool:
        return self._clock() - self._fetched_at > seconds

    def _should_look_for(self, kid: str | None) -> bool:
        known = self._keys is not None and any(key.kid == kid for key in self._keys.keys)
        return not known and self._is_older_than(KEYS_MIN_AGE_S)

    async def refresh(self) -> None:
        """Fetches the keys, unless that was done or has failed a moment ago."""
        async with self._lock:
            is_recent = self._keys is not None and not self._is_older_than(KEYS_MIN_AGE_S)
            if is_recent or self._clock() < self._retry_at:
                return
            try:
                document = await self._fetch()
                keys = KeySet.import_key_set(document)  # type: ignore[arg-type]  # a JWKS from the wire is a plain dict
            except Exception:  # noqa: BLE001  # whatever it is, the keys that are here still hold
                pause_s = KEYS_FIRST_RETRY_S if self._keys is None else KEYS_RETRY_S
                self._retry_at = self._clock() + pause_s
                return
            self._fetched_at = self._clock()
            self._retry_at = 0.0
            if document != self._document:
                self._keys, self._document = keys, document
                self.version += 1


class Verifier:
    """Turns a bearer token into a `Caller`.

    A token that holds is remembered until it expires or the keys change, for a signature costs
    more to check than a small request to answer. One that does not hold is not remembered.
    """

    def __init__(
        self, keys: KeyCache, *, issuer: str, audience: str, most_verified: int = MOST_VERIFIED
    ) -> None:
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._verified = _Verified(most_verified)

    async def verify(self, token: str) -> Caller:
        """Raises `Unauthorized` when the token does not hold, `Unavailable` without keys."""
        # Tokens are not kept, so that a look into the memory finds none.
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        if not self._keys.are_fresh():
            await self._keys.refresh()
        if known := self._verified.get(digest, self._keys.version):
            return known
        try:
            keys = await self._keys.keys_for(_key_id(token))
            version = self._keys.version
            claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
            self._claims.validate(claims)
            caller = _caller(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthorized(_reason(error)) from error
        self._verified.put(digest, version, caller, float(claims["exp"]))
        return caller


class _Verified:
    """Callers by their tokens' digests: those used last, under the keys of one version."""

    def __init__(self, most: int) -> None:
        self._version = 0
        self._callers: LRUCache[bytes, tuple[float, Caller]] = LRUCache(most)

    def get(self, digest: bytes, version: int) -> Caller | None:
        if version != self._version:
            self._callers.clear()
            self._version = version
            return None
        entry = self._callers.get(digest)
        if entry is None:
            return None
        expires_at, caller = entry
        if time.time() >= expires_at:
            del self._callers[digest]
            return None
        return caller

    def put(self, digest: bytes, version: int, caller: Caller, expires_at: float) -> None:
        if version != self._version:
            self._callers.clear()
            self._version = version
        self._callers[digest] = (expires_at, caller)


def _caller(claims: dict[str, Any]) -> Caller:
    """Raises `TypeError` or `ValueError` for claims of other types than the issuer gives."""
    return Caller(
        subject=str(claims["sub"]),
        client_id=str(claims.get("client_id", "")),
        scopes=frozenset(str(claims.get("scope", "")).split()),
        plan=str(claims.get("plan", "free")),
        country=str(claims.get("country", "")),
        roles=frozenset(str(role) for role in claims.get("roles", ())),
        quota=int(claims.get("quota", 0)),
        explicit_filter=bool(claims.get("explicit_filter", False)),
    )


def _key_id(token: str) -> str | None:
    from joserfc import jws

    kid = jws.extract_compact(token.encode()).headers().get("kid")
    return kid if isinstance(kid, str) else None


def _reason(error: Exception) -> str:
    code = getattr(error, "error", "")
    return "The access token expired" if code == "expired_token" else "Invalid access token"


def fetch_from(url: str) -> FetchKeys:
    """Fetches a JWKS document over HTTP, trying twice."""

    async def fetch() -> dict[str, Any]:
        import httpx

        transport = httpx.AsyncHTTPTransport(retries=1)
        async with httpx.AsyncClient(transport=transport, timeout=5) as client:
            answer = await client.get(url)
            answer.raise_for_status()
            document: dict[str, Any] = answer.json()
            return document

    return fetch
