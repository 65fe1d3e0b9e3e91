import datetime

from functions.recommendations.mixes.cold import mixes
from functions.recommendations.model import Kind, KnownTrack, Opinion, PopularHere, Why
from tests.unit.functions.recommendations.fakes import artist_id, track_id

DAY = datetime.date(2026, 11, 25)
POPULAR = PopularHere(
    [
        KnownTrack(track_id(n), [artist_id(n % 40)], False, ["SE"] if n % 2 else [], f"cover{n}")
        for n in range(120)
    ]
)


def test_a_newcomer_gets_what_is_popular() -> None:
    made = mixes("ada", "SE", POPULAR, DAY, {})
    assert [mix.kind for mix in made] == [Kind.discover_weekly, Kind.popular]
    assert {track.why for mix in made for track in mix.tracks} == {Why.popular}


def test_it_is_the_same_all_week_and_differs_from_others() -> None:
    made = mixes("ada", "SE", POPULAR, DAY, {})
    assert mixes("ada", "SE", POPULAR, DAY + datetime.timedelta(days=3), {}) == made
    assert mixes("ada", "SE", POPULAR, DAY + datetime.timedelta(days=7), {}) != made
    others = mixes("bob", "SE", POPULAR, DAY, {})
    assert [track.id for track in others[0].tracks] != [track.id for track in made[0].tracks]


def test_markets_and_opinions_count() -> None:
    hidden = {f"artist:{artist_id(2)}": Opinion.hide}
    for mix in mixes("ada", "US", POPULAR, DAY, hidden):
        for track in mix.tracks:
            assert artist_id(2) not in track.artists
            assert track.id in {track_id(n) for n in range(0, 120, 2)}


def test_nothing_popular_makes_nothing() -> None:
    assert mixes("ada", "SE", PopularHere(), DAY, {}) == []
