from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from shared.window import WINDOW_S, RollingWindow


@dataclass
class Clock:
    now: float = 500.0

    def __call__(self) -> float:
        return self.now


@given(
    pauses=st.lists(st.floats(0, 20), max_size=60),
    most=st.integers(1, 5),
)
def test_no_window_admits_more_and_what_is_refused_is_due(pauses: list[float], most: int) -> None:
    clock = Clock()
    window = RollingWindow(clock=clock)
    admitted: list[float] = []
    for pause in pauses:
        clock.now += pause
        wait_s = window.hit("key", most)
        held = [at for at in admitted if clock.now - at < WINDOW_S]
        if wait_s == 0:
            assert len(held) < most
            admitted.append(clock.now)
        else:
            nearly = [at for at in admitted if clock.now - at <= WINDOW_S * 1.1 + 1e-6]
            assert len(nearly) >= most, "refused without need"
            assert 0 < wait_s <= WINDOW_S * 1.1


@given(pauses=st.lists(st.floats(0, 9), min_size=1, max_size=20), most=st.integers(1, 4))
def test_who_waits_as_told_is_admitted(pauses: list[float], most: int) -> None:
    clock = Clock()
    window = RollingWindow(clock=clock)
    for pause in pauses:
        clock.now += pause
        if wait_s := window.hit("key", most):
            clock.now += wait_s + 1e-6
            assert window.hit("key", most) == 0


def test_keys_do_not_share() -> None:
    window = RollingWindow(clock=Clock())

    assert [window.hit(key, 1) > 0 for key in ("a", "b", "a")] == [False, False, True]


def test_nothing_is_held_after_the_window() -> None:
    clock = Clock()
    window = RollingWindow(clock=clock)
    for number in range(50):
        window.hit(f"key {number}", 1)
        clock.now += 0.5
    clock.now += WINDOW_S * 1.1 - 0.5
    window.hit("last", 1)

    assert len(window) == 1


def test_keys_are_bounded_and_the_rest_goes_uncounted() -> None:
    clock = Clock()
    window = RollingWindow(most_keys=2, clock=clock)

    assert [window.hit(key, 1) > 0 for key in "abcca"] == [False, False, False, False, True]
    assert (len(window), window.uncounted) == (2, 2)
    clock.now += WINDOW_S * 1.1
    assert [window.hit("c", 1) > 0 for _ in range(2)] == [False, True]


def test_a_quota_that_shrank_is_waited_for() -> None:
    clock = Clock()
    window = RollingWindow(clock=clock)
    for _ in range(3):
        window.hit("key", 10)
        clock.now += 6

    wait_s = window.hit("key", 1)
    clock.now += wait_s

    assert window.hit("key", 1) == 0


def test_nothing_is_ever_admitted_of_none() -> None:
    assert RollingWindow(clock=Clock()).hit("key", 0) == WINDOW_S
