from hypothesis import given
from hypothesis import strategies as st

from functions.playback.plays import history
from functions.playback.plays.history import MOST_RECENT, Cursor
from functions.playback.plays.journal import Entry, entry_of, pack, unpack
from tests.unit.functions.playback.plays.fakes import play, track_id

ENTRIES = st.lists(st.integers(0, 2000), unique=True, max_size=700).map(
    lambda numbers: [entry_of(play(number)) for number in sorted(numbers, reverse=True)]
)


@given(ENTRIES, st.integers(1, 50))
def test_paging_back_meets_every_play_once(newest_first: list[Entry], limit: int) -> None:
    met: list[Entry] = []
    cursor = Cursor()
    while True:
        page = history.recent(newest_first, cursor, limit)
        met += page.entries
        if not page.more:
            break
        cursor = Cursor(before_ms=page.entries[-1].started_at // 1000)
    assert met == newest_first[:MOST_RECENT]


@given(ENTRIES, st.integers(1, 50))
def test_going_on_misses_nothing_that_came_since(newest_first: list[Entry], limit: int) -> None:
    met: list[Entry] = []
    after_ms = 0
    while True:
        page = history.recent(newest_first, Cursor(after_ms=after_ms), limit)
        met = page.entries + met
        if not page.entries:
            break
        after_ms = page.entries[0].started_at // 1000
    assert met == newest_first[:MOST_RECENT]


@given(ENTRIES)
def test_a_day_is_unpacked_as_it_was_packed(entries: list[Entry]) -> None:
    assert unpack(pack(entries)) == entries


def test_the_newest_play_says_where_to_go_on() -> None:
    def heard(number: int, **given: object) -> Entry:
        return entry_of(play(number, **given))  # type: ignore[arg-type]  # fields of a play

    newest_first = [
        heard(9, track=1, end_position_ms=60_000, reason_end="stopped"),
        heard(8, track=1, end_position_ms=90_000, reason_end="stopped"),
        heard(7, track=2, end_position_ms=175_000, reason_end="skipped"),
        heard(6, track=3, end_position_ms=5_000, reason_end="finished"),
        heard(5, track=4, end_position_ms=10, reason_end="lost", counted=False),
    ]
    points = history.resume_points(newest_first, [track_id(n) for n in (1, 2, 3, 4, 5)])

    assert {id: (point.position_ms, point.finished) for id, point in points.items()} == {
        track_id(1): (60_000, False),
        track_id(2): (0, True),
        track_id(3): (0, True),
        track_id(4): (10, False),
    }
    assert points[track_id(1)].played_at == newest_first[0].started_at


def test_tops_are_stable() -> None:
    assert history.top([("b", 2), ("a", 1), ("c", 2), ("a", 1)]) == ["a", "b", "c"]
    assert history.top([("b", 2), ("a", 3)], most=1) == ["a"]
