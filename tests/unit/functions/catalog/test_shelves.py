"""Shelves that are looked at once in a while."""

import pytest

from functions.catalog.shelves import CachedShelves, Row
from shared.errors import Unavailable


class CountedShelves:
    """`Shelves` with two albums and two tracks, which count how often they are asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False

    async def newest_albums(self, limit: int, offset: int) -> tuple[list[str], int]:
        return self._answer(["new", "old"])[offset : offset + limit], 2

    async def best_tracks(self, artist_id: str, limit: int) -> list[str]:
        return self._answer([f"{artist_id}-best", f"{artist_id}-next"])[:limit]

    async def popular(self, most: int) -> list[Row]:
        return []

    def _answer(self, ids: list[str]) -> list[str]:
        self.asked += 1
        if self.is_away:
            raise Unavailable("away")
        return ids


async def test_the_same_question_is_asked_once() -> None:
    counted = CountedShelves()
    shelves = CachedShelves(counted, ttl_s=60)
    for _ in range(3):
        assert await shelves.newest_albums(1, 0) == (["new"], 2)
        assert await shelves.newest_albums(1, 1) == (["old"], 2)
        assert await shelves.best_tracks("a", 1) == ["a-best"]
        assert await shelves.best_tracks("b", 1) == ["b-best"]
    assert counted.asked == 4


async def test_an_answer_grows_old() -> None:
    counted = CountedShelves()
    shelves = CachedShelves(counted, ttl_s=0)
    await shelves.newest_albums(5, 0)
    await shelves.newest_albums(5, 0)
    assert counted.asked == 2


async def test_a_failure_is_not_kept() -> None:
    counted = CountedShelves()
    shelves = CachedShelves(counted, ttl_s=60)
    counted.is_away = True
    with pytest.raises(Unavailable):
        await shelves.best_tracks("a", 1)
    counted.is_away = False
    assert await shelves.best_tracks("a", 1) == ["a-best"]
