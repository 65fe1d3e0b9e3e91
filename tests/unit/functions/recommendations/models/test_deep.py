import re

from functions.recommendations.models import deep, signals
from functions.recommendations.models import statements as models

DATASET = "p.warehouse"


def test_a_slot_has_a_name_of_its_own() -> None:
    assert [deep.name_of(slot) for slot in (-1, 0, 1)] == ["", "deep_0", "deep_1"]
    made = deep.create(DATASET, 1, "gs://models/v/*")
    assert "`p.warehouse.deep_1`" in made
    assert "model_path='gs://models/v/*'" in made


def test_all_candidates_can_be_asked_about_at_once() -> None:
    most = models.MOST_CANDIDATES + signals.MOST_SPOKEN_FOR
    assert most + signals.MOST_TOGETHER + signals.MOST_ALIKE <= deep.CANDIDATES


def test_the_past_has_tables_of_its_own() -> None:
    said = deep.scores(DATASET, 0, suffix=deep.HELD_OUT, until="TIMESTAMP '2026-11-17'")
    assert "TABLE `p.warehouse.deep_scores_held_out`" in said
    assert "`p.warehouse.signals_held_out`" in said
    assert "p.started_at < TIMESTAMP '2026-11-17'" in said
    # The model and its numbers are those in service.
    assert "MODEL `p.warehouse.deep_0`" in said
    assert "`p.warehouse.track_index_0`" in said


def test_weights_are_written_in_full() -> None:
    said = deep.weights(DATASET, 0, {"factors": 1 / 3, "deep": -1e-9})
    assert "0.3333333333333333" in said
    assert "-1e-09" in said
    assert said.count("INSERT INTO") == 1


def test_a_share_of_the_listeners_is_always_the_same() -> None:
    below = [
        re.search(r"< '(\w+)'", deep.plays(DATASET, "_0", share))[1]  # type: ignore[index]
        for share in (2.0, 1.0, 0.5, 0.25, 0.0)
    ]
    assert below == ["g", "g", "80000000", "40000000", "00000000"]
