"""Redirect URIs: which may be registered, and which requested one is a registered one."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from shared.errors import BadRequest

MAX_LENGTH = 512

# RFC 8252, 7.3: an app on the person's own computer listens where a port happens to be free.
_LOOPBACK = re.compile(r"http://(?P<host>127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?P<rest>[/?].*)?")
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?\[\]!$&'()+,;=%]+")
# RFC 8252, 7.1: an app's own scheme is a domain name written backwards, so it has a dot.
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")


def matches(registered: Iterable[str], requested: str) -> bool:
    """Whether it is one of them, to the letter; on a loopback address, whatever its port."""
    registered = list(registered)
    if requested in registered:
        return True
    loopback = _without_port(requested)
    return loopback is not None and loopback in map(_without_port, registered)


def _without_port(uri: str) -> tuple[str, str] | None:
    found = _LOOPBACK.fullmatch(uri)
    return (found["host"], found["rest"] or "") if found else None


def check(uri: str) -> None:
    """Raises `BadRequest` unless an app may register it."""
    if not _is_acceptable(uri):
        raise BadRequest(
            "Invalid redirect_uris: each is https, or http on 127.0.0.1, [::1] or localhost, or"
            " has the app's own scheme with a dot in it; no fragment, no user, no wildcard"
        )


def _is_acceptable(uri: str) -> bool:
    if len(uri) > MAX_LENGTH or not _CHARACTERS.fullmatch(uri):
        return False
    try:
        parts = urlsplit(uri)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname) and port_is_valid
    if parts.scheme == "http":
        return parts.hostname in _LOOPBACK_HOSTS and port_is_valid
    return bool(_OWN_SCHEME.fullmatch(parts.scheme))
