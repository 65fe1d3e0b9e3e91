import itertools
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.recommendations.mixes.diversity import capped, interleaved, spread

# A track is a letter for its artist, and a number.
tracks = st.lists(
    st.tuples(st.sampled_from("abcde"), st.integers(0, 30)).map(lambda t: f"{t[0]}{t[1]}"),
    unique=True,
    max_size=60,
)


def artist(track: str) -> str:
    return track[0]


@settings(deadline=None)
@given(tracks, st.integers(1, 5))
def test_nobody_has_more_than_their_share(given_tracks: list[str], most: int) -> None:
    chosen = capped(given_tracks, artist, most)
    counts = Counter(map(artist, chosen))
    assert all(count <= most for count in counts.values())
    assert [each for each in given_tracks if each in set(chosen)] == chosen
    left_out = set(given_tracks) - set(chosen)
    assert all(counts[artist(each)] == most for each in left_out)


@settings(deadline=None)
@given(tracks)
def test_nobody_comes_twice_in_a_row_where_that_is_possible(given_tracks: list[str]) -> None:
    found = spread(given_tracks, artist)
    assert sorted(found) == sorted(given_tracks)
    most = max(Counter(map(artist, found)).values(), default=0)
    pairs = sum(artist(a) == artist(b) for a, b in itertools.pairwise(found))
    assert pairs == max(0, 2 * most - len(found) - 1)


def test_an_order_that_is_varied_stays_as_it_is() -> None:
    given_tracks = ["a1", "b1", "a2", "c1", "b2"]
    assert spread(given_tracks, artist) == given_tracks


@settings(deadline=None)
@given(tracks, tracks, st.floats(0.05, 0.95))
def test_both_lists_keep_their_order(first: list[str], second: list[str], share: float) -> None:
    second = [f"x{each}" for each in second]
    mixed = interleaved(first, second, share)
    assert [each for each in mixed if each in set(first)] == first
    assert [each for each in mixed if each in set(second)] == second


def test_shares_hold_from_the_beginning() -> None:
    mixed = interleaved([f"a{n}" for n in range(90)], [f"b{n}" for n in range(10)], 0.1)
    assert sum(each.startswith("b") for each in mixed[:50]) == 5
