"""Licences: the keys that a player needs for the tracks that it may play (W3C ClearKey)."""

import base64
import binascii
from enum import Enum
from typing import Protocol

import msgspec

from shared import ids
from shared.content_keys import KeyProvider
from shared.errors import BadRequest

MAX_KIDS = 32


class LicenceType(str, Enum):
    """For how long a licence is wanted, as Encrypted Media Extensions name it."""

    temporary = "temporary"
    persistent = "persistent-license"


class LicenceRequest(msgspec.Struct, frozen=True):
    """What a content decryption module asks: key ids in unpadded URL-safe base64.

    `session` is where it is played, for which the query serves as well; `device_id` is asked for
    where the keys are to be kept.
    """

    kids: list[str]
    type: LicenceType = LicenceType.temporary
    session: str = ""
    device_id: str = ""


class JsonWebKey(msgspec.Struct, frozen=True):
    """A symmetric key (RFC 7517)."""

    kid: str
    k: str
    kty: str = "oct"


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """A JSON Web Key set, as ClearKey takes it, good until `expires_at` (seconds, epoch)."""

    keys: list[JsonWebKey]
    type: LicenceType
    session: str
    expires_at: int


class LicenceProvider(Protocol):
    """Who writes keys: ClearKey here; a DRM vendor's proxy elsewhere."""

    def keys(self, track_ids: list[str]) -> list[JsonWebKey]: ...


class ClearKeyLicences:
    """Hands the raw keys to the player: it proves the plumbing and hides nothing from listeners."""

    def __init__(self, keys: KeyProvider) -> None:
        self._keys = keys

    def keys(self, track_ids: list[str]) -> list[JsonWebKey]:
        content_keys = [self._keys.content_key(track_id) for track_id in track_ids]
        return [JsonWebKey(_base64(key.kid), _base64(key.key)) for key in content_keys]


def tracks_of(request: LicenceRequest) -> list[str]:
    """The tracks whose keys are asked for: a key id is its track's id; raises `BadRequest`."""
    if not 1 <= len(request.kids) <= MAX_KIDS:
        raise BadRequest(f"Invalid kids: between 1 and {MAX_KIDS} key ids")
    return [_track_of(kid) for kid in request.kids]


def _track_of(kid: str) -> str:
    try:
        raw = base64.urlsafe_b64decode(kid + "=" * (-len(kid) % 4))
        return ids.from_bytes(raw)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("Invalid kids: each is 16 bytes in URL-safe base64") from error


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
