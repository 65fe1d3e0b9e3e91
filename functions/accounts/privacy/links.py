"""Addresses of downloads that hold for a while, for whoever has them: a browser sends no token."""

import datetime
import hashlib
import hmac
from collections.abc import Callable

LIFETIME = datetime.timedelta(minutes=10)
_PURPOSE = b"cadenza export download v1"


class DownloadLinks:
    """Signs addresses of exports, and checks them. `secret` may serve for other things too."""

    def __init__(
        self, secret: str, *, public_url: str, now: Callable[[], datetime.datetime]
    ) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
        self._public_url = public_url
        self._now = now

    def make(self, export_id: str) -> str:
        expires = int((self._now() + LIFETIME).timestamp())
        path = f"{self._public_url}/v1/me/export/{export_id}/download"
        return f"{path}?expires={expires}&signature={self._sign(export_id, expires)}"

    def holds(self, export_id: str, expires: str, signature: str) -> bool:
        """Whether we signed just this, and not too long ago."""
        if not (expires.isascii() and expires.isdecimal() and len(expires) <= 12):
            return False
        if not signature.isascii() or self._now().timestamp() >= int(expires):
            return False
        return hmac.compare_digest(signature, self._sign(export_id, int(expires)))

    def _sign(self, export_id: str, expires: int) -> str:
        text = f"{export_id}\n{expires}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()
