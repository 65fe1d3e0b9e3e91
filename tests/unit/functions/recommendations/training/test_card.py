import msgspec
import numpy as np

from functions.recommendations.training.card import Card, Data, iso, to_json, to_markdown
from functions.recommendations.training.deciding import Decision, figures
from functions.recommendations.training.learner import Made


def card(decision: Decision) -> Card:
    return Card(
        version="v1",
        made_at="2026-11-22T08:00:00+00:00",
        data=Data(
            plays=1_000_000,
            listeners=10_000,
            tracks=4_000,
            tracks_with_sound=3_999,
            tracks_never_played=80,
            first_play=iso(0),
            last_play=iso(86_400),
            held_out_from=iso(43_200),
        ),
        training=Made(
            seed=7,
            epochs=3,
            losses=[3.5, 3.25],
            seconds=12.5,
            parameters=500_000,
            network={"length": 50, "size": 64},
        ),
        figures=figures(
            with_deep=np.full(200, 0.5),
            without=np.full(200, 0.25),
            deep_alone=np.full(200, 0.4),
            in_service=np.full(200, 0.125),
            against="deep_0",
        ),
        weights={"factors": 0.5, "deep": 0.75},
        decision=decision,
    )


def test_a_card_can_be_read_by_machines() -> None:
    made = card(Decision(True))
    assert msgspec.json.decode(to_json(made), type=Card) == made


def test_a_card_can_be_read_by_people() -> None:
    text = to_markdown(card(Decision(True))).decode()
    assert "# Deep model v1" in text
    assert "promoted." in text
    assert "1,000,000 plays of 10,000 listeners" in text
    assert "from 1970-01-01T00:00:00+00:00 to 1970-01-02T00:00:00+00:00" in text
    assert "Seed 7, 3 epochs" in text
    assert "3.5000, 3.2500" in text
    assert "| with it, ahead of without | 0.2500 [0.2500, 0.2500] |" in text
    assert "| in service: deep_0 | 0.1250 [0.1250, 0.1250] |" in text
    assert "deep 0.750" in text
    assert "## Limits" in text


def test_a_card_says_why_not() -> None:
    text = to_markdown(card(Decision(False, "too few"))).decode()
    assert "not promoted: too few" in text
