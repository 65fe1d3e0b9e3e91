from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.playback.plays import report
from functions.playback.plays.report import KnownTrack, Refused
from shared.events import Play
from shared.tokens import Caller
from tests.unit.functions.playback.plays.fakes import NOW_MS, track_id

CALLER = Caller("u", "app", frozenset(), plan="premium", country="SE")
KNOWN = {track_id(1): KnownTrack(180_000, "album")}
DAY_MS = 24 * 3600 * 1000


def reported(**given: Any) -> dict[str, Any]:
    return {
        "play_id": "p1",
        "track_id": track_id(1),
        "started_at": NOW_MS - 300_000,
        "ms_played": 180_000,
        "end_position_ms": 180_000,
        "reason_end": "finished",
        **given,
    }


def taken(*batch: Any) -> tuple[list[Play], list[Refused]]:
    raws = [msgspec.Raw(msgspec.json.encode(each)) for each in batch]
    return report.plays_of(report.read(raws, NOW_MS), KNOWN, CALLER, NOW_MS)


def test_what_is_published() -> None:
    [play], refused = taken(reported(seeks=2, context_uri="spotify:album:x", offline=True))

    assert refused == []
    assert play.started_at == (NOW_MS - 300_000) * 1000
    assert play.received_at == NOW_MS * 1000
    assert (play.user_id, play.app, play.plan, play.country) == ("u", "app", "premium", "SE")
    assert (play.album_id, play.duration_ms, play.counted) == ("album", 180_000, True)
    assert (play.seeks, play.offline, play.reason_end) == (2, True, "finished")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"play_id": ""}, "invalid play_id"),
        ({"play_id": "a b"}, "invalid play_id"),
        ({"play_id": "x" * 65}, "invalid play_id"),
        ({"track_id": "../../etc"}, "invalid track_id"),
        ({"track_id": track_id(2)}, "unknown track"),
        ({"started_at": NOW_MS + 5 * 60_000 + 1, "ms_played": 0}, "future"),
        ({"started_at": NOW_MS - 30 * DAY_MS - 1}, "too old"),
        ({"start_position_ms": -1}, "negative position"),
        ({"end_position_ms": -1}, "negative position"),
        ({"ms_played": -1}, "impossible duration"),
        ({"ms_played": DAY_MS + 1, "started_at": NOW_MS - 3 * DAY_MS}, "impossible duration"),
        ({"seeks": -1}, "impossible duration"),
        ({"started_at": NOW_MS, "ms_played": 301_000, "seeks": 5}, "impossible duration"),
        ({"ms_played": 190_000}, "impossible duration"),
        ({"end_position_ms": 190_000}, "impossible position"),
        ({"reason_end": "bored"}, "malformed"),
        ({"context_uri": "x" * 513}, "malformed"),
        ({"ms_played": "1"}, "malformed"),
        ({"ms_played": 2**70}, "malformed"),
        ({"started_at": 1.5}, "malformed"),
        ({"start_position_ms": 10**12}, "impossible position"),
    ],
)
def test_what_is_refused_leaves_the_others(given: dict[str, Any], reason: str) -> None:
    plays, [refused] = taken(reported(play_id="a"), reported(**given), reported(play_id="b"))

    assert [play.play_id for play in plays] == ["a", "b"]
    assert refused.index == 1
    assert refused.reason.startswith(reason)
    assert len(refused.play_id) <= 64


@pytest.mark.parametrize(
    "given",
    [
        {"started_at": NOW_MS + 5 * 60_000, "ms_played": 0},
        {"started_at": NOW_MS - 30 * DAY_MS},
        {"ms_played": 184_999},
        {"ms_played": 299_000, "seeks": 1},
        {"play_id": "123e4567-e89b-12d3-a456-426614174000"},
    ],
)
def test_what_is_just_allowed(given: dict[str, Any]) -> None:
    plays, refused = taken(reported(**given))
    assert (len(plays), refused) == (1, [])


def test_the_same_play_twice_in_a_batch() -> None:
    plays, [refused] = taken(reported(), reported())
    assert len(plays) == 1
    assert (refused.index, refused.play_id) == (1, "p1")
    assert refused.reason.startswith("duplicate")


def test_a_refused_play_does_not_stand_in_the_way_of_its_repair() -> None:
    plays, [refused] = taken(reported(end_position_ms=-1), reported())
    assert [play.end_position_ms for play in plays] == [180_000]
    assert refused.index == 0


@pytest.mark.parametrize(
    ("ms_played", "duration_ms", "counted"),
    [
        (29_999, 180_000, False),
        (30_000, 180_000, True),
        (14_999, 30_000, False),
        (15_000, 30_000, True),
        (0, 0, False),
        (29_999, 0, False),
    ],
)
def test_half_a_minute_or_half_of_the_track(
    ms_played: int, duration_ms: int, counted: bool
) -> None:
    assert report.counts(ms_played, duration_ms) is counted


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["play_id", "track_id", "started_at", "ms_played", "seeks", "context_uri", "reason_end"]


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON).map(lambda d: reported(**d)) | JSON))
def test_every_play_is_either_taken_or_refused(batch: list[Any]) -> None:
    plays, refused = taken(*batch)
    assert len(plays) + len(refused) == len(batch)
    assert [each.index for each in refused] == sorted({each.index for each in refused})
    msgspec.json.encode([plays, refused])
