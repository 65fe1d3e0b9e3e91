"""Licences: the keys that a player needs for the tracks that it may play (W3C ClearKey)."""

import base64
import binascii
from collections.abc import Container, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

import msgspec

from shared import ids
from shared.content_keys import KeyProvider, complement
from shared.errors import BadRequest, NotFound

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


class WantedKey(NamedTuple):
    """Either of a track's two keys."""

    track_id: str
    lossless: bool


class LicenceProvider(Protocol):
    """Who writes keys: ClearKey here; a DRM vendor's proxy elsewhere."""

    def keys(self, wanted: Sequence[WantedKey]) -> list[JsonWebKey]: ...


class ClearKeyLicences:
    """Hands the raw keys to the player: it proves the plumbing and hides nothing from listeners."""

    def __init__(self, keys: KeyProvider) -> None:
        self._keys = keys

    def keys(self, wanted: Sequence[WantedKey]) -> list[JsonWebKey]:
        of, lossless_of = self._keys.content_key, self._keys.lossless_key
        content_keys = [(lossless_of if each.lossless else of)(each.track_id) for each in wanted]
        return [JsonWebKey(_base64(key.kid), _base64(key.key)) for key in content_keys]


class Readings(NamedTuple):
    """What a key id says if it names a track's one key, and if it names the other."""

    lossy: WantedKey
    lossless: WantedKey


def readings_of(request: LicenceRequest) -> list[Readings]:
    """For each key id that is asked for; raises `BadRequest`.

    A key id is a track's id, or the complement of one: only the catalogue knows which.
    """
    if not 1 <= len(request.kids) <= MAX_KIDS:
        raise BadRequest(f"Invalid kids: between 1 and {MAX_KIDS} key ids")
    return [_readings_of(kid) for kid in request.kids]


def wanted_of(readings: Sequence[Readings], playable: Container[str]) -> list[WantedKey]:
    """The keys that are asked for, given the ids of tracks; raises `NotFound`."""
    return [_wanted_of(each, playable) for each in readings]


def _readings_of(kid: str) -> Readings:
    try:
        raw = base64.urlsafe_b64decode(kid + "=" * (-len(kid) % 4))
        one, other = ids.from_bytes(raw), ids.from_bytes(complement(raw))
    except (binascii.Error, ValueError) as error:
        raise BadRequest("Invalid kids: each is 16 bytes in URL-safe base64") from error
    return Readings(WantedKey(one, lossless=False), WantedKey(other, lossless=True))


def _wanted_of(readings: Readings, playable: Container[str]) -> WantedKey:
    for wanted in readings:
        if wanted.track_id in playable:
            return wanted
    raise NotFound(f"Track not found or not playable: {readings.lossy.track_id}")


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
