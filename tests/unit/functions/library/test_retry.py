import asyncio

import pytest

from functions.library import retry
from functions.library.retry import Turns, retried
from shared.errors import NotFound, Unavailable
from shared.firestore import Conflict


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_FIRST_PAUSE_S", 0.0)


async def test_a_conflict_is_tried_again() -> None:
    left = [Conflict(), Conflict()]

    async def attempt() -> str:
        if left:
            raise left.pop()
        return "done"

    assert await retried(attempt) == "done"


async def test_it_gives_up_in_the_end() -> None:
    tries = 0

    async def attempt() -> None:
        nonlocal tries
        tries += 1
        raise Conflict

    with pytest.raises(Unavailable):
        await retried(attempt)
    assert 10 <= tries <= 100


async def test_other_errors_are_the_callers() -> None:
    async def attempt() -> None:
        raise NotFound("x")

    with pytest.raises(NotFound):
        await retried(attempt)


async def test_turns_are_taken_for_each_key() -> None:
    turns, order = Turns(), list[str]()

    async def take(key: str, name: str) -> None:
        async with turns.of(key):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(take("a", "one"), take("a", "two"), take("b", "three"))
    assert order.index("one ends") < order.index("two begins")
    assert order.index("three begins") < order.index("one ends")
    assert len(turns._locks) == 0
