"""Request bodies that may be gzipped, unpacked within bounds."""

import zlib
from collections.abc import Sequence

import msgspec
from starlette.requests import Request

from shared.errors import ApiError, BadRequest, PayloadTooLarge
from shared.web import read_body

MOST_COMPRESSED = 1024 * 1024
MOST_PLAIN = 8 * 1024 * 1024

# zlib's window size for a gzip header and no other.
_GZIP = 16 + zlib.MAX_WBITS
_ACCEPTED = {"Accept-Encoding": "gzip"}


class UnsupportedEncoding(ApiError):
    """The body is packed in a way that is not known here."""

    status = 415


class _Batch(msgspec.Struct):
    plays: list[msgspec.Raw]


async def read_batch(request: Request) -> Sequence[msgspec.Raw]:
    """The plays of the request's body, unread; raises `ApiError`."""
    body = await _plain_body(request)
    try:
        return msgspec.json.decode(body, type=_Batch).plays
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
    except msgspec.DecodeError as error:
        raise BadRequest("The body is not valid JSON") from error


async def _plain_body(request: Request) -> bytes:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"identity", ""}:
        return await read_body(request)
    if encoding not in {"gzip", "x-gzip"}:
        raise UnsupportedEncoding("Content-Encoding is gzip or none", headers=_ACCEPTED)
    return gunzip(await read_body(request, most=MOST_COMPRESSED), most=MOST_PLAIN)


def gunzip(packed: bytes, *, most: int) -> bytes:
    """What was packed; never holds more than `most` bytes of it. Raises `ApiError`."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        plain = unpacker.decompress(packed, most + 1)
    except zlib.error as error:
        raise BadRequest("The body is not valid gzip") from error
    if len(plain) > most:
        raise PayloadTooLarge(f"The body is larger than {most} bytes when unpacked")
    if not unpacker.eof:
        raise BadRequest("The body is not valid gzip: it ends too early")
    if unpacker.unused_data:
        raise BadRequest("The body is not valid gzip: something follows it")
    return plain
