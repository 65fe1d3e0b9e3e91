"""Cloud CDN's check of signed cookies and signed URLs.

The formats and the order of fields are those of Cloud CDN's documentation ("Use signed cookies",
"Use signed URLs"): an HMAC-SHA1 over everything that comes before the signature.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

COOKIE_NAME = "Cloud-CDN-Cookie"

_COOKIE = re.compile(
    r"(?P<policy>URLPrefix=(?P<prefix>[\w=-]+):Expires=(?P<expires>\d+):KeyName=(?P<key>[\w-]+))"
    r":Signature=(?P<signature>[\w=-]+)",
    re.ASCII,
)
_PREFIX_QUERY = re.compile(
    r"(?:.*&)?(?P<policy>URLPrefix=(?P<prefix>[\w=-]+)&Expires=(?P<expires>\d+)"
    r"&KeyName=(?P<key>[\w-]+))&Signature=(?P<signature>[\w=-]+)(?:&.*)?",
    re.ASCII,
)
_URL_QUERY = re.compile(
    r"(?P<policy>.+[?&]Expires=(?P<expires>\d+)&KeyName=(?P<key>[\w-]+))"
    r"&Signature=(?P<signature>[\w=-]+)",
    re.ASCII,
)


class Refused(Exception):
    """The request is not signed, or not for this address, or no longer."""


def check(url: str, cookie: str | None, keys: Mapping[str, bytes], now: float) -> None:
    """Raises `Refused` unless the query or the cookie opens `url`.

    `url` is the whole address that was asked for, query included; `keys` are the secrets by name;
    `now` is in seconds since the epoch.
    """
    address, _, query = url.partition("?")
    if "Signature=" in query:
        _check_query(url, address, query, keys, now)
    elif cookie is not None:
        signed = _COOKIE.fullmatch(cookie)
        if signed is None:
            raise Refused("the signed cookie is malformed")
        _check_prefix(signed, address, keys, now)
    else:
        raise Refused("the request is not signed")


def _check_query(url: str, address: str, query: str, keys: Mapping[str, bytes], now: float) -> None:
    if (signed := _PREFIX_QUERY.fullmatch(query)) is not None:
        _check_prefix(signed, address, keys, now)
    elif (signed := _URL_QUERY.fullmatch(url)) is not None:
        _check_policy(signed, keys, now)
    else:
        raise Refused("the signature is malformed")


def _check_prefix(
    signed: re.Match[str], address: str, keys: Mapping[str, bytes], now: float
) -> None:
    _check_policy(signed, keys, now)
    try:
        prefix = base64.urlsafe_b64decode(signed["prefix"]).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Refused("the prefix is malformed") from None
    if not address.startswith(prefix):
        raise Refused("the signature is for another address")


def _check_policy(signed: re.Match[str], keys: Mapping[str, bytes], now: float) -> None:
    key = keys.get(signed["key"])
    if key is None:
        raise Refused("no such key")
    expected = hmac.new(key, signed["policy"].encode(), hashlib.sha1).digest()
    try:
        given = base64.urlsafe_b64decode(signed["signature"])
    except binascii.Error:
        raise Refused("the signature is malformed") from None
    if not hmac.compare_digest(expected, given):
        raise Refused("the signature does not match")
    if now >= int(signed["expires"]):
        raise Refused("the signature has expired")
