"""What is listened to by the same people."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.recommending.colistening import (
    interests,
    likeness,
    near,
    nearest,
    reached,
    steps,
    weighed,
)

HISTORIES = [{"a": 1.0, "b": 3.0}, {"a": 2.0}, {"b": 1.0, "c": 1.0}]
histories = st.lists(
    st.dictionaries(st.sampled_from("abcdef"), st.floats(0.1, 50), min_size=1), min_size=1
)


def test_similarity_is_the_cosine_of_who_listens() -> None:
    found = nearest(HISTORIES)
    assert found["a"] == {"b": pytest.approx(1 / 2)}
    assert found["c"] == {"b": pytest.approx(1 / math.sqrt(2))}


def test_only_the_nearest_are_kept_and_of_equals_the_first() -> None:
    together = [{"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}]
    assert list(nearest(together, most=2)["b"]) == ["a", "c"]


def test_nothing_is_near_to_what_nobody_knows() -> None:
    assert near(["z"], nearest(HISTORIES)) == {}


def test_those_near_to_several_are_the_nearer() -> None:
    related = {"a": {"c": 0.5}, "b": {"c": 0.25, "d": 0.5}}
    assert near(["a", "b"], related) == {"c": 0.75, "d": 0.5}


def test_a_step_goes_through_those_who_listen() -> None:
    # Of a's plays a third are the first one's, who would go on with b three times of four.
    assert steps(HISTORIES)["a"] == {"a": pytest.approx(1 / 12 + 2 / 3), "b": pytest.approx(1 / 4)}


@given(histories)
def test_similarity_is_the_same_both_ways_and_one_at_most(made: list[dict[str, float]]) -> None:
    found = nearest(made)
    for one, others in found.items():
        assert one not in others
        for other, similarity in others.items():
            assert 0 < similarity <= 1 + 1e-12
            assert found[other][one] == pytest.approx(similarity)


@given(histories)
def test_from_everywhere_a_step_leads_somewhere(made: list[dict[str, float]]) -> None:
    found = steps(made)
    for ways in found.values():
        assert sum(ways.values()) == pytest.approx(1)
    assert sum(reached(interests(made[0], found), found).values()) == pytest.approx(1)


def test_steps_lead_to_what_is_popular_and_what_sounds_alike() -> None:
    ways = {"a": {"a": 0.2, "b": 0.4, "c": 0.4}}
    popularity = {"a": 0.5, "b": 0.1, "c": 0.1}
    sounds = {"a": [1.0, 0.0], "b": [2.0, 0.0], "c": [0.0, 1.0]}
    found = weighed(ways, popularity, sounds)["a"]
    assert sum(found.values()) == pytest.approx(1)
    assert found["b"] / found["c"] == pytest.approx(math.exp(4.2))
    assert found["a"] / found["b"] == pytest.approx(0.5**0.7 * 5**0.3)


# Two scenes, of three artists and of two, that hardly lead to each other.
SCENES = {
    "a": {"a": 0.5, "b": 0.3, "c": 0.19, "y": 0.01},
    "b": {"a": 0.3, "b": 0.4, "c": 0.3},
    "c": {"a": 0.2, "b": 0.3, "c": 0.5},
    "y": {"a": 0.01, "y": 0.6, "z": 0.39},
    "z": {"y": 0.4, "z": 0.6},
}


def test_who_is_explained_by_another_is_no_interest_of_its_own() -> None:
    found = interests({"a": 3.0, "b": 4.0, "c": 3.0}, SCENES)
    assert max(found, key=lambda each: found[each]) == "b"
    assert found["b"] > 0.4 > max(found["a"], found["c"])


def test_what_was_played_more_of_late_is_not_much_more_of_an_interest() -> None:
    found = interests({"a": 8.0, "b": 8.0, "y": 2.0, "z": 2.0}, SCENES)
    second = found["y"] + found["z"]
    assert 0.2 < second < 0.5, "above its part in the plays, and below being equal"


@given(histories)
def test_interests_are_chances(made: list[dict[str, float]]) -> None:
    of = steps(made)
    found = interests(made[0], of)
    assert found.keys() == made[0].keys()
    assert sum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= 0
    for one in of:
        assert likeness(one, one, of) == pytest.approx(1)


def test_nothing_is_reached_from_what_nobody_knows() -> None:
    assert reached({"z": 1.0}, steps(HISTORIES)) == {}
