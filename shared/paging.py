"""Pages of the Web API: `limit` and `offset` in, a paging object out."""

from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request

from shared.errors import BadRequest

T = TypeVar("T")

# No list is longer, and every database can count so far.
MOST_OFFSET = 1_000_000_000


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A slice of `total` items, with the addresses of its neighbours."""

    href: str
    items: list[T]
    limit: int
    next: str | None
    offset: int
    previous: str | None
    total: int


class Window(msgspec.Struct, frozen=True):
    """Which slice is asked for."""

    limit: int
    offset: int


class WindowQuery(msgspec.Struct, frozen=True):
    """What `window_of` reads by default, for the API's document."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20
    offset: Annotated[int, msgspec.Meta(ge=0, le=MOST_OFFSET)] = 0


def window_of(request: Request, *, default: int = 20, most: int = 50) -> Window:
    """`limit` and `offset` of the query; raises `BadRequest` naming the bad one."""
    limit = _whole_number(request, "limit", default)
    offset = _whole_number(request, "offset", 0)
    if not 1 <= limit <= most:
        raise BadRequest(f"Invalid limit: must be between 1 and {most}")
    if not 0 <= offset <= MOST_OFFSET:
        raise BadRequest(f"Invalid offset: must be between 0 and {MOST_OFFSET}")
    return Window(limit, offset)


def _whole_number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise BadRequest(f"Invalid {name}: must be a whole number") from None


def page(
    items: list[T], window: Window, total: int, url: str, query: dict[str, str] | None = None
) -> Page[T]:
    """The paging object of one slice of the list at `url`; `query` is kept in its links."""

    kept = urlencode({**(query or {}), "limit": window.limit})

    def link(offset: int) -> str:
        return f"{url}?{kept}&offset={offset}"

    after = window.offset + window.limit
    return Page(
        href=link(window.offset),
        items=items,
        limit=window.limit,
        next=link(after) if after < total else None,
        offset=window.offset,
        previous=link(max(0, window.offset - window.limit)) if window.offset > 0 else None,
        total=total,
    )
