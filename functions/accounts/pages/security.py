"""The headers that every page carries."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_HEADERS = {
    "Cache-Control": "no-store",
    # "no-referrer" would make browsers send forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_HOST = re.compile(r"[a-z0-9.-]+")


def headers(form_targets: Sequence[str] = ()) -> dict[str, str]:
    """No scripts, no frames (nobody lays a page of theirs over a button of ours), no cache.

    `form_targets` are addresses that a form's answer may lead on to: browsers hold redirects
    against `form-action` too.
    """
    targets = " ".join(["'self'", *filter(None, map(_source, form_targets))])
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {targets}"
    )
    return {**_HEADERS, "Content-Security-Policy": policy}


def _source(url: str) -> str:
    """The URL's origin, or its scheme if it is an app's own; "" for what is neither."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or ""), parts.port
    except ValueError:
        return ""
    if ":" in host:
        # The policy's language has no IPv6 addresses.
        return f"{parts.scheme}:" if parts.scheme in {"http", "https"} else ""
    if parts.scheme in {"http", "https"}:
        if not _HOST.fullmatch(host):
            return ""
        return f"{parts.scheme}://{host}{f':{port}' if port else ''}"
    return f"{parts.scheme}:" if _SCHEME.fullmatch(parts.scheme) else ""
