"""All models on one set of data: each ranks every item for every listener asked."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from functions.recommendations.models import blend
from tests.bench.recommending import metrics, models, whole
from tests.bench.recommending.data import Asked, Data, Known, Part, asked, hide
from tests.bench.recommending.metrics import Doubles, Interval
from tests.bench.recommending.world import Ints

_PLACES = 50
# A listener with fewer plays before the test is new.
_NEW_LISTENER = 10
_LEAST_OF_COHORT = 50
FLOOR, CEILING, WHOLE = "popularity", "oracle", "the whole"
Named = Iterator[tuple[str, Callable[[], models.Scores]]]


@dataclass(frozen=True)
class Result:
    """`ndcg` and `recall` are of each listener; a cohort's is empty where too few belong to it."""

    name: str
    seconds: float  # to train
    ndcg: Doubles
    recall: Doubles
    coverage: float
    novelty: float
    new_listeners: Doubles  # nDCG
    new_tracks: Doubles  # recall of tracks that nobody had played


def compare(
    data: Data, oracle: models.Scores | None, most: int, *, seed: int = 7
) -> tuple[list[Result], blend.Weights]:
    """The floor first; `oracle` only where it is known. At most `most` listeners are asked."""
    known = data.before(Part.test)
    chosen = asked(known, data.wanted(Part.test), most, seed=seed)
    similar = whole.alike(data.embedding)
    weights = whole.learn(data, similar, seed=seed)
    results = []
    for name, train in _models(data, known, similar, weights, oracle):
        began = time.perf_counter()
        scores = train()
        took = time.perf_counter() - began
        ranked = [metrics.best(hide(scores(u), u, known), _PLACES) for u in chosen.blocks()]
        results.append(_result(name, took, np.concatenate(ranked), known, chosen))
    return results, weights


def _models(
    data: Data,
    known: Known,
    similar: sp.csr_matrix,
    weights: blend.Weights,
    oracle: models.Scores | None,
) -> Named:
    yield FLOOR, lambda: models.popularity(known.liked)
    if oracle is not None:
        yield CEILING, lambda: oracle
    yield "content", lambda: models.through(models.binary(known.liked), similar)
    yield "item-kNN", lambda: models.item_knn(known.liked)
    yield "implicit ALS", lambda: models.als(known.liked)
    trained: list[models.Factors] = []

    def factorisation() -> models.Scores:
        options = models.in_statement()
        trained.append(models.factorisation(known.ratings, data.artist, options))
        return trained[0]

    yield "factorisation", factorisation
    yield WHOLE, lambda: whole.sources(data, known, trained[0], similar).scores(weights)


def _result(name: str, took: float, ranked: Ints, known: Known, chosen: Asked) -> Result:
    hit = metrics.hits(ranked, chosen.wanted)
    plays = np.asarray(known.heard.sum(axis=1)).ravel()[chosen.users]
    listeners = np.asarray(models.binary(known.heard).sum(axis=0)).ravel()
    ndcg = metrics.ndcg(hit, chosen.wanted)
    return Result(
        name=name,
        seconds=took,
        ndcg=ndcg,
        recall=metrics.recall(hit, chosen.wanted, _PLACES),
        coverage=metrics.coverage(ranked, known.heard.shape[1]),
        novelty=metrics.novelty(ranked, listeners.astype(np.int64), known.heard.shape[0]),
        new_listeners=ndcg[plays < _NEW_LISTENER],
        new_tracks=_of_new(ranked, chosen, listeners == 0),
    )


def _of_new(ranked: Ints, chosen: Asked, new: NDArray[np.bool_]) -> Doubles:
    wanted = [items[new[items]] for items in chosen.wanted]
    rows = [row for row, items in enumerate(wanted) if len(items)]
    if not rows:
        return np.empty(0)
    kept = [wanted[row] for row in rows]
    return metrics.recall(metrics.hits(ranked[rows], kept), kept, _PLACES)


def report(what: str, results: list[Result], weights: blend.Weights) -> None:
    """Prints a line for each model: 95% intervals in brackets."""
    by_name = {each.name: each for each in results}
    floor, ceiling = by_name[FLOOR], by_name.get(CEILING)
    if ceiling is not None and metrics.ahead(ceiling.ndcg, floor.ndcg).low <= 0:
        # Between two that tie there is no way to measure.
        ceiling = None
    print(f"{what}; {len(floor.ndcg):,} listeners asked")
    print("  model                 nDCG@10                   recall@50                 "
          "coverage  novelty  of the way            train")  # fmt: skip
    for each in results:
        far = f"{metrics.way(each.ndcg, floor.ndcg, ceiling.ndcg):.3f}" if ceiling else ""
        print(
            f"  {each.name:20}  {metrics.mean(each.ndcg)}  {metrics.mean(each.recall)}  "
            f"{each.coverage:8.3f}  {each.novelty:7.2f}  {far:20}  {each.seconds:5.1f} s"
        )
    for each in results:
        if each.name not in (FLOOR, CEILING, WHOLE):
            print(f"  the whole ahead of {each.name}: "
                  f"{metrics.ahead(by_name[WHOLE].ndcg, each.ndcg)}")  # fmt: skip
    for title, values in (
        (f"nDCG@10 of listeners with fewer than {_NEW_LISTENER} plays", "new_listeners"),
        ("recall@50 of tracks nobody had played", "new_tracks"),
    ):
        if len(getattr(floor, values)) >= _LEAST_OF_COHORT:
            print(f"  {title}: " + ", ".join(_mean(each.name, getattr(each, values))
                                             for each in results))  # fmt: skip
    print("  weights: " + ", ".join(f"{name} {weights[name]:.3f}" for name in blend.NAMES))


def _mean(name: str, values: Doubles) -> str:
    found: Interval = metrics.mean(values)
    return f"{name} {found:.3f}"
