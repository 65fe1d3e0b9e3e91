import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.privacy.links import LIFETIME, DownloadLinks

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
EXPORT = "0" * 22


def links(secret: str = "secret", at: datetime.datetime = NOW) -> DownloadLinks:
    return DownloadLinks(secret, public_url="https://music.example", now=lambda: at)


def parts(url: str) -> tuple[str, str]:
    query = parse_qs(urlsplit(url).query)
    return query["expires"][0], query["signature"][0]


def test_a_link_holds_for_ten_minutes() -> None:
    url = links().make(EXPORT)
    assert url.startswith(f"https://music.example/v1/me/export/{EXPORT}/download?")
    expires, signature = parts(url)
    assert links().holds(EXPORT, expires, signature)
    almost = NOW + LIFETIME - datetime.timedelta(seconds=1)
    assert links(at=almost).holds(EXPORT, expires, signature)
    assert not links(at=NOW + LIFETIME).holds(EXPORT, expires, signature)


def test_a_link_opens_nothing_else() -> None:
    expires, signature = parts(links().make(EXPORT))
    assert not links().holds("1" * 22, expires, signature)
    assert not links().holds(EXPORT, str(int(expires) + 1), signature)
    assert not links("other").holds(EXPORT, expires, signature)


@pytest.mark.parametrize("expires", ["", "-1", "1e9", "٣", "9" * 500, "nan", "'; --", "\0", " 1"])
def test_an_expiry_that_is_none_is_refused(expires: str) -> None:
    _, signature = parts(links().make(EXPORT))
    assert not links().holds(EXPORT, expires, signature)


@given(st.text(max_size=80))
def test_a_guessed_signature_is_refused(signature: str) -> None:
    expires, _ = parts(links().make(EXPORT))
    assert not links().holds(EXPORT, expires, signature)
