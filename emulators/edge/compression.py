"""What Cloud CDN compresses on its way, where a backend says so, and what it says of that."""

import re
from collections.abc import Mapping, MutableMapping

_TEXTS = re.compile(r"text/|application/(javascript|json|manifest\+json|wasm|xml)\b|image/svg\+xml")
_BYTES = range(1024, 10 * 1024 * 1024 + 1)


def is_compressible(headers: Mapping[str, str], size: int) -> bool:
    """Whether a successful answer of `size` bytes is a text that may be changed on its way."""
    return (
        bool(_TEXTS.match(headers.get("Content-Type", "")))
        and size in _BYTES
        and "Content-Encoding" not in headers
        and "no-transform" not in headers.get("Cache-Control", "")
    )


def is_accepted(asked: Mapping[str, str]) -> bool:
    """Whether the client reads gzip, which is all that is offered here."""
    return "gzip" in asked.get("Accept-Encoding", "")


def vary(headers: MutableMapping[str, str]) -> None:
    """Says that the answer depends on what the client reads."""
    others = headers.get("Vary")
    headers["Vary"] = f"{others}, Accept-Encoding" if others else "Accept-Encoding"


def weaken(headers: MutableMapping[str, str]) -> None:
    """The bytes are others now: only a weak ETag is still true (RFC 9110, 8.8.3)."""
    etag = headers.get("ETag")
    if etag is not None and not etag.startswith("W/"):
        headers["ETag"] = f"W/{etag}"
