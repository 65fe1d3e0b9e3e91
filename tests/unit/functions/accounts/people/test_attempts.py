import pytest
from starlette.requests import Request

from functions.accounts.people.attempts import address_of


def request(forwarded: str | None, client: str = "10.0.0.1") -> Request:
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    return Request({"type": "http", "headers": headers, "client": (client, 1)})


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (None, "10.0.0.1"),
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 34.1.2.3", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 34.1.2.3", "203.0.113.7"),  # the client made the first one up
        ("2001:db8:1:2:3:4:5:6, 34.1.2.3", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7, 34.1.2.3", "203.0.113.7"),
        ("<script>, 34.1.2.3", "unknown"),
    ],
)
def test_where_a_request_comes_from(forwarded: str | None, address: str) -> None:
    assert address_of(request(forwarded)) == address
