"""The keys that sign access tokens (ES256), and their public halves (JWKS)."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from shared.settings import InvalidSettings

ALGORITHM = "ES256"
TYPE = "at+jwt"


class Keys(Protocol):
    """Signs access tokens, and tells with which keys they are verified."""

    async def sign(self, claims: dict[str, Any]) -> str:
        """An access token (RFC 9068); raises `Unavailable`."""
        ...

    async def read(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that one of these keys signed, whatever its age; else None."""
        ...

    async def fetch(self) -> dict[str, Any]:
        """The public keys (JWKS)."""
        ...


class _Key(msgspec.Struct, frozen=True):
    kid: str
    pem: str


class _Keys(msgspec.Struct, frozen=True):
    keys: list[_Key]


class SigningKeys:
    """The newest key signs; all of them verify, so that a rotation overlaps."""

    def __init__(self, keys: Sequence[ECKey]) -> None:
        self._keys = list(keys)
        self._set = KeySet(list(keys))

    @classmethod
    def from_json(cls, text: str) -> "SigningKeys":
        """`{"keys": [{"kid": …, "pem": PKCS#8 of a P-256 key}, …]}`, newest first.

        Raises `InvalidSettings`, which repeats nothing of the text.
        """
        try:
            read = msgspec.json.decode(text, type=_Keys).keys
            keys = [
                ECKey.import_key(key.pem, {"kid": key.kid, "alg": ALGORITHM, "use": "sig"})
                for key in read
            ]
        except (msgspec.DecodeError, JoseError, ValueError, TypeError):
            raise InvalidSettings("SIGNING_KEYS does not hold signing keys") from None
        if not keys or any(key.curve_name != "P-256" for key in keys):
            raise InvalidSettings("SIGNING_KEYS needs at least one key, all of P-256")
        return cls(keys)

    async def sign(self, claims: dict[str, Any]) -> str:
        """An access token (RFC 9068)."""
        newest = self._keys[0]
        return jwt.encode({"alg": ALGORITHM, "typ": TYPE, "kid": newest.kid}, claims, newest)

    async def read(self, token: str) -> dict[str, Any] | None:
        return claims_of(token, self._set)

    def jwks(self) -> dict[str, Any]:
        """The public keys."""
        return {"keys": [key.as_dict(private=False) for key in self._keys]}

    async def fetch(self) -> dict[str, Any]:
        """The public keys, for a `shared.tokens.KeyCache` in this very process, too."""
        return self.jwks()


def claims_of(token: str, keys: KeySet) -> dict[str, Any] | None:
    """The claims of a token that one of the keys signed, whatever its age; else None."""
    try:
        return jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError, TypeError):
        return None
