import datetime

from msgspec.structs import replace

from functions.recommendations.mixes.cold import mixes
from functions.recommendations.model import KnownTrack, Opinion, PopularHere, Radio, Why
from shared.mixes import Kind
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


def chosen(name: str, numbers: range) -> Radio:
    """A radio of tracks that are not among the popular ones."""
    near = [KnownTrack(track_id(n), [artist_id(n)], n % 10 == 0, [], f"cover{n}") for n in numbers]
    return Radio(near, name)


def test_what_goes_with_their_choice_comes_first_and_says_so() -> None:
    radios = [chosen("Ann", range(1000, 1050)), chosen("Bob", range(2000, 2050))]
    discover = mixes("ada", "SE", POPULAR, DAY, {}, radios=radios)[0]
    assert discover.kind is Kind.discover_weekly
    told = [(track.why, track.about) for track in discover.tracks[: discover.size]]
    assert {why for why, _ in told} == {Why.because, Why.popular}
    assert 2 <= sum(why is Why.popular for why, _ in told) <= 5
    assert {about for why, about in told if why is Why.because} == {"Ann", "Bob"}
    number = {track_id(n): n for n in (*range(1000, 1050), *range(2000, 2050))}
    for track in discover.tracks:
        if track.why is Why.because:
            assert track.about == ("Ann" if number[track.id] < 2000 else "Bob")


def test_popularity_fills_up_what_their_choice_does_not() -> None:
    discover = mixes("ada", "SE", POPULAR, DAY, {}, radios=[chosen("Ann", range(1000, 1005))])[0]
    reasons = [track.why for track in discover.tracks[: discover.size]]
    assert len(reasons) == discover.size
    assert reasons.count(Why.because) == 5


def test_of_whom_there_is_no_radio_the_popular_tracks_are_there() -> None:
    more = {f"artist:{artist_id(7)}": Opinion.more}
    discover = mixes("ada", "SE", POPULAR, DAY, more)[0]
    theirs = [track for track in discover.tracks if artist_id(7) in track.artists]
    assert {track.why for track in theirs} == {Why.because}
    assert len(theirs) >= 2


def test_markets_and_opinions_count_for_their_choice_too() -> None:
    radio = Radio(
        [
            KnownTrack(track_id(1000), [artist_id(1000)], False, ["SE"], ""),
            KnownTrack(track_id(1001), [artist_id(1001)], False, [], ""),
            KnownTrack(track_id(1002), [artist_id(1002)], False, [], ""),
        ]
    )
    hidden = {f"artist:{artist_id(1001)}": Opinion.hide}
    made = mixes("ada", "US", POPULAR, DAY, hidden, radios=[radio])
    found = {track.id for mix in made for track in mix.tracks}
    assert track_id(1002) in found
    assert not {track_id(1000), track_id(1001)} & found


def test_nothing_popular_makes_nothing() -> None:
    assert mixes("ada", "SE", PopularHere(), DAY, {}) == []


def test_who_filters_gets_whole_mixes_of_what_is_not_explicit() -> None:
    radios = [chosen("Ann", range(1000, 1050))]
    bold = PopularHere([replace(each, explicit=n < 60) for n, each in enumerate(POPULAR.tracks)])
    explicit = {track_id(n) for n in (*range(60), *range(1000, 1050, 10))}
    everything = mixes("ada", "SE", bold, DAY, {}, radios=radios)
    assert {track.explicit for mix in everything for track in mix.tracks} == {True, False}
    assert all(
        track.explicit is (track.id in explicit) for mix in everything for track in mix.tracks
    )
    filtered = mixes("ada", "SE", bold, DAY, {}, radios=radios, explicit_filter=True)
    assert [mix.kind for mix in filtered] == [mix.kind for mix in everything]
    for mix in filtered:
        assert len(mix.tracks) >= mix.size
        assert explicit.isdisjoint(track.id for track in mix.tracks)
