"""Cloud CDN's signed cookies and signed URLs for a prefix.

As documented by Cloud CDN: an HMAC-SHA1 over the policy, in URL-safe base64.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

COOKIE_NAME = "Cloud-CDN-Cookie"


@dataclass(frozen=True)
class SigningKey:
    """A key as it was given to the backend bucket: its name and its 16 bytes."""

    name: str
    secret: bytes

    @classmethod
    def from_base64(cls, name: str, text: str) -> "SigningKey":
        """From URL-safe base64, the form in which Cloud CDN takes keys; raises `ValueError`."""
        return cls(name, base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def signed_cookie(key: SigningKey, url_prefix: str, expires: int) -> str:
    """The value of `Cloud-CDN-Cookie` that opens all URLs under the prefix until `expires`.

    `expires` is in seconds since the epoch.
    """
    return _sign(key, url_prefix, expires, separator=":")


def signed_query(key: SigningKey, url_prefix: str, expires: int) -> str:
    """The query that opens any one URL under the prefix, for clients without cookies."""
    return _sign(key, url_prefix, expires, separator="&")


def _sign(key: SigningKey, url_prefix: str, expires: int, *, separator: str) -> str:
    policy = separator.join(
        (
            f"URLPrefix={_base64(url_prefix.encode())}",
            f"Expires={expires}",
            f"KeyName={key.name}",
        )
    )
    signature = hmac.new(key.secret, policy.encode(), hashlib.sha1).digest()
    return f"{policy}{separator}Signature={_base64(signature)}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
