from msgspec.structs import replace

from functions.catalog.albums import nothing_yet
from functions.catalog.availability import (
    NEVER,
    Reason,
    album_restriction,
    available_markets,
    common_markets,
    holds_until,
    restriction_of,
)
from functions.catalog.markets import MARKETS
from functions.catalog.model import Terms
from shared.audience import ANYBODY, Audience
from tests.unit.functions.catalog.factories import track

BEFORE, FIRST, BETWEEN, LAST = (f"2001-01-0{day}T00:00:00Z" for day in range(1, 5))
WINDOW = Terms(available_from=FIRST, available_until=LAST)
SWEDEN = Audience("SE")
FILTERED = Audience("SE", explicit_filter=True)
SONG = track()
ALBUM = replace(nothing_yet(SONG.album_id), tracks=[SONG])


def test_without_terms_everywhere_and_always() -> None:
    assert restriction_of(SONG, ALBUM, SWEDEN, BEFORE) is None
    assert available_markets(SONG.terms, ALBUM.terms, now=BEFORE) == MARKETS
    assert common_markets(SONG.terms, ALBUM.terms) == []
    assert holds_until(SONG.terms, ALBUM.terms, now=BEFORE) == NEVER


def test_both_the_track_and_the_album_have_to_allow_a_market() -> None:
    song = replace(SONG, terms=Terms(["DE", "SE"]))
    album = replace(ALBUM, terms=Terms(["SE", "US"]))
    allowed = {
        market: restriction_of(song, album, Audience(market), BEFORE)
        for market in ("DE", "SE", "US")
    }
    assert allowed == {"DE": Reason.market, "SE": None, "US": Reason.market}
    assert available_markets(song.terms, album.terms, now=BEFORE) == ["SE"]
    assert common_markets(song.terms, album.terms) == ["SE"]
    assert album_restriction(album, Audience("DE"), BEFORE) is Reason.market
    assert restriction_of(song, album, ANYBODY, BEFORE) is None


def test_a_window_is_open_from_its_first_moment_to_before_its_last() -> None:
    song = replace(SONG, terms=WINDOW)
    moments = {
        now: restriction_of(song, ALBUM, ANYBODY, now) for now in (BEFORE, FIRST, BETWEEN, LAST)
    }
    assert moments == {BEFORE: Reason.market, FIRST: None, BETWEEN: None, LAST: Reason.market}
    assert available_markets(WINDOW, now=BEFORE) == []
    assert available_markets(WINDOW, now=BETWEEN) == MARKETS


def test_when_what_holds_changes_next() -> None:
    ends = {now: holds_until(WINDOW, Terms(), now=now) for now in (BEFORE, FIRST, BETWEEN, LAST)}
    assert ends == {BEFORE: FIRST, FIRST: LAST, BETWEEN: LAST, LAST: NEVER}


def test_what_has_no_recording_is_no_ones_to_play() -> None:
    named = replace(SONG, playable=False)
    assert restriction_of(named, ALBUM, SWEDEN, BEFORE) is Reason.product


def test_what_is_explicit_is_not_for_who_filters_it() -> None:
    bold = replace(SONG, explicit=True)
    assert restriction_of(bold, ALBUM, FILTERED, BEFORE) is Reason.explicit
    assert restriction_of(bold, ALBUM, SWEDEN, BEFORE) is None
    assert restriction_of(SONG, ALBUM, FILTERED, BEFORE) is None


def test_the_filter_is_told_where_nothing_else_is_in_the_way() -> None:
    bold = replace(SONG, explicit=True)
    elsewhere = replace(bold, terms=Terms(["DE"]))
    assert restriction_of(elsewhere, ALBUM, FILTERED, BEFORE) is Reason.market
    assert restriction_of(replace(bold, playable=False), ALBUM, FILTERED, BEFORE) is Reason.product
    album = replace(ALBUM, tracks=[bold], terms=Terms(["DE"]))
    assert album_restriction(album, FILTERED, BEFORE) is Reason.market


def test_an_album_is_explicit_if_all_its_tracks_are() -> None:
    bold = replace(SONG, explicit=True)
    wholly, partly = replace(ALBUM, tracks=[bold, bold]), replace(ALBUM, tracks=[bold, SONG])
    assert album_restriction(wholly, FILTERED, BEFORE) is Reason.explicit
    assert album_restriction(wholly, SWEDEN, BEFORE) is None
    assert album_restriction(partly, FILTERED, BEFORE) is None
    assert album_restriction(replace(ALBUM, tracks=[]), FILTERED, BEFORE) is None
