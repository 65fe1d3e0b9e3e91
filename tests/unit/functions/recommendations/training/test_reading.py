import random

import pytest

from functions.recommendations.training.reading import NothingToLearn, catalogue, listening


def row(user: str, number: int, at_ms: int, *, liked: bool = True) -> dict[str, object]:
    return {
        "user_id": user,
        "number": number,
        "at_ms": at_ms,
        "until_ms": at_ms + 1_500,
        "liked": liked,
    }


def test_plays_in_any_order() -> None:
    rows = [row("b", 2, 9_000), row("a", 1, 5_000, liked=False), row("b", 3, 1_000)]
    for _ in range(5):
        random.shuffle(rows)
        found = listening(rows)
        of_b = found.plays.user == found.numbers()["b"]
        assert found.plays.track[of_b].tolist() == [3, 2]
        assert found.plays.at[of_b].tolist() == [1.0, 9.0]
        assert found.plays.until[of_b].tolist() == [2.5, 10.5]
        assert found.plays.liked[~of_b].tolist() == [False]
        assert found.users[found.numbers()["a"]] == "a"


def test_tracks_with_and_without_a_sound() -> None:
    rows = [
        {"number": 1, "track_id": "x", "artist_id": "ada", "embedding": [1.0, 2.0]},
        {"number": 2, "track_id": "y", "artist_id": "", "embedding": []},
        {"number": 3, "track_id": "z", "artist_id": "ada", "embedding": None},
    ]
    found = catalogue(rows)
    assert found.numbers() == {"x": 1, "y": 2, "z": 3}
    assert found.tracks.sound.tolist() == [[0, 0], [1, 2], [0, 0], [0, 0]]
    assert found.tracks.artist.tolist() == [0, 1, 0, 1]


def test_tracks_that_are_not_numbered_one_by_one() -> None:
    rows = [{"number": 2, "track_id": "x", "artist_id": "", "embedding": []}]
    with pytest.raises(ValueError, match="numbered"):
        catalogue(rows)


def test_there_is_nothing() -> None:
    with pytest.raises(NothingToLearn, match="no tracks"):
        catalogue([])
    with pytest.raises(NothingToLearn, match="no plays"):
        listening([])
