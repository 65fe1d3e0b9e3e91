import contextlib
import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog import checks
from functions.catalog.checks import Invalid


def test_texts_are_one_line() -> None:
    assert checks.name("name", "  Tab\there \n") == "Tab here"
    assert checks.line("label", "") == ""
    for bad in ("", " \n", "a\x00b", "\ud800", "x" * 501):
        with pytest.raises(Invalid, match="name"):
            checks.name("name", bad)


@given(st.text(max_size=600))
@settings(deadline=None)
def test_a_name_is_taken_as_it_will_be_kept_or_not_at_all(text: str) -> None:
    with contextlib.suppress(Invalid):
        kept = checks.name("name", text)
        assert kept
        assert checks.name("name", kept) == kept
        kept.encode()


def test_codes_are_written_one_way() -> None:
    assert checks.isrc("isrc", "se-abc-99-00001") == "SEABC9900001"
    assert checks.upc("upc", "0 12345-678905") == "012345678905"
    assert (checks.isrc("isrc", ""), checks.upc("upc", "")) == ("", "")
    for bad in ("SEABC990001", "SEABC99000012", "1EABC9900001", "\uff33EABC9900001"):
        with pytest.raises(Invalid, match="isrc"):
            checks.isrc("isrc", bad)
    for bad in ("1234567", "123456789012345", "12345678x"):
        with pytest.raises(Invalid, match="upc"):
            checks.upc("upc", bad)


def test_markets_are_sorted_and_known() -> None:
    assert checks.markets("markets", ["US", "DE", "US"]) == ["DE", "US"]
    for bad in ("us", "XX", ""):
        with pytest.raises(Invalid, match="markets"):
            checks.markets("markets", [bad])


ZONES = st.integers(-1439, 1439).map(
    lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes))
)


@given(st.datetimes(timezones=ZONES))
@settings(deadline=None)
def test_times_sort_as_texts(moment: datetime.datetime) -> None:
    try:
        text = checks.time("available_from", moment.isoformat())
    except Invalid:
        return
    assert datetime.datetime.fromisoformat(text) == moment.replace(microsecond=0)
    later = checks.time("x", "9999-12-30T00:00:00Z")
    assert len(text) == len(later) == 20


@pytest.mark.parametrize("text", ["2001", "soon", "2001-01-01T00:00:00", "0001-01-01T00:00+23:00"])
def test_what_is_no_time_in_a_zone_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="available_from"):
        checks.time("available_from", text)


def test_a_window_ends_after_it_begins() -> None:
    checks.window("", "2001-01-01T00:00:00Z")
    checks.window("2001-01-01T00:00:00Z", "2001-01-01T00:00:01Z")
    with pytest.raises(Invalid, match="available_until"):
        checks.window("2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z")


def test_release_dates_are_as_long_as_they_are_known() -> None:
    for text in ("1999", "1999-03", "1999-03-12"):
        assert checks.release_date("release_date", text).date == text
    assert checks.release_date("release_date", "").date == "0000"
    for bad in ("99", "1999-3", "1999-13", "1999-02-30", "1999-03-12T00:00:00Z", "19990312"):
        with pytest.raises(Invalid, match="release_date"):
            checks.release_date("release_date", bad)
