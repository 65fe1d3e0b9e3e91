import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.recommendations.mixes.clusters import clusters, nearest
from functions.recommendations.mixes.listening import Fact
from shared.mixes import MOST_DAILY_MIXES
from tests.unit.functions.recommendations.fakes import fact, track_id


def kind_of_music(kind: int, seed: int) -> list[float]:
    """Close to one corner of the sphere."""
    vector = np.random.default_rng(seed).normal(0, 0.05, 64)
    vector[kind] += 1
    return list((vector / np.linalg.norm(vector)).tolist())


def facts_of(kinds: int, each: int) -> dict[str, Fact]:
    made = [
        fact(kind * each + n, artist=kind * each + n, vector=kind_of_music(kind, kind * each + n))
        for kind in range(kinds)
        for n in range(each)
    ]
    return {each.id: each for each in made}


@pytest.mark.parametrize("kinds", [1, 2, 4, 6])
def test_kinds_of_music_are_told_apart(kinds: int) -> None:
    facts = facts_of(kinds, 8)
    # Taken in turn, as a listener would like them.
    liked = [track_id(kind * 8 + n) for n in range(8) for kind in range(kinds)]
    found = clusters(liked, facts)
    wanted = {frozenset(track_id(kind * 8 + n) for n in range(8)) for kind in range(kinds)}
    if kinds == 1:
        assert {each for group in found for each in group} == set(liked)
    else:
        assert {frozenset(group) for group in found} == wanted


def test_what_was_not_measured_goes_with_its_artist() -> None:
    facts = facts_of(2, 4)
    unmeasured = fact(100, artist=6)
    facts[unmeasured.id] = unmeasured
    found = clusters([track_id(n) for n in range(8)] + [unmeasured.id], facts)
    [home] = [group for group in found if unmeasured.id in group]
    assert track_id(6) in home


def test_without_any_measure_genres_tell() -> None:
    made = [fact(n, artist=n, genres=["jazz" if n % 2 else "folk"]) for n in range(8)]
    facts = {each.id: each for each in made}
    found = clusters(list(facts), facts)
    assert sorted(len(group) for group in found) == [4, 4]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=40))
def test_each_track_is_in_one_group(made: list[tuple[int, bool]]) -> None:
    facts = {
        track_id(n): fact(
            n, artist=n % 7, vector=kind_of_music(kind, n) if measured else (), genres=[str(kind)]
        )
        for n, (kind, measured) in enumerate(made)
    }
    found = clusters(list(facts), facts)
    members = [each for group in found for each in group]
    assert len(found) <= MOST_DAILY_MIXES
    assert len(members) == len(set(members))
    if len(found) < MOST_DAILY_MIXES:
        assert set(members) == set(facts)


def test_new_tracks_go_where_they_sound_alike() -> None:
    facts = facts_of(3, 8)
    groups = [[track_id(kind * 8 + n) for n in range(4)] for kind in range(3)]
    new = [track_id(kind * 8 + n) for n in range(4, 8) for kind in range(3)]
    found = nearest(new, groups, facts)
    assert [set(group) for group in found] == [
        {track_id(kind * 8 + n) for n in range(4, 8)} for kind in range(3)
    ]
