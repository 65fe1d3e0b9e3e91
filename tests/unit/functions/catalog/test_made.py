import gc
import weakref

from functions.catalog.made import Made


class Source:
    """Something that was read."""


NOW = "2001-01-01T00:00:00Z"
LATER = "2001-01-01T00:00:01Z"


def test_what_was_made_is_right_for_what_it_was_made_of() -> None:
    made: Made[str] = Made(10, len)
    first, again = Source(), Source()
    assert made.get("key", NOW, first) is None
    assert made.keep("key", "value", first) == "value"
    assert made.get("key", NOW, first) == "value"
    assert made.get("key", NOW, again) is None
    assert made.get("key", NOW, first) is None


def test_it_is_right_until_a_time() -> None:
    made: Made[str] = Made(10, len)
    source = Source()
    made.keep("key", "value", source, until=LATER)
    assert made.get("key", NOW, source) == "value"
    assert made.get("key", LATER, source) is None


def test_the_least_recently_used_goes_first() -> None:
    made: Made[int] = Made(2, lambda _: 1)
    for key in (1, 2):
        made.keep(key, key)
    made.get(1, NOW)
    made.keep(3, 3)
    assert [made.get(key, NOW) for key in (1, 2, 3)] == [1, None, 3]
    assert len(made) == 2
    made.clear()
    assert len(made) == 0


def test_long_ones_count_for_more() -> None:
    made: Made[str] = Made(10, len)
    for key, value in (("a", "1234"), ("b", "1234"), ("c", "123")):
        made.keep(key, value)
    assert [made.get(key, NOW) for key in "abc"] == [None, "1234", "123"]
    assert made.keep("d", "longer than all of it") == "longer than all of it"
    assert [made.get(key, NOW) for key in "abcd"] == [None, "1234", "123", None]


def test_it_does_not_keep_what_they_were_made_of() -> None:
    made: Made[str] = Made(10, len)
    source = Source()
    made.keep("key", "value", source)
    gone = weakref.ref(source)
    del source
    gc.collect()
    assert gone() is None
    assert made.get("key", NOW, Source()) is None
