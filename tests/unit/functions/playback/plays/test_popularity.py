import datetime

from hypothesis import given
from hypothesis import strategies as st

from functions.playback.plays.popularity import popularity

TODAY = datetime.date(2026, 11, 23)
DAYS = st.dictionaries(
    st.integers(0, 400).map(lambda days: (TODAY - datetime.timedelta(days)).isoformat()),
    st.integers(1, 10**9),
)


@given(DAYS, st.integers(0, 1000))
def test_bounds_and_time(days: dict[str, int], later: int) -> None:
    now = popularity(days, TODAY)
    assert 0 <= now <= 100
    assert popularity(days, TODAY + datetime.timedelta(later)) <= now


@given(DAYS, st.integers(1, 10**6))
def test_more_plays_are_never_less_popular(days: dict[str, int], more: int) -> None:
    today = TODAY.isoformat()
    assert popularity({**days, today: days.get(today, 0) + more}, TODAY) >= popularity(days, TODAY)


def test_the_scale() -> None:
    def of(plays: int, *, days_ago: int = 0) -> int:
        return popularity({(TODAY - datetime.timedelta(days_ago)).isoformat(): plays}, TODAY)

    assert [of(0), of(1), of(10), of(1000), of(100_000), of(10**9)] == [0, 6, 21, 60, 100, 100]
    assert of(2000, days_ago=14) == of(1000)
    assert of(10**9, days_ago=121) == 0
