"""A playlist's `snapshot_id`: which version of which playlist a client has seen."""

import base64
import binascii
import hashlib

from shared.errors import BadRequest

_DIGEST = 8


def snapshot_id(playlist_id: str, version: int) -> str:
    """Differs for each version of each playlist."""
    number = version.to_bytes(6, "big")
    return base64.urlsafe_b64encode(number + _mark(playlist_id, number)).decode().rstrip("=")


def version_of(playlist_id: str, text: str) -> int:
    """The version that the snapshot is of; raises `BadRequest` for what we never gave out."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    number, mark = raw[:6], raw[6:]
    if len(raw) != 6 + _DIGEST or mark != _mark(playlist_id, number):
        raise BadRequest("Invalid snapshot_id: not one of this playlist")
    return int.from_bytes(number, "big")


def _mark(playlist_id: str, number: bytes) -> bytes:
    return hashlib.blake2b(number, key=playlist_id.encode(), digest_size=_DIGEST).digest()
