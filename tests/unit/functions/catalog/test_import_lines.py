import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog.checks import Invalid
from functions.catalog.import_lines import LONGEST_LINE, AlbumLine, TrackLine, parse, track_of
from functions.catalog.model import ArtistRef
from shared import ids

ARTIST, ALBUM, TRACK = (ids.derive(kind) for kind in ("artist", "album", "track"))
LINES: dict[str, dict[str, Any]] = {
    "artist": {"type": "artist", "id": ARTIST, "name": "Artist"},
    "album": {"type": "album", "id": ALBUM, "name": "Album", "artists": [ARTIST]},
    "track": {
        "type": "track",
        "id": TRACK,
        "name": "Track",
        "album": ALBUM,
        "artists": [ARTIST],
        "duration_ms": 1,
    },
}


def written(of: str, **fields: Any) -> bytes:
    return json.dumps(LINES[of] | fields).encode()


def test_the_least_that_a_line_says() -> None:
    for type in LINES:
        assert parse(written(type)).id == LINES[type]["id"]


def test_everything_is_written_one_way() -> None:
    line = parse(
        written(
            "track",
            name=" A  track ",
            genres=["Pop", "pop"],
            isrc="se-abc-99-00001",
            markets=["US", "DE"],
            artists=[ARTIST, ARTIST],
            available_from="2001-01-01T00:00:00+01:00",
        )
    )
    assert isinstance(line, TrackLine)
    track = track_of(line, [ArtistRef(ARTIST, "Artist")])
    assert (track.name, track.genres, track.isrc) == ("A track", ["pop"], "SEABC9900001")
    assert (track.terms.markets, track.terms.available_from) == (
        ["DE", "US"],
        "2000-12-31T23:00:00Z",
    )
    assert (track.imported, track.playable, track.media, line.artists) == (
        True,
        False,
        None,
        [ARTIST],
    )
    album = parse(written("album", upc="0 12345-678905", release_date="1999-03"))
    assert isinstance(album, AlbumLine)
    assert album.upc == "012345678905"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (b"[" * 50_000, "expected"),
        (b"[]", "expected"),
        (b"{}", "type"),
        (b" " * (LONGEST_LINE + 1), "longer than"),
        (written("artist", type="playlist"), "type"),
        (written("artist", id="x"), "id: 'x' is not an id"),
        (written("artist", name=1), "name: expected `str`"),
        (written("artist", nmae="x"), "nmae"),
        (written("artist", popularity=101), "popularity"),
        (written("album", artists=[]), "artists"),
        (written("album", artists=["x"]), "artists: 'x' is not an id"),
        (written("album", album_type="ep"), "album_type"),
        (written("album", release_date="soon"), "release_date"),
        (written("album", upc="12"), "upc"),
        (written("track", album="x"), "album: 'x' is not an id"),
        (written("track", duration_ms=0), "duration_ms"),
        (written("track", isrc="12"), "isrc"),
        (written("track", markets=["XX"]), "markets"),
        (written("track", name="\ud800"), "not valid JSON"),
        (
            written(
                "track",
                available_from="2001-01-01T00:00:00Z",
                available_until="2000-01-01T00:00:00Z",
            ),
            "available_until",
        ),
    ],
)
def test_what_is_wrong_is_said(line: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(line)
    assert reason in str(refused.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(ARTIST),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted({name for line in (TrackLine, AlbumLine) for name in line.__struct_fields__})


@given(
    st.sampled_from(sorted(LINES)),
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4),
)
@settings(deadline=None)
def test_a_line_is_taken_as_it_will_be_kept_or_refused(type: str, fields: dict[str, Any]) -> None:
    text = json.dumps(LINES[type] | fields).encode("utf-8", "surrogatepass")
    with contextlib.suppress(Invalid):
        line = parse(text)
        assert parse(msgspec.json.encode(line)) == line


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_are_a_line_or_refused(text: bytes) -> None:
    with contextlib.suppress(Invalid):
        parse(text)
