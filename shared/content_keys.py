"""The keys that tracks are encrypted with, from one secret and the track's id.

A track has two: one for what everybody may hear, whose key id (KID) is the track id's own 16
bytes, and one for lossless, whose KID is the complement of those. So key ids need no table.
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

    def lossless_key(self, track_id: str) -> ContentKey: ...


def complement(kid: bytes) -> bytes:
    """From the key id of either of a track's keys to that of the other."""
    return bytes(byte ^ 0xFF for byte in kid)


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
        """What a track's lossy renditions are encrypted with; raises `InvalidId`."""
        return self._of(ids.to_bytes(track_id))

    def lossless_key(self, track_id: str) -> ContentKey:
        """What a track's lossless rendition is encrypted with; raises `InvalidId`."""
        return self._of(complement(ids.to_bytes(track_id)))

    def _of(self, kid: bytes) -> ContentKey:
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
