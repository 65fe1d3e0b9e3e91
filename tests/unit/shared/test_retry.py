import pytest

from shared.errors import NotFound, Unavailable
from shared.retry import until_it_holds


class Clash(Exception):
    pass


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The longest that each pause may be."""
    longest: list[float] = []

    def uniform(least: float, most: float) -> float:
        assert least == 0
        longest.append(most)
        return 0

    monkeypatch.setattr("random.uniform", uniform)
    return longest


async def test_it_is_tried_again_after_longer_and_longer_pauses(pauses: list[float]) -> None:
    left = [Clash() for _ in range(5)]

    async def attempt() -> str:
        if left:
            raise left.pop()
        return "done"

    done = await until_it_holds(
        attempt, conflict=Clash, tries=6, first_pause_s=0.1, longest_pause_s=0.5
    )
    assert done == "done"
    assert pauses == [0.1, 0.2, 0.4, 0.5, 0.5]


async def test_it_gives_up_in_the_end(pauses: list[float]) -> None:
    async def attempt() -> None:
        raise Clash

    with pytest.raises(Unavailable):
        await until_it_holds(
            attempt, conflict=Clash, tries=3, first_pause_s=0.1, longest_pause_s=0.5
        )
    assert len(pauses) == 3


async def test_other_errors_are_the_callers(pauses: list[float]) -> None:
    async def attempt() -> None:
        raise NotFound("x")

    with pytest.raises(NotFound):
        await until_it_holds(
            attempt, conflict=Clash, tries=3, first_pause_s=0.1, longest_pause_s=0.5
        )
    assert pauses == []
