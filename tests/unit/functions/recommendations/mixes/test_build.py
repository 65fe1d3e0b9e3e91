import dataclasses
import datetime
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.recommendations.mixes.build import DAILY_SIZE, SIZE, SPARE, Shelf, make
from functions.recommendations.mixes.listening import Fact, Listener, Taste, week_of
from functions.recommendations.model import Mix, Opinion, Why
from shared.mixes import Kind
from tests.unit.functions.recommendations.fakes import artist_id, fact, track_id

DAY = datetime.date(2026, 11, 25)
PLAYED = range(40)
UNPLAYED = range(40, 300)


def shelf_of(*changed: Fact, fresh: Sequence[str] = (), popular: Sequence[str] = ()) -> Shelf:
    """Three hundred tracks by a hundred artists."""
    facts = {track_id(n): fact(n, artist=n % 100, genres=[f"g{n % 4}"]) for n in range(300)}
    facts |= {each.id: each for each in changed}
    return Shelf(facts, fresh, popular)


def listener_of(**given: Any) -> Listener:
    values: dict[str, Any] = {
        "user": "ada",
        "country": "SE",
        "tastes": [Taste(track_id(n), 40.0 - n, recent=n % 5) for n in PLAYED],
        "ranked": [track_id(n) for n in UNPLAYED],
        **given,
    }
    return Listener(**values)


def mix_of(mixes: Sequence[Mix], kind: Kind) -> Mix:
    return next(mix for mix in mixes if mix.kind is kind)


def ids_of(mix: Mix) -> list[str]:
    return [track.id for track in mix.tracks]


def test_discover_weekly_holds_thirty_that_were_never_played() -> None:
    mix = mix_of(make(listener_of(), shelf_of(), DAY), Kind.discover_weekly)
    assert mix.size == SIZE == 30
    assert len(mix.tracks) == SIZE + SPARE
    assert not set(ids_of(mix)) & {track_id(n) for n in PLAYED}
    assert max(Counter(track.artists[0] for track in mix.tracks).values()) <= 2


def test_discover_weekly_is_kept_until_monday() -> None:
    monday = datetime.date(2026, 11, 30)
    before = make(listener_of(), shelf_of(), DAY)
    others = listener_of(ranked=[track_id(n) for n in range(150, 300)])
    sunday = make(others, shelf_of(), monday - datetime.timedelta(days=1), before)
    after = make(others, shelf_of(), monday, before)
    kinds = [mix_of(mixes, Kind.discover_weekly) for mixes in (before, sunday, after)]
    assert ids_of(kinds[0]) == ids_of(kinds[1])
    assert not set(ids_of(kinds[0])[:SIZE]) & set(ids_of(kinds[2])[:SIZE])
    assert kinds[2].id == kinds[0].id


def test_a_short_discover_weekly_grows_before_monday() -> None:
    short = make(listener_of(ranked=[track_id(50)]), shelf_of(), DAY)
    assert len(mix_of(short, Kind.discover_weekly).tracks) == 1
    grown = make(listener_of(), shelf_of(), DAY, short)
    assert len(mix_of(grown, Kind.discover_weekly).tracks) == SIZE + SPARE


def test_daily_mixes_are_familiar_and_new() -> None:
    mixes = [mix for mix in make(listener_of(), shelf_of(), DAY) if mix.kind is Kind.daily_mix]
    assert [mix.number for mix in mixes] == [1, 2, 3, 4]
    assert len({mix.id for mix in mixes}) == 4
    for mix in mixes:
        whys = Counter(track.why for track in mix.tracks[: mix.size])
        assert whys[Why.familiar] >= 4
        assert whys[Why.because] >= 4
        assert len(mix.tracks) <= DAILY_SIZE + SPARE
    heard = [each for mix in mixes for each in ids_of(mix)]
    assert len(heard) == len(set(heard))


def test_on_repeat_is_what_was_heard_most_of_late() -> None:
    mix = mix_of(make(listener_of(), shelf_of(), DAY), Kind.on_repeat)
    recent = {taste.track_id: taste.recent for taste in listener_of().tastes}
    assert {track.why for track in mix.tracks} == {Why.on_repeat}
    assert min(recent[each] for each in ids_of(mix)) == 2
    assert set(ids_of(mix)) == {id for id, times in recent.items() if times >= 2}


def test_release_radar_has_new_ones_of_the_artists_that_are_played() -> None:
    fresh = [track_id(n) for n in (105, 101, 290, 199)]
    mix = mix_of(make(listener_of(), shelf_of(fresh=fresh), DAY), Kind.release_radar)
    whys = {track.id: track.why for track in mix.tracks}
    assert whys[track_id(105)] == whys[track_id(101)] == Why.new_from
    assert whys[track_id(290)] is Why.because
    assert {track.about for track in mix.tracks if track.why is Why.new_from} == {
        "Artist 5",
        "Artist 1",
    }


def test_reasons_name_an_artist_that_they_play() -> None:
    mixes = make(listener_of(), shelf_of(), DAY)
    played = {f"Artist {n % 100}" for n in PLAYED}
    for mix in mixes:
        for track in mix.tracks:
            if track.why in {Why.because, Why.sounds_like}:
                assert track.about in played


def test_what_sound_speaks_for_says_so_in_every_mix() -> None:
    by_sound = frozenset(track_id(n) for n in UNPLAYED if n % 2)
    shelf = shelf_of(fresh=[track_id(n) for n in range(80, 100)])
    mixes = make(listener_of(by_sound=by_sound), shelf, DAY)
    for mix in mixes:
        for track in mix.tracks:
            if track.why in {Why.because, Why.sounds_like}:
                assert (track.why is Why.sounds_like) == (track.id in by_sound)
    for kind in (Kind.discover_weekly, Kind.daily_mix, Kind.release_radar):
        whys = {track.why for mix in mixes if mix.kind is kind for track in mix.tracks}
        assert {Why.because, Why.sounds_like} <= whys


def test_the_best_of_the_ranking_come_first_more_often() -> None:
    mix = mix_of(make(listener_of(), shelf_of(), DAY), Kind.discover_weekly)
    places = [UNPLAYED.index(n) for n in UNPLAYED if track_id(n) in set(ids_of(mix)[:SIZE])]
    assert sum(places) / len(places) < len(UNPLAYED) / 4


def test_what_is_hidden_is_in_no_mix() -> None:
    opinions = {
        f"artist:{artist_id(50)}": Opinion.hide,
        f"track:{track_id(3)}": Opinion.hide,
    }
    for mix in make(listener_of(opinions=opinions), shelf_of(), DAY):
        assert track_id(3) not in ids_of(mix)
        assert all(artist_id(50) not in track.artists for track in mix.tracks)


def test_what_is_not_offered_in_their_country_is_left_out() -> None:
    elsewhere = [fact(n, artist=n % 100, markets=["US"]) for n in range(40, 150)]
    there = {each.id for each in elsewhere}
    for mix in make(listener_of(), shelf_of(*elsewhere), DAY):
        assert not there & set(ids_of(mix))


def test_who_plays_nothing_explicit_is_given_nothing_explicit() -> None:
    bold = [fact(n, artist=n % 100, explicit=True) for n in range(40, 80)]
    explicit = {each.id for each in bold}
    for mix in make(listener_of(), shelf_of(*bold), DAY):
        assert not explicit & set(ids_of(mix))
    played = fact(0, explicit=True)
    mix = mix_of(make(listener_of(), shelf_of(*bold, played), DAY), Kind.discover_weekly)
    assert explicit & set(ids_of(mix))


def test_somebody_with_no_candidates_explores_what_is_popular() -> None:
    popular = [track_id(n) for n in range(250)]
    stranger = listener_of(ranked=[])
    mix = mix_of(make(stranger, shelf_of(popular=popular), DAY), Kind.discover_weekly)
    assert {track.why for track in mix.tracks} == {Why.popular}
    assert not set(ids_of(mix)) & {track_id(n) for n in PLAYED}


def test_gone_tracks_are_passed_over() -> None:
    facts = {id: each for id, each in shelf_of().facts.items() if id != track_id(41)}
    mixes = make(listener_of(), Shelf(facts, [track_id(999)], [track_id(998)]), DAY)
    assert all(track.id in facts for mix in mixes for track in mix.tracks)


def test_nothing_makes_nothing() -> None:
    assert make(Listener(user="new"), Shelf({}), DAY) == []


numbers = st.lists(st.integers(0, 299), unique=True, max_size=80)


@settings(max_examples=40, deadline=None)
@given(numbers, numbers, st.dates(datetime.date(2020, 1, 1)))
def test_mixes_hold_their_promises(
    played: list[int], candidates: list[int], day: datetime.date
) -> None:
    listener = listener_of(
        tastes=[Taste(track_id(n), 1.0 / (1 + at), recent=at % 4) for at, n in enumerate(played)],
        ranked=[track_id(n) for n in candidates if n not in set(played)],
    )
    mixes = make(listener, shelf_of(), day)
    assert mixes == make(listener, shelf_of(), day)
    known = {taste.track_id for taste in listener.tastes}
    for mix in mixes:
        assert mix.tracks
        assert len(set(ids_of(mix))) == len(mix.tracks) <= mix.size + SPARE
        if mix.kind in {Kind.discover_weekly, Kind.release_radar}:
            assert not known & set(ids_of(mix))
            assert mix.period == week_of(day).isoformat()


def test_a_mix_that_stays_for_the_week_learns_what_is_explicit_now() -> None:
    facts = {track_id(n): fact(n, artist=n) for n in range(80)}
    tastes = [Taste(track_id(n), 9.0) for n in range(5)]
    listener = Listener(user="ada", tastes=tastes, ranked=[track_id(n) for n in range(5, 80)])
    monday = make(listener, Shelf(facts), DAY)
    first = monday[0].tracks[0].id
    assert not any(track.explicit for track in monday[0].tracks)
    facts[first] = dataclasses.replace(facts[first], explicit=True)
    [tuesday, *_] = make(listener, Shelf(facts), DAY, monday)
    assert [track.id for track in tuesday.tracks] == [track.id for track in monday[0].tracks]
    assert [track.id for track in tuesday.tracks if track.explicit] == [first]
