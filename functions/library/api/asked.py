"""What requests ask for, read from their query and body."""

import datetime
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from functions.library.items import Request as KeyedRequest
from functions.library.journal import digest
from functions.library.model import is_user_id
from shared import ids
from shared.caching import cacheable_json
from shared.errors import BadRequest, NotFound
from shared.paging import Window
from shared.query import read_query
from shared.web import caller_of, read_body

MOST_IDS = 50
_MOST_KEY = 128

# Beyond what JavaScript counts nothing lies.
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=50)]


class IdsQuery(msgspec.Struct, frozen=True):
    """`ids`: with commas between them; a body may hold them instead."""

    ids: str = ""


class WindowQuery(msgspec.Struct, frozen=True):
    limit: Limit = 20
    offset: Offset = 0

    @property
    def window(self) -> Window:
        return Window(self.limit, self.offset)


class PageQuery(WindowQuery, frozen=True):
    """`as_of` comes with the links to other pages, and keeps them in place while items come in."""

    as_of: Offset | None = None


class MarketPageQuery(PageQuery, frozen=True):
    market: str = ""


class TimestampedId(msgspec.Struct, frozen=True):
    """When something is to count as saved: RFC 3339."""

    id: str
    added_at: datetime.datetime


class IdsBody(msgspec.Struct, frozen=True):
    """`timestamped_ids` go before `ids`."""

    ids: list[str] = []
    timestamped_ids: list[TimestampedId] | None = None


class Asked(msgspec.Struct, frozen=True):
    """Ids, and the times (seconds since the epoch) that were given with some of them."""

    ids: list[str]
    times: dict[str, int] = {}


async def read_ids(request: Request) -> Asked:
    """From the query or, where it has none, from the body: a list, or an object with `ids`.

    Raises `BadRequest` for none, too many, or what is no id.
    """
    body = await read_ids_body(request)
    if body.timestamped_ids is not None:
        times = {each.id: _seconds(each.added_at) for each in body.timestamped_ids}
        return Asked(checked(list(times)), times)
    return Asked(checked(split(read_query(request, IdsQuery).ids) or body.ids))


async def read_ids_body(request: Request) -> IdsBody:
    raw = await read_body(request)
    if not raw.strip():
        return IdsBody()
    body = decoded(raw, list[str] | IdsBody)
    return IdsBody(body) if isinstance(body, list) else body


def decoded(raw: bytes, into: Any) -> Any:
    """A body's JSON; an empty one is an empty object. Raises `BadRequest`."""
    try:
        return msgspec.json.decode(raw if raw.strip() else b"{}", type=into)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("The body is not valid JSON") from error


def split(text: str) -> list[str]:
    return [each for part in text.split(",") if (each := part.strip())]


def checked(wanted: list[str], most: int = MOST_IDS) -> list[str]:
    """Each once, in the order given."""
    _check_count(wanted, most, "ids")
    for each in wanted:
        if not ids.is_valid(each):
            raise BadRequest("Invalid base62 id")
    return list(dict.fromkeys(wanted))


def checked_users(wanted: list[str], most: int = MOST_IDS) -> list[str]:
    _check_count(wanted, most, "ids")
    for each in wanted:
        if not is_user_id(each):
            raise BadRequest("Invalid user id")
    return list(dict.fromkeys(wanted))


def _check_count(wanted: list[str], most: int, name: str) -> None:
    if not wanted:
        raise BadRequest(f"Missing required field: {name}")
    if len(wanted) > most:
        raise BadRequest(f"Too many {name}: at most {most}")


def playlist_id_of(request: Request) -> str:
    """The id in the path; raises `BadRequest`."""
    playlist_id: str = request.path_params["playlist_id"]
    if not ids.is_valid(playlist_id):
        raise BadRequest("Invalid base62 id")
    return playlist_id


def user_of(request: Request) -> str:
    """The person in the path; raises `NotFound` for what cannot be one."""
    user: str = request.path_params["user_id"]
    if not is_user_id(user):
        raise NotFound("Resource not found")
    return user


def keyed(request: Request, content: bytes) -> KeyedRequest | None:
    """The request by its `Idempotency-Key`, if it has one; raises `BadRequest`."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= _MOST_KEY or not key.isascii() or not key.isprintable():
        raise BadRequest(f"Invalid Idempotency-Key: 1 to {_MOST_KEY} printable characters")
    asked = digest(request.method, request.url.query, content)
    return KeyedRequest(digest(caller_of(request).subject, key), asked)


def revalidated(request: Request, value: Any) -> Response:
    """As `cacheable_json`, for what its reader may have changed a moment ago."""
    response = cacheable_json(request, value)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _seconds(at: datetime.datetime) -> int:
    if at.tzinfo is None:
        at = at.replace(tzinfo=datetime.UTC)
    return max(0, int(at.timestamp()))
