"""Films that people rated, cut by each person's own time."""

import pytest

pytest.importorskip("scipy")

from tests.bench.recommending.data import Part
from tests.bench.recommending.movielens import parse

HEADING = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
FILMS = (
    "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
    '1\tToy "Story\t1995\tAnimation Comedy\n'
    "2\tHeat\t1995\tAction\n"
    "3\tUnknown\t\t\n"
)


def ratings(*rows: tuple[str, str, int, int]) -> str:
    return HEADING + "".join("\t".join(map(str, row)) + "\n" for row in rows)


def test_each_persons_last_fifth_is_the_test() -> None:
    rows = [("7", str(1 + n % 3), 5, 1000 - n) for n in range(10)]
    rows += [("9", "1", 5, n) for n in range(20)]
    data = parse(ratings(*rows), FILMS)
    parts = list(data.part)
    # The first person's lines are in order of time backwards.
    assert parts[:10] == [Part.test] * 2 + [Part.validation] + [Part.train] * 7
    assert parts[10:] == [Part.train] * 14 + [Part.validation] * 2 + [Part.test] * 4


def test_four_stars_are_liked() -> None:
    data = parse(ratings(("7", "1", 3, 1), ("7", "2", 4, 2), ("7", "3", 5, 3)), FILMS)
    assert data.liked.tolist() == [False, True, True]
    assert (data.users, data.items) == (1, 3)


def test_films_of_a_genre_are_alike_and_those_without_like_none() -> None:
    data = parse(ratings(("7", "1", 3, 1), ("7", "2", 4, 2), ("7", "3", 5, 3)), FILMS)
    alike = data.embedding @ data.embedding.T
    assert alike[0, 0] == pytest.approx(1)
    assert 0 < alike[0, 1] < 1
    assert alike[2].tolist() == [0, 0, 0]
