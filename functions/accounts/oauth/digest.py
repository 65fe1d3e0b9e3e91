"""Codes, tokens and secrets: 256 random bits, of which only the SHA-256 is stored."""

import hashlib
import hmac
import secrets

_BYTES = 32


def fresh() -> str:
    """43 characters of base64url."""
    return secrets.token_urlsafe(_BYTES)


def digest(text: str) -> str:
    """What is stored for it. It needs no salt: nobody can try 2²⁵⁶ texts."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def matches(text: str, stored: str | None) -> bool:
    """Whether `stored` is its digest, in a time that does not tell how nearly."""
    return stored is not None and hmac.compare_digest(digest(text), stored)
