"""What listeners of the held-out days say of a model, and of what is in service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from functions.recommendations.models import blend
from functions.recommendations.models.deep import CANDIDATES
from functions.recommendations.training import deciding
from functions.recommendations.training.held_out import Candidates
from functions.recommendations.training.learner import Model
from functions.recommendations.training.sequences import NOTHING, Ints
from functions.recommendations.training.weighing import (
    Doubles,
    Question,
    fit,
    hard,
    ndcg,
    ndcg_of,
)


@dataclass(frozen=True)
class Asked:
    """Candidates of the held-out days, and how they are ranked in service.

    `scores` are those of the deep model in service, of each listener's candidates; `model` is its
    name, or "" where there is none that can be compared.
    """

    candidates: list[Candidates]
    weights: blend.Weights
    scores: list[Doubles]
    model: str

    @property
    def deep_in_service(self) -> bool:
        return bool(self.model)


def scores(
    model: Model,
    histories: tuple[Ints, Ints],
    of: Sequence[Candidates],
    numbers: Mapping[str, int],
) -> list[Doubles]:
    """As the night's statement has them, `histories` being those of the listeners of `of`.

    What it is not asked about has 0, as what is not known: it is the mean of the others.
    """
    asked = np.full((len(of), CANDIDATES), NOTHING)
    for row, each in enumerate(of):
        offered = [numbers.get(track, NOTHING) for track in each.tracks[:CANDIDATES]]
        asked[row, : len(offered)] = offered
    said = model.scores(*histories, asked).astype(float)
    known = asked != NOTHING
    count = np.maximum(1, known.sum(axis=1, keepdims=True))
    centred = (said - (said * known).sum(axis=1, keepdims=True) / count) * known
    return [
        np.pad(row[: len(each.tracks)], (0, max(0, len(each.tracks) - CANDIDATES)))
        for each, row in zip(of, centred, strict=True)
    ]


def judged(asked: Asked, scores: Sequence[Doubles]) -> tuple[dict[str, float], deciding.Figures]:
    """The weights for service, learned from everybody, and figures of half of the listeners.

    Those learn nothing of the others' choices: for them the weights are learned from the rest.
    """
    every = list(zip(asked.candidates, scores, asked.scores, strict=True))
    halves = every[::2], every[1::2]
    teachers = [each.question(said) for each, said, _ in halves[0]]
    judges = [each.question(said) for each, said, _ in halves[1]]
    without = [each.question() for each, _, _ in halves[1]]
    size = len(blend.NAMES)
    of_service = np.array([asked.weights[name] for name in blend.NAMES])
    of_deep = asked.weights.get(blend.DEEP, 0.0)
    figures = deciding.figures(
        with_deep=ndcg(judges, _learned(teachers)),
        without=ndcg(without, _learned([each.question() for each, _, _ in halves[0]])),
        deep_alone=ndcg(judges, np.eye(size + 1)[size]),
        in_service=ndcg_of(
            without,
            [each.features @ of_service + of_deep * said for each, _, said in halves[1]],
        ),
        against=asked.model or "the ranking without a deep model",
    )
    learned = _learned([*teachers, *judges])
    names = [*blend.NAMES, blend.DEEP]
    weights = dict(zip(names, learned.tolist(), strict=False)) if len(learned) else {}
    return weights, figures


def _learned(questions: Sequence[Question]) -> Doubles:
    return fit([hard(each, len(blend.PERSONAL)) for each in questions])
