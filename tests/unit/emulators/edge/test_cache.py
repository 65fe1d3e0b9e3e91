"""The edge's cache: fresh, bounded, the least recently used out first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.edge.cache import ObjectCache


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def key(name: str) -> tuple[str, str]:
    return ("bucket", name)


def test_an_object_is_there_until_it_expires(clock: Clock) -> None:
    cache = ObjectCache(100, clock)
    stored = cache.put(key("a"), b"abc", {"ETag": '"1"'}, max_age_s=60)
    clock.now += 59.9
    assert cache.get(key("a")) is stored
    assert cache.age_s(stored) == 59
    clock.now += 0.1
    assert cache.get(key("a")) is None


def test_buckets_do_not_mix(clock: Clock) -> None:
    cache = ObjectCache(100, clock)
    cache.put(("one", "a"), b"abc", {}, max_age_s=60)
    assert cache.get(("two", "a")) is None


def test_what_may_not_be_kept_is_only_returned(clock: Clock) -> None:
    cache = ObjectCache(100, clock)
    assert cache.put(key("a"), b"abc", {}, max_age_s=0).body == b"abc"
    assert cache.get(key("a")) is None


def test_what_is_too_large_is_only_returned(clock: Clock) -> None:
    cache = ObjectCache(100, clock)
    cache.put(key("small"), b"s" * 25, {}, max_age_s=60)
    assert cache.put(key("large"), b"l" * 26, {}, max_age_s=60).body == b"l" * 26
    assert cache.get(key("large")) is None
    assert cache.get(key("small")) is not None


def test_a_newer_object_replaces_and_one_not_to_be_kept_removes(clock: Clock) -> None:
    cache = ObjectCache(100, clock)
    cache.put(key("a"), b"old", {}, max_age_s=60)
    cache.put(key("a"), b"new", {}, max_age_s=60)
    found = cache.get(key("a"))
    assert found is not None
    assert found.body == b"new"
    cache.put(key("a"), b"private", {}, max_age_s=0)
    assert cache.get(key("a")) is None


def test_the_least_recently_used_leaves_first(clock: Clock) -> None:
    cache = ObjectCache(100, clock)
    for name in "abcd":
        cache.put(key(name), b"x" * 25, {}, max_age_s=60)
    cache.get(key("a"))
    cache.put(key("e"), b"x" * 25, {}, max_age_s=60)
    assert {name for name in "abcde" if cache.get(key(name))} == set("acde")


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 40), st.booleans())))
def test_it_never_holds_more_than_it_may(puts: list[tuple[str, int, bool]]) -> None:
    cache = ObjectCache(100, Clock())
    last: dict[str, bytes] = {}
    for name, size, keep in puts:
        last[name] = name.encode() * size
        cache.put(key(name), last[name], {}, max_age_s=60 if keep else 0)
    held = {name: found.body for name in last if (found := cache.get(key(name)))}
    assert sum(map(len, held.values())) <= 100
    assert all(body == last[name] for name, body in held.items())
