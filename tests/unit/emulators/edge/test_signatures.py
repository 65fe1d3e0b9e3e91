"""Cloud CDN's signatures, as the edge checks them."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.edge.signatures import Refused, check
from functions.playback.streams.signing import SigningKey, signed_cookie, signed_query

KEY = SigningKey("cadenza-1", bytes(range(16)))
OTHER = SigningKey("cadenza-2", bytes(range(1, 17)))
KEYS = {KEY.name: KEY.secret, OTHER.name: OTHER.secret}
PREFIX = "https://cadenza.example/media/4uLU6hMCjMI75M1A2tKUQC/17/"
URL = f"{PREFIX}master.m3u8"
EXPIRES = 2_000_000_000
BEFORE = EXPIRES - 1.0

# The key, addresses and signatures that Google's own samples for Cloud CDN are tested with.
GOOGLES = {"my-key": base64.urlsafe_b64decode("nZtRohdNF9m3cKM24IcK4w==")}
GOOGLES_TIME = 1549751401


@pytest.mark.parametrize(
    ("url", "cookie"),
    [
        (
            "http://35.186.234.33/index.html?Expires=1549751401&KeyName=my-key"
            "&Signature=CRFqQnVfFyiUyR63OQf-HRUpIwc=",
            None,
        ),
        (
            "http://www.example.com/?Expires=1549751401&KeyName=my-key"
            "&Signature=OqDUFfHpN5Vxga6r80bhsgxKves=",
            None,
        ),
        (
            "http://www.example.com/some/path?some=query&another=param"
            "&URLPrefix=aHR0cDovL3d3dy5leGFtcGxlLmNvbS9zb21lLw==&Expires=1549751401"
            "&KeyName=my-key&Signature=3th4ThmpS95I1TAKYyYSCSq3dnQ=",
            None,
        ),
        (
            "http://35.186.234.33/index.html",
            "URLPrefix=aHR0cDovLzM1LjE4Ni4yMzQuMzMvaW5kZXguaHRtbA==:Expires=1549751401"
            ":KeyName=my-key:Signature=uImwlOBCPs91mlCyG9vyyZRrNWU=",
        ),
        (
            "http://www.example.com/foo/bar",
            "URLPrefix=aHR0cDovL3d3dy5leGFtcGxlLmNvbS9mb28v:Expires=1549751401"
            ":KeyName=my-key:Signature=Z9uYAu73YHioRScZDxnP-TnS274=",
        ),
    ],
)
def test_googles_own_signatures_hold(url: str, cookie: str | None) -> None:
    check(url, cookie, GOOGLES, GOOGLES_TIME - 1)
    with pytest.raises(Refused, match="expired"):
        check(url, cookie, GOOGLES, GOOGLES_TIME)


def refused(url: str, cookie: str | None = None, now: float = BEFORE) -> str:
    with pytest.raises(Refused) as error:
        check(url, cookie, KEYS, now)
    return str(error.value)


@pytest.mark.parametrize("key", [KEY, OTHER])
def test_what_the_playback_service_signs_opens_the_prefix(key: SigningKey) -> None:
    check(URL, signed_cookie(key, PREFIX, EXPIRES), KEYS, BEFORE)
    check(f"{URL}?{signed_query(key, PREFIX, EXPIRES)}", None, KEYS, BEFORE)


@given(st.text("abcdefgh/.-_0123456789", max_size=30))
def test_a_signature_opens_just_what_is_under_its_prefix(path: str) -> None:
    cookie = signed_cookie(KEY, PREFIX, EXPIRES)
    check(PREFIX + path, cookie, KEYS, BEFORE)
    assert "another address" in refused(f"https://cadenza.example/media/{path}", cookie)


def test_a_signed_query_goes_with_parameters_around_it() -> None:
    query = signed_query(KEY, PREFIX, EXPIRES)
    for around in (f"before=1&{query}", f"{query}&after=1", f"a&{query}&b"):
        check(f"{URL}?{around}", None, KEYS, BEFORE)


def test_other_hosts_schemes_and_prefixes_stay_closed() -> None:
    cookie = signed_cookie(KEY, PREFIX, EXPIRES)
    for url in (
        URL.replace("https", "http"),
        URL.replace("cadenza.example", "cadenza.example.org"),
        URL.replace("/17/", "/18/"),
        PREFIX.rstrip("/"),
        f"https://other.example/?{PREFIX}",
    ):
        assert "another address" in refused(url, cookie)


def test_nothing_is_open_without_a_signature() -> None:
    assert "not signed" in refused(URL)
    assert "not signed" in refused(f"{URL}?Expires={EXPIRES}&KeyName={KEY.name}")


def test_it_ends_at_the_second() -> None:
    cookie = signed_cookie(KEY, PREFIX, EXPIRES)
    check(URL, cookie, KEYS, EXPIRES - 0.001)
    assert "expired" in refused(URL, cookie, now=EXPIRES)
    query = signed_query(KEY, PREFIX, EXPIRES)
    assert "expired" in refused(f"{URL}?{query}", now=EXPIRES)


def test_another_secret_under_a_known_name_is_refused() -> None:
    forged = SigningKey(KEY.name, OTHER.secret)
    assert "does not match" in refused(URL, signed_cookie(forged, PREFIX, EXPIRES))
    assert "does not match" in refused(f"{URL}?{signed_query(forged, PREFIX, EXPIRES)}")


def test_an_unknown_key_is_refused() -> None:
    unknown = SigningKey("unknown", KEY.secret)
    assert "no such key" in refused(URL, signed_cookie(unknown, PREFIX, EXPIRES))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"Expires={EXPIRES}", f"Expires={EXPIRES + 1}"),
        (f"KeyName={KEY.name}", f"KeyName={OTHER.name}"),
        (
            base64.urlsafe_b64encode(PREFIX.encode()).decode(),
            base64.urlsafe_b64encode(b"https://cadenza.example/").decode(),
        ),
    ],
)
def test_no_field_may_be_changed(old: str, new: str) -> None:
    cookie = signed_cookie(KEY, PREFIX, EXPIRES)
    assert old in cookie
    assert "does not match" in refused(URL, cookie.replace(old, new))
    query = signed_query(KEY, PREFIX, EXPIRES)
    assert "does not match" in refused(f"{URL}?{query.replace(old, new)}")


@given(st.integers(0, 10_000), st.characters(codec="ascii", categories=["L", "N", "P"]))
def test_no_character_of_a_cookie_may_be_changed(at: int, character: str) -> None:
    cookie = signed_cookie(KEY, PREFIX, EXPIRES)
    # The last character of each base64 word carries bits that are not part of the value.
    signed = cookie[: cookie.rindex("=") - 1]
    at %= len(signed)
    if signed[at] != character:
        refused(URL, signed[:at] + character + cookie[at + 1 :])


@given(st.text(max_size=80))
def test_nonsense_is_refused(text: str) -> None:
    refused(URL, text)
    refused(f"{URL}?Signature={text}")


@pytest.mark.parametrize("field", ["URLPrefix", "Signature"])
@pytest.mark.parametrize("value", ["a", "é=", "=", "٣"])
def test_base64_that_is_none_is_refused(field: str, value: str) -> None:
    cookie = signed_cookie(KEY, PREFIX, EXPIRES)
    parts = [f"{field}={value}" if p.startswith(field) else p for p in cookie.split(":")]
    refused(URL, ":".join(parts))


def test_a_cookies_separator_is_not_a_querys() -> None:
    refused(URL, signed_query(KEY, PREFIX, EXPIRES))
    refused(f"{URL}?{signed_cookie(KEY, PREFIX, EXPIRES)}")


def test_a_signed_query_is_looked_at_first() -> None:
    cookie = signed_cookie(KEY, PREFIX, EXPIRES)
    expired = signed_query(KEY, PREFIX, EXPIRES - 100)
    assert "expired" in refused(f"{URL}?{expired}", cookie)


def exact(url: str, separator: str) -> str:
    policy = f"{url}{separator}Expires={EXPIRES}&KeyName={KEY.name}"
    digest = hmac.new(KEY.secret, policy.encode(), hashlib.sha1).digest()
    return f"{policy}&Signature={base64.urlsafe_b64encode(digest).decode()}"


def test_a_signed_url_opens_that_url_alone() -> None:
    signed = exact(URL, "?")
    check(signed, None, KEYS, BEFORE)
    check(exact(f"{URL}?user=1", "&"), None, KEYS, BEFORE)
    assert "does not match" in refused(signed.replace("master", "other"))
    assert "malformed" in refused(f"{signed}&more=1")
    assert "expired" in refused(signed, now=EXPIRES)
