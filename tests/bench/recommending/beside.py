"""The deep model as one more signal of the whole: what it is worth alone, and what it adds.

Weights with it and without it are learned in the validation's days as the training job learns
them, each from models that know what lies before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from functions.recommendations.models import blend
from functions.recommendations.training.weighing import Question, fit, hard
from tests.bench.recommending import deep, metrics, models, whole
from tests.bench.recommending.data import Asked, Data, Known, Part, asked, hide
from tests.bench.recommending.metrics import Doubles
from tests.bench.recommending.world import Floats, Ints

FLOOR, CEILING, OFFERED, ALONE, WITHOUT, WITH = (
    "popularity", "oracle", "oracle, candidates only", "deep model", "the whole without it",
    "the whole with it",
)  # fmt: skip
_LEARNED_FROM = 1_500
_PLACES = 50
# After all that is a candidate.
_NO_CANDIDATE = np.float32(-1e9)


@dataclass(frozen=True)
class Compared:
    """Of each listener, by the name of what ranked; the last weight is the deep model's."""

    ndcg: dict[str, Doubles]
    recall: dict[str, Doubles]
    new_tracks: dict[str, Doubles]
    weights: Doubles


def compare(
    data: Data, oracle: models.Scores | None, most: int, last: deep.Trained, *, seed: int = 7
) -> Compared:
    """`last` was trained before the test; `oracle` only where it is known.

    At most `most` listeners are asked.
    """
    similar = whole.alike(data.embedding)
    first = deep.trained(data, Part.validation, last.settings)
    earlier = _Signals(data, Part.validation, similar, first)
    questions = earlier.questions(seed=seed)
    weights = fit(questions)
    without = fit([_without(each) for each in questions])
    del earlier, questions
    signals = _Signals(data, Part.test, similar, last)
    known = signals.known
    chosen = asked(known, data.wanted(Part.test), most, seed=seed)
    rankers: dict[str, models.Scores] = {FLOOR: models.popularity(known.liked)}
    if oracle is not None:
        rankers[CEILING] = oracle
        rankers[OFFERED] = lambda users: signals.of_candidates(users, oracle(users))
    rankers |= {
        ALONE: signals.deep,
        WITHOUT: lambda users: signals.scores(users, np.append(without, 0.0)),
        WITH: lambda users: signals.scores(users, weights),
    }
    heard = np.asarray(known.heard.sum(axis=0)).ravel()
    compared = Compared({}, {}, {}, weights)
    for name, scores in rankers.items():
        ranked = np.concatenate(
            [metrics.best(hide(scores(users), users, known), _PLACES) for users in chosen.blocks()]
        )
        hit = metrics.hits(ranked, chosen.wanted)
        compared.ndcg[name] = metrics.ndcg(hit, chosen.wanted)
        compared.recall[name] = metrics.recall(hit, chosen.wanted, _PLACES)
        compared.new_tracks[name] = _of_new(ranked, chosen, heard == 0)
    return compared


class _Signals:
    """All that is said when a part begins."""

    def __init__(self, data: Data, part: Part, similar: sp.csr_matrix, model: deep.Trained) -> None:
        self._data = data
        self._part = part
        self.known: Known = data.before(part)
        options = models.in_statement()
        factors = models.factorisation(self.known.ratings, data.artist, options)
        self._sources = whole.sources(data, self.known, factors, similar)
        self.deep = deep.scores(data, model)

    def features(self, users: Ints) -> list[Floats]:
        return [*self._sources.features(users), self.deep(users)]

    def scores(self, users: Ints, weights: Doubles) -> Floats:
        """Of candidates as the platform draws them."""
        total = np.zeros((len(users), self._data.items), np.float32)
        for weight, feature in zip(weights, self.features(users), strict=True):
            if weight:
                total += np.float32(weight) * feature
        return self.of_candidates(users, total)

    def of_candidates(self, users: Ints, scores: Floats) -> Floats:
        found: Floats = np.where(self._sources.candidates(users), scores, _NO_CANDIDATE)
        return found

    def questions(self, *, seed: int) -> list[Question]:
        chosen = asked(self.known, self._data.wanted(self._part), _LEARNED_FROM, seed=seed)
        found = []
        row = 0
        for users in chosen.blocks():
            table = np.stack([hide(each, users, self.known) for each in self.features(users)], -1)
            offered = self._sources.candidates(users) & np.isfinite(table[:, :, 0])
            for at in range(len(users)):
                candidates = np.flatnonzero(offered[at])
                wanted = np.isin(candidates, chosen.wanted[row])
                question = Question(str(row), table[at, candidates].astype(float), wanted)
                found.append(hard(question, len(blend.PERSONAL)))
                row += 1
        return found


def report(what: str, of: Compared) -> None:
    """Prints a line for each; 95% intervals in brackets."""
    floor, ceiling = of.ndcg[FLOOR], of.ndcg.get(CEILING)
    print(f"{what}; {len(floor):,} listeners asked")
    for name, values in of.ndcg.items():
        far = f"{metrics.way(values, floor, ceiling):.3f}" if ceiling is not None else ""
        new = of.new_tracks[name]
        of_new = f"{metrics.mean(new):.3f}" if len(new) >= 50 else ""
        print(f"  {name:24}  {metrics.mean(values)}  {metrics.mean(of.recall[name])}  "
              f"{far:20}  {of_new}")  # fmt: skip
    print(f"  with it ahead of without it: {metrics.ahead(of.ndcg[WITH], of.ndcg[WITHOUT])}")
    print("  weights, that of the deep model last: "
          + ", ".join(f"{each:.3f}" for each in of.weights))  # fmt: skip


def _without(question: Question) -> Question:
    return Question(question.user, question.features[:, :-1], question.wanted)


def _of_new(ranked: Ints, chosen: Asked, new: Sequence[bool]) -> Doubles:
    kept = [
        (row, items[np.asarray(new)[items]])
        for row, items in enumerate(chosen.wanted)
        if np.asarray(new)[items].any()
    ]
    if not kept:
        return np.empty(0)
    rows, wanted = [row for row, _ in kept], [items for _, items in kept]
    return metrics.recall(metrics.hits(ranked[rows], wanted), wanted, _PLACES)
