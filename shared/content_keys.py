"""The keys that tracks are encrypted with, from one secret and the track's id.

A track's key id (KID) is its id's own 16 bytes, so a licence request names its tracks without
a look-up.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Protocol

from shared import ids

_KEY_BYTES = 16
_SECRET_BYTES = 32


@dataclass(frozen=True)
class ContentKey:
    """What the packager encrypts with and a licence carries; each 16 bytes."""

    kid: bytes
    key: bytes
    iv: bytes


class KeyProvider(Protocol):
    """Where content keys come from: derived here; a vendor's key server (CPIX) elsewhere."""

    def content_key(self, track_id: str) -> ContentKey: ...


class DerivedKeys:
    """HKDF-SHA256 of the platform's secret: the same track always gets the same key."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _SECRET_BYTES:
            raise ValueError(f"the content key secret is {_SECRET_BYTES} bytes, not {len(secret)}")
        self._secret = secret

    @classmethod
    def from_base64(cls, text: str) -> "DerivedKeys":
        """From the secret as settings carry it; raises `ValueError`."""
        try:
            return cls(base64.b64decode(text, validate=True))
        except binascii.Error as error:
            raise ValueError("the content key secret is not base64") from error

    def content_key(self, track_id: str) -> ContentKey:
        kid = ids.to_bytes(track_id)
        return ContentKey(
            kid=kid,
            key=self._derive(b"cadenza content key v1" + kid),
            iv=self._derive(b"cadenza content iv v1" + kid),
        )

    def _derive(self, info: bytes) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(
            self._secret
        )
