"""Which slice of a list is asked for."""

import pytest
from starlette.requests import Request

from shared.errors import BadRequest
from shared.paging import MOST_OFFSET, Window, window_of


def asking(query: str) -> Request:
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


def test_a_window_is_as_asked_or_as_usual() -> None:
    assert window_of(asking("")) == Window(20, 0)
    assert window_of(asking(f"limit=5&offset={MOST_OFFSET}")) == Window(5, MOST_OFFSET)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=51", "limit=x", "offset=-1", "offset=x", f"offset={MOST_OFFSET + 1}"],
)
def test_what_no_list_has_is_refused_by_name(query: str) -> None:
    with pytest.raises(BadRequest, match=query.partition("=")[0]):
        window_of(asking(query))
