import pytest

from functions.recommendations.mixes.reasons import Reasons, text
from functions.recommendations.model import MixTrack, Why
from tests.unit.functions.recommendations.fakes import fact, track_id

NORTH, SOUTH = [1.0, *[0.0] * 63], [0.0, 1.0, *[0.0] * 62]
FACTS = {
    each.id: each
    for each in (
        fact(1, artist=1, vector=NORTH, genres=["jazz"]),
        fact(2, artist=2, vector=SOUTH, genres=["folk"]),
        fact(3, artist=3, vector=[0.1, 0.9, *[0.0] * 62]),
        fact(4, artist=1, vector=SOUTH),
        fact(5, artist=5, genres=["folk"]),
        fact(6, artist=6),
    )
}


@pytest.mark.parametrize(
    ("number", "about"),
    [(3, "Artist 2"), (4, "Artist 1"), (5, "Artist 2"), (6, "Artist 1")],
    ids=["by sound", "its own artist", "by genre", "or the best liked"],
)
def test_who_speaks_for_a_track(number: int, about: str) -> None:
    reasons = Reasons([track_id(1), track_id(2)], FACTS)
    track = reasons.track(track_id(number), Why.because)
    assert track.about == about
    assert text(track) == f"Because you like {about}"


def test_without_anything_known_nobody_is_named() -> None:
    assert text(Reasons([], FACTS).track(track_id(3), Why.because)) == "Goes with what you like"


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("about", ["", "Ada"])
def test_every_reason_has_words(why: Why, about: str) -> None:
    said = text(MixTrack("id", [], why, about))
    assert said
    assert "{" not in said
