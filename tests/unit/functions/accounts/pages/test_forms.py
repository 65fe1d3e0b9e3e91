import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.pages.forms import HOME, next_path
from tests.unit.functions.accounts.pages.conftest import Browser


@pytest.mark.parametrize("path", ["/account", "/authorize?client_id=a&state=%2F%2Fx", "/device"])
def test_paths_of_this_site(path: str) -> None:
    assert next_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None, "", "account", "https://evil.example/", "//evil.example/", "/\\evil.example/",
        "javascript:alert(1)",
        "\\\\evil.example", "/\t/evil.example/", "/\n/evil.example", " /account",
        "/account\r\nSet-Cookie: a=b", "///evil.example", "/\u2044/evil.example", "/" + "a" * 5000,
    ],
)  # fmt: skip
def test_anything_else_leads_home(path: str | None) -> None:
    assert next_path(path) == HOME


@given(st.text(alphabet="/\\:.@a?#\t\n %", max_size=12))
def test_never_another_site(path: str) -> None:
    """What a browser makes of the location, read as the URL standard reads it."""
    location = next_path(path).replace("\\", "/")
    assert location.startswith("/")
    assert not location.startswith("//")
    assert not set("\t\n\r ") & set(location)


def form(browser: Browser, body: bytes, content_type: str) -> int:
    headers = {"Content-Type": content_type}
    return browser.client.post("/signin", content=body, headers=headers).status_code


URLENCODED = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"email=" + b"a" * 1_000_000, URLENCODED, 413),
        (b"email=a&email=b", URLENCODED, 400),
        (b"email=%ff", URLENCODED, 400),
        (b"email=\xff", URLENCODED, 400),
        (b"email=%00", URLENCODED, 400),
        (b"&".join(b"f%d=" % number for number in range(60)), URLENCODED, 400),
        (b'{"email": "a"}', "application/json", 415),
        (b"--b\r\n\r\n--b--", "multipart/form-data; boundary=b", 415),
        (b"", "", 415),
    ],
)
def test_forms_that_are_none(browser: Browser, body: bytes, content_type: str, status: int) -> None:
    assert form(browser, body, content_type) == status
