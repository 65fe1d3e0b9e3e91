import pytest

from functions.accounts.pages import security
from tests.unit.functions.accounts.pages.conftest import Browser

PAGES = [
    "/signup", "/signin", "/account/forgotten", "/consent?request=r1", "/consent?request=no",
    "/device", "/account", "/account/apps", "/account/apps/new", "/account/apps/none",
    "/account/delete", "/signout",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_answer_is_locked_down(browser: Browser, path: str, signed_in: bool) -> None:
    if signed_in:
        browser.sign_in()
    answer = browser.get(path)

    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def form_action(*targets: str) -> str:
    policy = security.headers(targets)["Content-Security-Policy"]
    return policy.rpartition("form-action ")[2]


@pytest.mark.parametrize(
    ("target", "source"),
    [
        ("https://night.example/callback?x=1", "https://night.example"),
        ("https://night.example:8443/", "https://night.example:8443"),
        ("http://127.0.0.1:4711/callback", "http://127.0.0.1:4711"),
        ("http://[::1]:4711/callback", "http:"),
        ("com.example.app://back", "com.example.app:"),
        ("https://a;script-src *//", ""),
        ("https://a'unsafe-inline'/", ""),
        ("https://*/", ""),
        ("https://a\r\nX: y/", ""),
        ("https://a b/", ""),
        ("https://[", ""),
        ("https://a:99999/", ""),
        ("", ""),
        ("/consent", ""),
    ],
)
def test_where_forms_may_lead_on_to(target: str, source: str) -> None:
    assert form_action(target) == f"'self' {source}".strip()
