import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from functions.playback.players.order import Item, shuffled

ITEMS = st.lists(
    st.tuples(st.integers(0, 40).map(str), st.integers(0, 5).map(str)).map(
        lambda pair: Item(*pair)
    ),
    max_size=60,
)
SEEDS = st.integers(0, 2**63 - 1)


def repeats(items: list[Item], order: list[int]) -> int:
    artists = [items[at].artist_id for at in order]
    return sum(one == other for one, other in itertools.pairwise(artists))


def fewest_repeats(artists: Counter[str], last: str) -> int:
    """How often some artist has to follow themselves, however the rest is laid out after `last`."""
    total = artists.total()
    worst = 0
    for artist, count in artists.items():
        others = total - count
        slots = others if artist == last else others + 1
        worst = max(worst, count - slots)
    return worst


@given(ITEMS, SEEDS)
def test_every_track_comes_once(items: list[Item], seed: int) -> None:
    assert sorted(shuffled(items, seed)) == list(range(len(items)))


@given(ITEMS.filter(bool), SEEDS, st.data())
def test_the_current_track_comes_first(items: list[Item], seed: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(items) - 1))

    order = shuffled(items, seed, first)

    assert order[0] == first
    assert sorted(order) == list(range(len(items)))


@given(ITEMS, SEEDS)
def test_no_artist_follows_themselves_more_often_than_must_be(items: list[Item], seed: int) -> None:
    expected = fewest_repeats(Counter(item.artist_id for item in items), "")

    assert repeats(items, shuffled(items, seed)) == expected


@given(ITEMS.filter(bool), SEEDS, st.data())
def test_nor_after_the_current_track(items: list[Item], seed: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(items) - 1))
    others = Counter(item.artist_id for at, item in enumerate(items) if at != first)

    order = shuffled(items, seed, first)

    assert repeats(items, order) == fewest_repeats(others, items[first].artist_id)


@given(ITEMS, SEEDS)
def test_the_same_seed_gives_the_same_order(items: list[Item], seed: int) -> None:
    assert shuffled(items, seed) == shuffled(list(items), seed)


def test_different_seeds_give_different_orders() -> None:
    items = [Item(str(at), str(at)) for at in range(50)]

    assert len({tuple(shuffled(items, seed)) for seed in range(20)}) == 20


def test_every_place_is_as_likely_as_any_other() -> None:
    items = [Item(str(at), str(at)) for at in range(8)]
    firsts = Counter(shuffled(items, seed)[0] for seed in range(4000))

    assert all(400 < firsts[at] < 600 for at in range(8))


@given(st.lists(st.integers(0, 10_000), unique=True, min_size=2, max_size=60), SEEDS)
def test_one_more_track_leaves_the_order_of_the_others(tracks: list[int], seed: int) -> None:
    items = [Item(str(at), str(at)) for at in tracks]
    more = [*items, Item("new", "new")]

    before = [items[at].track_id for at in shuffled(items, seed)]
    after = [more[at].track_id for at in shuffled(more, seed)]

    assert [each for each in after if each != "new"] == before


def test_ten_thousand_tracks_of_one_artist_for_the_most_part() -> None:
    items = [Item(str(at), "one" if at % 10 else str(at)) for at in range(10_000)]

    assert sorted(shuffled(items, 1, first=17)) == list(range(10_000))
