import pytest
from starlette.requests import Request
from starlette.responses import Response

from shared.caching import cacheable_json

VALUE = {"name": "value"}


def answer(value: object = VALUE, *if_none_match: str) -> Response:
    headers = [(b"if-none-match", header.encode()) for header in if_none_match]
    return cacheable_json(Request({"type": "http", "headers": headers}), value)


TAG = answer().headers["etag"]


def test_the_same_value_has_the_same_strong_tag() -> None:
    assert TAG == answer().headers["etag"] != answer({"name": "other"}).headers["etag"]
    assert TAG.startswith('"')
    assert TAG.endswith('"')


@pytest.mark.parametrize(
    "headers", [[TAG], [f"W/{TAG}"], ['"other", ' + TAG], ['"other"', TAG], ["*"]]
)
def test_who_has_it_gets_no_body(headers: list[str]) -> None:
    found = answer(VALUE, *headers)
    assert (found.status_code, found.body, found.headers["etag"]) == (304, b"", TAG)
    assert "cache-control" in found.headers


@pytest.mark.parametrize("header", ["", '"other"', TAG.strip('"')])
def test_who_has_another_gets_it_whole(header: str) -> None:
    assert answer(VALUE, header).status_code == 200
