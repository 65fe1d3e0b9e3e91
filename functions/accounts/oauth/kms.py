"""Signing keys in Cloud KMS: their private halves never leave it.

Reference: https://cloud.google.com/kms/docs/create-validate-signatures
"""

import asyncio
import base64
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey, KeySet

from functions.accounts.oauth.keys import ALGORITHM, TYPE, claims_of
from shared.errors import Unavailable
from shared.telemetry import fields

# A version that is disabled disappears from the published keys after at most this.
KEYS_TTL_S = 600.0
_TIMEOUT_S = 3.0
# P-256: two numbers of 32 bytes.
_NUMBER_BYTES = 32

log = logging.getLogger(__name__)


class KmsAway(Unavailable):
    """Cloud KMS does not answer, or not as it should."""

    def __init__(self) -> None:
        super().__init__("Tokens cannot be signed for now; try again")


class Kms(Protocol):
    """What is used of `google.cloud.kms_v1.KeyManagementServiceAsyncClient`."""

    async def asymmetric_sign(self, request: Any, *, timeout: float) -> Any: ...
    async def get_public_key(self, request: Any, *, timeout: float) -> Any: ...


class KmsKeys:
    """Key versions by their full names: the first signs, and all of them verify.

    Versions that are not enabled are left out of the published keys. What is known of the others
    is kept for `KEYS_TTL_S`, and longer while KMS does not answer.
    """

    def __init__(
        self,
        versions: Sequence[str],
        *,
        connect: Callable[[], Kms] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._versions = tuple(versions)
        self._connect = connect or _connect
        self._clock = clock
        self._client: Kms | None = None
        self._keys: dict[str, ECKey] = {}
        self._read_at = -KEYS_TTL_S
        self._lock = asyncio.Lock()

    async def sign(self, claims: dict[str, Any]) -> str:
        """An access token (RFC 9068); raises `KmsAway`."""
        version = self._versions[0]
        key = (await self._public_keys()).get(version)
        if key is None:
            log.error("the version that signs is not enabled", extra=fields(version=version))
            raise KmsAway
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}
        text = b".".join(_encode(msgspec.json.encode(part)) for part in (header, claims))
        return b".".join([text, _encode(raw_signature(await self._sign(version, text)))]).decode()

    async def read(self, token: str) -> dict[str, Any] | None:
        keys = await self._public_keys()
        return claims_of(token, KeySet(list(keys.values()))) if keys else None

    async def fetch(self) -> dict[str, Any]:
        keys = await self._public_keys()
        return {"keys": [key.as_dict(private=False) for key in keys.values()]}

    async def _sign(self, version: str, text: bytes) -> bytes:
        """The signature in DER."""
        from google.api_core.exceptions import GoogleAPICallError
        from google_crc32c import value as crc32c

        digest = hashlib.sha256(text).digest()
        request = {
            "name": version,
            "digest": {"sha256": digest},
            "digest_crc32c": crc32c(digest),
        }
        try:
            answer = await self._kms().asymmetric_sign(request, timeout=_TIMEOUT_S)
        except GoogleAPICallError as error:
            raise KmsAway from error
        # What was signed is what was sent, and what came is what was signed.
        is_whole = answer.verified_digest_crc32c and answer.signature_crc32c == crc32c(
            answer.signature
        )
        if answer.name != version or not is_whole:
            log.error("a signature was damaged on its way", extra=fields(version=version))
            raise KmsAway
        return bytes(answer.signature)

    async def _public_keys(self) -> dict[str, ECKey]:
        """By version, in their order; raises `KmsAway` while nothing is known."""
        async with self._lock:
            if self._clock() - self._read_at >= KEYS_TTL_S:
                await self._read()
            return self._keys

    async def _read(self) -> None:
        from google.api_core.exceptions import GoogleAPICallError

        try:
            found = await asyncio.gather(*(self._public_key(each) for each in self._versions))
        except GoogleAPICallError as error:
            if not self._keys:
                raise KmsAway from error
            log.warning("the signing keys cannot be read again", exc_info=error)
        else:
            self._keys = {
                version: key
                for version, key in zip(self._versions, found, strict=True)
                if key is not None
            }
        self._read_at = self._clock()

    async def _public_key(self, version: str) -> ECKey | None:
        from google.api_core.exceptions import FailedPrecondition, NotFound

        try:
            answer = await self._kms().get_public_key({"name": version}, timeout=_TIMEOUT_S)
        except (FailedPrecondition, NotFound):
            log.warning("a signing key is not enabled", extra=fields(version=version))
            return None
        key = ECKey.import_key(answer.pem, {"alg": ALGORITHM, "use": "sig"})
        return ECKey.import_key(
            answer.pem, {"alg": ALGORITHM, "use": "sig", "kid": key.thumbprint()}
        )

    def _kms(self) -> Kms:
        if self._client is None:
            self._client = self._connect()
        return self._client


def raw_signature(der: bytes) -> bytes:
    """A signature as JOSE has it (RFC 7518, 3.4), of one as X9.62 has it."""
    return b"".join(number.to_bytes(_NUMBER_BYTES) for number in decode_dss_signature(der))


def _encode(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


def _connect() -> Kms:
    from google.cloud.kms_v1 import KeyManagementServiceAsyncClient

    client: Kms = KeyManagementServiceAsyncClient()
    return client
