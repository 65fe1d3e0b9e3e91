"""Access tokens: ES256 JWTs, verified locally with the issuer's cached public keys (JWKS)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.errors import Unauthorized, Unavailable

KEYS_TTL_S = 3600.0
# An unknown key id makes us look for new keys, but no more often than this.
KEYS_MIN_AGE_S = 10.0

FetchKeys = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Caller:
    """Who calls: the user (`subject`), through which app (`client_id`), allowed what."""

    subject: str
    client_id: str
    scopes: frozenset[str]


class KeyCache:
    """The issuer's public keys, fetched when first needed and again when they grow old.

    While the issuer is away, keys that are already here go on being used.
    """

    def __init__(self, fetch: FetchKeys, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched_at = -KEYS_TTL_S
        self._lock = asyncio.Lock()

    async def keys_for(self, kid: str | None) -> KeySet:
        """Keys that are fresh, and hold `kid` if the issuer has it; raises `Unavailable`."""
        if self._keys is None or self._is_older_than(KEYS_TTL_S) or self._should_look_for(kid):
            await self._refresh()
        if self._keys is None:
            raise Unavailable("the token issuer's keys cannot be fetched")
        return self._keys

    def _is_older_than(self, seconds: float) -> bool:
        return self._clock() - self._fetched_at > seconds

    def _should_look_for(self, kid: str | None) -> bool:
        known = self._keys is not None and any(key.kid == kid for key in self._keys.keys)
        return not known and self._is_older_than(KEYS_MIN_AGE_S)

    async def _refresh(self) -> None:
        async with self._lock:
            if self._keys is not None and not self._is_older_than(KEYS_MIN_AGE_S):
                return
            try:
                self._keys = KeySet.import_key_set(await self._fetch())  # type: ignore[arg-type]  # a JWKS from the wire is a plain dict
            except Exception:  # noqa: BLE001  # whatever it is, the keys that are here still hold
                if self._keys is None:
                    return
            self._fetched_at = self._clock()


class Verifier:
    """Turns a bearer token into a `Caller`."""

    def __init__(self, keys: KeyCache, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def verify(self, token: str) -> Caller:
        """Raises `Unauthorized` when the token does not hold, `Unavailable` without keys."""
        try:
            keys = await self._keys.keys_for(_key_id(token))
            claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
            self._claims.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthorized(_reason(error)) from error
        return Caller(
            subject=str(claims["sub"]),
            client_id=str(claims.get("client_id", "")),
            scopes=frozenset(str(claims.get("scope", "")).split()),
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
