"""Answers that clients may keep: entity tags, and 304 for what they already have."""

import hashlib
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

# Seconds for which an answer may be out of date.
MAX_AGE_S = 60


def cacheable_json(request: Request, value: Any, *, public: bool = False) -> Response:
    """`value` as JSON with a strong ETag; 304 without a body if the client has it already.

    Only what is the same for every caller is `public`, which lets the CDN keep it.
    """
    body = msgspec.json.encode(value)
    tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    audience = "public" if public else "private"
    headers = {"ETag": tag, "Cache-Control": f"{audience}, max-age={MAX_AGE_S}"}
    if _has(request.headers.getlist("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _has(if_none_match: list[str], tag: str) -> bool:
    """Compared weakly (RFC 9110, 13.1.2): a tag that a proxy weakened still matches."""
    tags = [each.strip() for header in if_none_match for each in header.split(",")]
    return any(each == "*" or each.removeprefix("W/") == tag for each in tags)
