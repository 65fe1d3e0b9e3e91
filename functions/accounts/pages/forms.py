"""Forms as browsers send them, and where to go on to."""

from urllib.parse import parse_qs, parse_qsl, urlsplit

from starlette.requests import Request

from shared.errors import ApiError, BadRequest, PayloadTooLarge

MOST_BYTES = 64 * 1024
MOST_FIELDS = 50
MOST_NEXT = 4096
HOME = "/account"

_TYPE = "application/x-www-form-urlencoded"


class UnsupportedForm(ApiError):
    """The body is not of the type that a form has."""

    status = 415


async def read(request: Request) -> dict[str, str]:
    """The fields of a form; raises `UnsupportedForm`, `PayloadTooLarge`, `BadRequest`."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _TYPE:
        raise UnsupportedForm(f"A form is sent as {_TYPE}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise PayloadTooLarge(f"The form is larger than {MOST_BYTES} bytes")
    return _parse(bytes(body))


def _parse(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise BadRequest("The form cannot be read") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadRequest("A field of the form was sent twice")
    # PostgreSQL's text holds no zero characters, and no field of ours has a use for one.
    if any("\0" in value for value in fields.values()):
        raise BadRequest("The form holds a zero character")
    return fields


def next_path(text: str | None) -> str:
    """Where to go on to: a path of this very site, or the account's page."""
    if not text or len(text) > MOST_NEXT or not text.isascii() or not text.isprintable():
        return HOME
    # Browsers read a backslash as a slash, and `//host` as another site.
    if not text.startswith("/") or text.startswith("//") or "\\" in text or " " in text:
        return HOME
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else HOME


def leads_to(after: str) -> list[str]:
    """An app that was let in before gets its answer straight after a form."""
    parts = urlsplit(after)
    return parse_qs(parts.query).get("redirect_uri", []) if parts.path == "/authorize" else []
