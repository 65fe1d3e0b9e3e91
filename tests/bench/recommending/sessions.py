"""The next track of a session, given what has been played in it so far.

Sessions of the test are cut at a place drawn from their second to their last play; asked is which
track was played there, of those that were not skipped. Every track that is out is ranked, also
what was heard before: people play again what they like.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from functions.recommendations.training import fitting
from functions.recommendations.training.histories import Histories
from functions.recommendations.training.sequences import Plays
from tests.bench.recommending import deep, metrics, models
from tests.bench.recommending.data import Data, Part
from tests.bench.recommending.listening import Log
from tests.bench.recommending.metrics import Doubles
from tests.bench.recommending.world import Floats, Ints, World

_AT_ONCE = 500
_DAY_S = 86_400.0
_ANY = 10**6
_SO_FAR = ((1, 1), (2, 4), (5, _ANY))

Ranker = Callable[[Ints], Floats]  # numbers of questions → questions x tracks


@dataclass(frozen=True)
class Questions:
    """Of each: who is asked, the session, how much of it was played, and what came then.

    `place` is where it lies among all plays by user and time.
    """

    user: Ints
    session: Ints
    mood: Ints
    so_far: Ints
    wanted: Ints
    place: Ints

    def __len__(self) -> int:
        return len(self.user)


@dataclass(frozen=True)
class Listening:
    """The log by user and time."""

    log: Log
    plays: Plays


def by_time(log: Log) -> Listening:
    order = np.lexsort((log.day, log.user))
    sorted_log = Log(**{name: values[order] for name, values in log.__dict__.items()})
    at = sorted_log.day.astype(np.float64) * _DAY_S
    plays = Plays(sorted_log.user, sorted_log.track + 1, at, at, sorted_log.completed)
    return Listening(sorted_log, plays)


def ask(listening: Listening, begins: float, most: int, *, seed: int) -> Questions:
    """One question of a session at most, of those that begin on the day `begins` or later."""
    log = listening.log
    order = np.lexsort((np.arange(len(log)), log.session))
    session = log.session[order]
    firsts = np.flatnonzero(np.diff(session, prepend=-1))
    nth = np.arange(len(order)) - np.repeat(firsts, np.diff(np.append(firsts, len(order))))
    started = log.day[order][firsts][np.cumsum(np.diff(session, prepend=-1) != 0) - 1]
    fit = (nth > 0) & log.completed[order] & (started >= begins)
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(np.flatnonzero(fit))
    _, first = np.unique(session[drawn], return_index=True)
    chosen = drawn[first]
    if len(chosen) > most:
        chosen = np.sort(rng.choice(chosen, most, replace=False))
    place = order[chosen]
    return Questions(
        user=log.user[place],
        session=log.session[place],
        mood=log.mood[place],
        so_far=nth[chosen],
        wanted=log.track[place],
        place=place,
    )


def oracle(world: World, asked: Questions) -> Ranker:
    """Knows which mood the session is in."""

    def found(rows: Ints) -> Floats:
        places = world.mood_place[asked.user[rows], asked.mood[rows]]
        return _next(world, places)

    return found


def either(world: World, listening: Listening, asked: Questions) -> Ranker:
    """Knows the listener's moods, and which of them it is only by the session so far."""

    def found(rows: Ints) -> Floats:
        log = listening.log
        total = np.zeros((len(rows), world.shape.tracks), np.float32)
        likely = np.log(np.maximum(world.mood_after[asked.user[rows]], 1e-9)).astype(np.float64)
        heard = [_session(log, asked, int(row)) for row in rows]
        nexts = []
        for mood in range(world.shape.moods):
            places = world.mood_place[asked.user[rows], mood]
            chances = world.chances(places)
            for at, (tracks, completed) in enumerate(heard):
                cosines = world.track_place[tracks] @ places[at]
                skipped = world.skip_chances(cosines)
                seen = np.where(completed, 1 - skipped, skipped)
                likely[at, mood] += float(np.log(chances[at, tracks] * seen + 1e-12).sum())
            nexts.append(_next(world, places))
        likely -= likely.max(axis=1, keepdims=True)
        chance = np.exp(likely) / np.exp(likely).sum(axis=1, keepdims=True)
        for mood, each in enumerate(nexts):
            total += chance[:, mood, None].astype(np.float32) * each
        return total

    return found


def _next(world: World, places: Floats) -> Floats:
    cosines = places @ world.track_place.T
    out: Floats = world.chances(places) * (1 - world.skip_chances(cosines))
    return out


def _session(log: Log, asked: Questions, row: int) -> tuple[Ints, Ints]:
    """What was played of the session before, and whether to its end."""
    place = int(asked.place[row])
    low = max(0, place - 400)
    here = np.arange(low, place)
    here = here[(log.user[here] == asked.user[row]) & (log.session[here] == asked.session[row])]
    return log.track[here], log.completed[here]


def interests(listening: Listening, asked: Questions, model: deep.Trained) -> Ranker:
    """The platform's model, which has the listener's last plays and this session's."""
    network = model.network
    asked_with = Histories(listening.plays, length=model.settings.shape.length).before(asked.place)

    def found(rows: Ints) -> Floats:
        out = np.empty((len(rows), network.tracks.sound.shape[0] - 1), np.float32)
        for part, each in fitting.in_parts(network, *(of[rows] for of in asked_with)):
            out[part] = each[:, 1:].numpy()
        return out

    return found


def peers(listening: Listening, asked: Questions, data: Data) -> dict[str, Ranker]:
    """What there is without a sequence: all of them know the plays before the test."""
    known = data.before(Part.test)
    factors = models.factorisation(known.ratings, data.artist, models.in_statement())
    together = models.together(known.liked)
    log = listening.log
    session = sp.csr_matrix(
        _rows([_session(log, asked, row)[0] for row in range(len(asked))], data.items)
    )
    final = sp.csr_matrix(
        _rows([_session(log, asked, row)[0][-1:] for row in range(len(asked))], data.items)
    )
    inner = np.linalg.inv(factors.item.T @ factors.item + np.eye(factors.item.shape[1]) * 5.0)

    def session_mf(rows: Ints) -> Floats:
        # The session is folded in as if it were a listener.
        folded = np.asarray(session[rows] @ factors.item, np.float32) @ inner
        out: Floats = (folded @ factors.item.T).astype(np.float32)
        return out

    return {
        "factorisation": lambda rows: factors(asked.user[rows]),
        "factorisation of the session": session_mf,
        "item-kNN": lambda rows: _dense(models.binary(known.liked)[asked.user[rows]] @ together),
        "session-kNN": lambda rows: _dense(session[rows] @ together),
        "last item-kNN": lambda rows: _dense(final[rows] @ together),
    }


def popularity(asked: Questions, data: Data) -> Ranker:
    known = data.before(Part.test)
    counts = np.asarray(known.liked.sum(axis=0), np.float32).ravel()
    return lambda rows: np.tile(counts, (len(rows), 1))


def ndcg(ranker: Ranker, asked: Questions, playable: NDArray[np.bool_]) -> Doubles:
    """Of each question: one track is wanted."""
    found = []
    for start in range(0, len(asked), _AT_ONCE):
        rows = np.arange(start, min(start + _AT_ONCE, len(asked)))
        scores = ranker(rows)
        scores[:, ~playable] = -np.inf
        ranked = metrics.best(scores, 10)
        wanted = [asked.wanted[row : row + 1] for row in rows]
        found.append(metrics.ndcg(metrics.hits(ranked, wanted), wanted))
    return np.concatenate(found)


def report(of: dict[str, Doubles], asked: Questions) -> None:
    """`of` has the floor first and the oracle second."""
    (floor, low), (ceiling, high) = list(of.items())[:2]
    print(f"the next track of a session; {len(asked):,} sessions asked")
    print("  model                          nDCG@10                   of the way")
    for name, values in of.items():
        far = metrics.way(values, low, high)
        print(f"  {name:29}  {metrics.mean(values)}  {far:.3f}")
    for first, final in _SO_FAR:
        rows = (asked.so_far >= first) & (asked.so_far <= final)
        if rows.sum() < 50:
            continue
        said = str(first) if first == final else f"{first} or more"
        if first < final < _ANY:
            said = f"{first} to {final}"
        print(f"  after {said} plays ({int(rows.sum()):,}): " + ", ".join(
            f"{name} {metrics.way(values[rows], low[rows], high[rows]):.3f}"
            for name, values in of.items() if name not in (floor, ceiling)
        ))  # fmt: skip


def _rows(of: list[Ints], width: int) -> sp.csr_matrix:
    row = np.repeat(np.arange(len(of)), [len(each) for each in of])
    column = np.concatenate(of)
    return models.matrix(row, column, np.ones(len(row), np.float32), (len(of), width))


def _dense(of: sp.csr_matrix) -> Floats:
    return np.asarray(of.todense(), np.float32)
