"""The parameters of a request, as RFC 6749 has them: each once, none of them empty."""

from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request

MAX_BYTES = 16 * 1024
_MAX_FIELDS = 50
_FORM = "application/x-www-form-urlencoded"


def parse(text: str) -> dict[str, str]:
    """A query or a form; raises `InvalidRequestError`. Empty values count as left out."""
    if len(text) > MAX_BYTES:
        raise InvalidRequestError("The request is too long", status_code=413)
    try:
        pairs = parse_qsl(text, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise InvalidRequestError("The parameters are not UTF-8, form-encoded") from None
    if any("\0" in part for pair in pairs for part in pair):
        raise InvalidRequestError("A parameter holds a character that none may hold")
    values = dict(pairs)
    if len(values) != len(pairs):
        raise InvalidRequestError("A parameter is repeated")
    return values


async def read_form(request: Request) -> dict[str, str]:
    """The form in the request's body; raises `InvalidRequestError`."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != _FORM:
        raise InvalidRequestError(f"The body has to be {_FORM}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise InvalidRequestError("The request is too long", status_code=413)
    try:
        return parse(body.decode("ascii"))
    except UnicodeDecodeError:
        raise InvalidRequestError("The parameters are not UTF-8, form-encoded") from None
