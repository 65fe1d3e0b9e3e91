from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.catalog.model import Terms
from functions.catalog.popular import PopularTracks
from functions.catalog.recommender import Pool, Ranking, Seed, Wish, rank
from functions.catalog.shelves import Row
from shared import ids
from shared.audience import Audience
from shared.events import Features
from tests.unit.functions.catalog.browsing import MEASURED, row, tracks_of

QUIET = replace(MEASURED, energy=0.1, acousticness=0.9, tempo=70.0, loudness=-25.0)
LOUD = replace(MEASURED, energy=0.95, acousticness=0.05, tempo=160.0, loudness=-6.0)
MIXED = tracks_of(
    row("quiet 1", features=QUIET, genres=["folk"], by=["Ann"]),
    row("quiet 2", features=QUIET, genres=["folk"], by=["Bob"]),
    row("loud 1", features=LOUD, genres=["metal"], by=["Cid"]),
    row("loud 2", features=LOUD, genres=["metal"], by=["Dan"]),
    row("unheard", features=Features(), genres=["folk"], by=["Eve"]),
)


def track_seed(name: str) -> Seed:
    return Seed("track", ids.derive("track", name))


def artist_seed(name: str) -> Seed:
    return Seed("artist", ids.derive("artist", name))


def ranked(*seeds: Seed, tracks: PopularTracks = MIXED, **wish: Any) -> Ranking:
    return rank(tracks, Wish(seeds, **wish))


def names(ranking: Ranking, *among: str) -> list[str]:
    by_id = {ids.derive("track", name): name for name in among}
    return [by_id[track_id] for track_id in ranking.tracks]


ALL = ("quiet 1", "quiet 2", "loud 1", "loud 2", "unheard")


def test_what_sounds_like_a_track_comes_first_and_not_the_track_itself() -> None:
    assert names(ranked(track_seed("quiet 1")), *ALL)[:1] == ["quiet 2"]
    assert names(ranked(track_seed("loud 1")), *ALL)[:1] == ["loud 2"]
    assert "quiet 1" not in names(ranked(track_seed("quiet 1")), *ALL)


def test_a_genre_is_its_own_tracks_only() -> None:
    ranking = ranked(Seed("genre", "metal"))
    assert set(names(ranking, *ALL)) == {"loud 1", "loud 2"}
    assert ranking.pools == [Pool(2, 2, 2)]


def test_an_artists_own_tracks_come_first() -> None:
    assert names(ranked(artist_seed("Cid")), *ALL)[:2] == ["loud 1", "loud 2"]


def test_what_was_not_measured_can_still_share_a_genre() -> None:
    assert "unheard" in names(ranked(Seed("genre", "folk")), *ALL)


def test_seeds_together() -> None:
    ranking = ranked(Seed("genre", "metal"), Seed("genre", "folk"))
    assert len(ranking.tracks) == 5
    assert ranking.pools == [Pool(2, 2, 2), Pool(3, 3, 3)]


def test_limits_are_hard_and_what_was_not_measured_is_within_none() -> None:
    ranking = ranked(Seed("genre", "folk"), least={"energy": 0.0}, most={"tempo": 100.0})
    assert set(names(ranking, *ALL)) == {"quiet 1", "quiet 2"}
    assert ranking.pools == [Pool(3, 2, 2)]
    assert ranked(Seed("genre", "folk"), least={"energy": 0.2}).tracks == []


@pytest.mark.parametrize(("target", "first"), [(0.0, "quiet"), (1.0, "loud")])
def test_targets_decide_between_them(target: float, first: str) -> None:
    seeds = (Seed("genre", "metal"), Seed("genre", "folk"))
    found = names(ranked(*seeds, target={"energy": target}), *ALL)
    assert [name.startswith(first) for name in found[:2]] == [True, True]


def test_markets() -> None:
    limited = tracks_of(
        row("here", genres=["folk"], terms=Terms(markets=["SE"])), row("all", genres=["folk"])
    )
    ranking = ranked(
        Seed("genre", "folk"), tracks=limited, audience=Audience("NO"), now="2026-01-01T00:00:00Z"
    )
    assert names(ranking, "here", "all") == ["all"]
    assert ranking.pools == [Pool(2, 2, 1)]


def test_an_artist_does_not_fill_the_list() -> None:
    same = [row(f"same {n}", genres=["pop"], by=["Star"]) for n in range(20)]
    other = [row(f"other {n}", genres=["pop"], by=[f"Artist {n}"]) for n in range(5)]
    ranking = ranked(Seed("genre", "pop"), tracks=tracks_of(*same, *other))
    names_ = [f"same {n}" for n in range(20)] + [f"other {n}" for n in range(5)]
    found = names(ranking, *names_)
    assert sum(name.startswith("other") for name in found[:7]) == 5
    assert len(found) == 25


@pytest.mark.parametrize(
    "seed", [track_seed("nothing"), artist_seed("Nobody"), Seed("genre", "none")]
)
def test_a_seed_that_there_is_not(seed: Seed) -> None:
    assert ranked(seed) == Ranking([], [Pool(0, 0, 0)])
    assert ranked(seed, tracks=tracks_of()) == Ranking([], [Pool(0, 0, 0)])


shares = st.floats(0, 1)
some_features = st.builds(
    Features, energy=shares, valence=shares, tempo=st.floats(0, 240), key=st.integers(-1, 11)
)


@st.composite
def some_rows(draw: st.DrawFn) -> list[Row]:
    return [
        row(
            f"{number}",
            by=[draw(st.sampled_from("ABC"))],
            genres=draw(st.lists(st.sampled_from(["x", "y"]), unique=True)),
            features=draw(some_features),
            popularity=draw(st.integers(0, 100)),
        )
        for number in range(draw(st.integers(1, 12)))
    ]


@given(some_rows(), shares, shares, shares)
@settings(deadline=None)
def test_whatever_is_asked_the_answer_keeps_to_it(
    rows: list[Row], least: float, most: float, target: float
) -> None:
    wish = Wish(
        [artist_seed("A"), Seed("genre", "x"), track_seed("0")],
        least={"energy": least},
        most={"valence": most},
        target={"tempo": 200 * target},
    )
    tracks = tracks_of(*rows)
    ranking = rank(tracks, wish)
    assert len(set(ranking.tracks)) == len(ranking.tracks)
    assert rank(tracks, wish) == ranking
    for track_id in ranking.tracks:
        found = tracks.rows[tracks.place[track_id]]
        assert found.features.energy >= least - 1e-6
        assert found.features.valence <= most + 1e-6
        assert track_id != ids.derive("track", "0")
    for pool in ranking.pools:
        assert len(rows) >= pool.initial >= pool.after_filtering >= pool.after_relinking
