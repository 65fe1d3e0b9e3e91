from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.common.urls import add_params_to_uri
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.oauth import redirects
from shared.errors import BadRequest

LOOPBACK = ["http://127.0.0.1/callback", "http://[::1]:8000/callback?a=b"]


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/callback",
        "https://app.example:8443/callback?keep=this",
        "http://127.0.0.1/callback",
        "http://[::1]:8000/",
        "http://localhost:8888/callback",
        "com.example.app:/callback",
        "com.example.app://callback",
    ],
)
def test_can_be_registered(uri: str) -> None:
    redirects.check(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "callback",
        "/callback",
        "//app.example/",
        "https://",
        "https:///callback",
        "http://app.example/callback",
        "http://127.0.0.1.example/callback",
        "http://127.0.0.2@evil.example/",
        "https://user:password@app.example/",
        "https://app.example/#fragment",
        "https://*.app.example/",
        "https://app.example:99999/",
        "https://app.example:x/",
        "https://[::1/",
        "https://app.example/a b",
        "https://app.example/\n",
        "https://app.exаmple/",  # noqa: RUF001  # a look-alike
        'https://app.example/"><script>',
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "myapp://callback",
        "https://app.example/" + "a" * 500,
    ],
)
def test_cannot_be_registered(uri: str) -> None:
    with pytest.raises(BadRequest, match="Invalid redirect_uris"):
        redirects.check(uri)


@given(st.text(alphabet="abc%zé[]=&;+:/?@.-~ ", max_size=20))
def test_what_can_be_registered_takes_an_answer(rest: str) -> None:
    uri = f"https://app.example/{rest}"
    try:
        redirects.check(uri)
    except BadRequest:
        return
    answered = urlsplit(add_params_to_uri(uri, [("code", "a b")]))
    assert answered.netloc == "app.example"
    assert parse_qs(answered.query)["code"] == ["a b"]


@given(port=st.integers(min_value=1, max_value=65535))
def test_any_port_of_a_loopback_address(port: int) -> None:
    assert redirects.matches(LOOPBACK, f"http://127.0.0.1:{port}/callback")
    assert redirects.matches(LOOPBACK, f"http://[::1]:{port}/callback?a=b")
    assert redirects.matches(LOOPBACK, "http://127.0.0.1/callback")


@pytest.mark.parametrize(
    "uri",
    [
        "https://127.0.0.1/callback",
        "http://127.0.0.1/",
        "http://127.0.0.1/callback?a=b",
        "http://127.0.0.1/callback#x",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:123456/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1\\@evil.example/callback",
        "http://localhost/callback",
        "http://127.1/callback",
        "http://[::1]/callback",
        "http://[::ffff:127.0.0.1]/callback",
        "HTTP://127.0.0.1/callback",
        "http://127.0.0.1/callback\n",
    ],
)
def test_nothing_else_may_vary(uri: str) -> None:
    assert not redirects.matches(LOOPBACK, uri)


@given(st.text(), st.lists(st.text(), max_size=4))
def test_what_matches_elsewhere_is_the_same_text(requested: str, registered: list[str]) -> None:
    assert redirects.matches(registered, requested) == (requested in registered)
