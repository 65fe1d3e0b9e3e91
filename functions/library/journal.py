"""What a playlist remembers of its last edits: where positions went, and which requests it knows.

Both are bounded, for they lie in the playlist's own document.
"""

import hashlib

import msgspec

from functions.library.splices import Since, Splice

# Some 30 bytes each, and a retry comes within seconds.
MOST_KEYS = 256
MOST_SPLICES = 128
# An edit that removes here and there takes a range for each place.
MOST_RANGES = 2_000


class Known(msgspec.Struct, frozen=True, array_like=True):
    """A request that was carried out: its key, what it asked for, and which version it made."""

    key: bytes
    request: bytes
    version: int


class Journal(msgspec.Struct, frozen=True, array_like=True):
    """`splices` made the playlist's last versions, the newest the last."""

    splices: tuple[Splice, ...] = ()
    requests: tuple[Known, ...] = ()

    def noting(self, splice: Splice, request: Known | None) -> "Journal":
        """With one edit more."""
        splices = (*self.splices, splice)[-MOST_SPLICES:]
        while len(splices) > 1 and sum(len(each.removed) for each in splices) > MOST_RANGES:
            splices = splices[1:]
        requests = (*self.requests, request) if request else self.requests
        return Journal(splices, requests[-MOST_KEYS:])

    def known(self, key: bytes) -> Known | None:
        return next((each for each in reversed(self.requests) if each.key == key), None)

    def since(self, version: int, current: int, total: int) -> Since | None:
        """Follows positions of that version to the current one; None if that is too long ago."""
        steps = current - version
        if not 0 <= steps <= len(self.splices):
            return None
        return Since(self.splices[len(self.splices) - steps :], total)


def digest(*parts: str | bytes) -> bytes:
    """A short name for what the parts say."""
    hashed = hashlib.blake2b(digest_size=12)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        hashed.update(len(raw).to_bytes(8, "big"))
        hashed.update(raw)
    return hashed.digest()
