import datetime

from functions.recommendations.mixes.build import Shelf, make
from functions.recommendations.mixes.listening import Listener, Taste
from functions.recommendations.model import Opinion, Why
from shared.mixes import Kind
from tests.unit.functions.recommendations.fakes import artist_id, fact, track_id

DAY = datetime.date(2026, 11, 25)
FACTS = {track_id(n): fact(n, artist=n // 5) for n in range(40)}
TASTES = [Taste(track_id(n), 10.0 - n) for n in range(10)]


def listener(**opinions: Opinion) -> Listener:
    said = {key.replace("_", ":", 1): opinion for key, opinion in opinions.items()}
    return Listener(user="ada", tastes=TASTES, opinions=said)


def test_what_they_like_comes_best_first() -> None:
    tastes = [*TASTES, Taste(track_id(20), 0.0)]
    found = Listener(user="ada", tastes=tastes).liked(FACTS)
    assert found == [track_id(n) for n in range(10)]


def test_what_they_want_more_of_comes_before_all_else() -> None:
    wanted = listener(
        **{f"artist_{artist_id(1)}": Opinion.more, f"artist_{artist_id(0)}": Opinion.less}
    )
    assert wanted.liked(FACTS) == [track_id(n) for n in (5, 6, 7, 8, 9, 0, 1, 2, 3, 4)]
    assert wanted.wanted_artists == {artist_id(1)}
    one = listener(**{f"track_{track_id(4)}": Opinion.more})
    assert one.liked(FACTS)[:2] == [track_id(4), track_id(0)]
    assert one.wanted_artists == set()


def test_new_releases_of_an_artist_whom_they_want_more_of() -> None:
    shelf = Shelf(FACTS, fresh=[track_id(n) for n in (30, 31, 35)])
    kinds = [mix.kind for mix in make(listener(), shelf, DAY)]
    assert Kind.release_radar not in kinds
    wanted = listener(**{f"artist_{artist_id(6)}": Opinion.more})
    [radar] = [mix for mix in make(wanted, shelf, DAY) if mix.kind is Kind.release_radar]
    assert {track.id for track in radar.tracks} == {track_id(30), track_id(31)}
    assert {track.why for track in radar.tracks} == {Why.new_from}
