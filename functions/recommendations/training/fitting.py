"""Trains the model: from some of a listener's sessions it is to tell what the others are."""

import copy
import dataclasses
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from functions.recommendations.training.histories import Histories
from functions.recommendations.training.network import Listened, Network, Shape
from functions.recommendations.training.rates import rates
from functions.recommendations.training.sequences import NOTHING, Ints, Plays
from functions.recommendations.training.tracks import Tracks

log = logging.getLogger(__name__)

_ASKED_AT_ONCE = 256
_MOST_ASKED = 1_000
_WARM_UP = 0.1
_LONGEST_GRADIENT = 1.0
_FEWEST_BATCHES = 20


@dataclass(frozen=True)
class Settings:
    """A batch has `listeners` at most; of few, batches are smaller and epochs more.

    So there are `least_steps`. `told`: the share of sessions that is to be told from the others.
    `near_sound` and `near_artist` say how near to what is known of it by its sound, and by its
    artist's, a track is held to lie: inverse variances in each dimension.
    """

    shape: Shape = field(default_factory=Shape)
    seed: int = 7
    epochs: int = 1
    learning_rate: float = 1e-2
    listeners: int = 64
    least_steps: int = 750
    told: float = 0.3
    learned_rounds: int = 2
    near_artist: float = 700.0
    near_sound: float = 50.0
    threads: int = 2


def with_epochs(settings: Settings, epochs: int) -> Settings:
    """Exactly so many."""
    return dataclasses.replace(settings, epochs=epochs, least_steps=0)


def _fitting(settings: Settings, listeners: int) -> Settings:
    """For so many listeners."""
    at_once = min(settings.listeners, max(1, listeners // _FEWEST_BATCHES))
    steps = max(1, math.ceil(listeners / at_once))
    epochs = max(settings.epochs, math.ceil(settings.least_steps / steps))
    return dataclasses.replace(settings, listeners=at_once, epochs=epochs)


@dataclass(frozen=True)
class Fitted:
    """`losses` are of the validation, an epoch each; `epochs` were the best."""

    network: Network
    epochs: int
    losses: list[float]
    seconds: float


def fit(
    plays: Plays,
    tracks: Tracks,
    settings: Settings,
    validated: NDArray[np.bool_] | None = None,
    say: Callable[[str], None] = log.info,
) -> Fitted:
    """Learns from all plays but those `validated`, by which it is judged after each epoch.

    Validated plays are to be the last ones of their time. Without any it goes on for all epochs.
    """
    began = time.monotonic()
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    network = Network(
        torch.from_numpy(tracks.features()), torch.from_numpy(tracks.artist), settings.shape
    )
    held = np.zeros(len(plays), bool) if validated is None else validated
    known = plays.where(~held)
    judge = _Judge(known, plays.where(held & plays.liked), settings) if held.any() else None
    trainer = _Trainer(network, known, tracks, settings)
    losses: list[float] = []
    best, best_state = 0, copy.deepcopy(network.state_dict())
    for epoch in range(trainer.epochs):
        trained = trainer.epoch(epoch)
        if judge is None:
            say(f"epoch {epoch + 1}: {trained:.4f}, {time.monotonic() - began:.0f} s")
            continue
        losses.append(judge.loss(network))
        say(
            f"epoch {epoch + 1}: {trained:.4f}, validation {losses[-1]:.4f}, "
            f"{time.monotonic() - began:.0f} s"
        )
        if losses[-1] < min(losses[:-1], default=math.inf):
            best, best_state = epoch, copy.deepcopy(network.state_dict())
    if judge is not None:
        network.load_state_dict(best_state)
    network.eval()
    epochs = best + 1 if judge is not None else trainer.epochs
    return Fitted(network, epochs, losses, time.monotonic() - began)


class _Trainer:
    """Changes the network, an epoch at a time."""

    def __init__(self, network: Network, plays: Plays, tracks: Tracks, settings: Settings) -> None:
        listeners = _of_two_sessions(plays)
        settings = _fitting(settings, len(listeners))
        self.epochs = settings.epochs
        self._network = network
        self._settings = settings
        self._listeners = listeners
        self._plays = max(1, int(plays.liked.sum()))
        self._histories = Histories(plays, length=settings.shape.length)
        self._rng = np.random.default_rng(settings.seed)
        known = rates(plays, tracks)
        # What nobody has played has no part in any sum: new is not unloved.
        self._played = torch.from_numpy(np.flatnonzero(known.plays))
        self._there = torch.from_numpy(np.log(known.there[known.plays > 0]).astype(np.float32))
        with torch.no_grad():
            network.tracks.bias.weight.copy_(_column(known.bias))
            network.tracks.bias_of_artist.weight.copy_(_column(known.bias_of_artist))
        self._optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)

    def epoch(self, number: int) -> float:
        """The mean loss of a pass over all listeners, as of another time each time."""
        settings = self._settings
        self._network.train()
        order = self._rng.permutation(self._listeners)
        total, count = 0.0, 0.0
        for start in range(0, len(order), settings.listeners):
            self._learn_at(_rate((number + start / len(order)) / settings.epochs))
            users = np.sort(order[start : start + settings.listeners])
            given = self._histories.at_some_time(users, self._rng)
            self._optimiser.zero_grad(set_to_none=True)
            lost, plays = self._lost(*(torch.from_numpy(each) for each in given))
            (lost / plays + self._apart()).backward()
            nn.utils.clip_grad_norm_(self._network.parameters(), _LONGEST_GRADIENT)
            self._optimiser.step()
            total += float(lost.detach())
            count += float(plays)
        return total / max(1.0, count)

    def _lost(self, history: Tensor, session: Tensor) -> tuple[Tensor, Tensor]:
        """Minus the logarithms of the chances of the sessions to be told, and how many plays."""
        network = self._network
        vectors, biases = network.tracks()
        listened = network.listened(vectors, biases, history, session)
        told = self._told(listened.count)
        vectors, biases = vectors[self._played], biases[self._played] + self._there
        mixture = network.mixture(
            listened.only(1 - told), vectors, biases, learned=self._settings.learned_rounds
        )
        likely = mixture.of_sessions(listened) + mixture.chances.unsqueeze(1)
        return -(torch.logsumexp(likely, dim=2) * told).sum(), (listened.count * told).sum()

    def _told(self, count: Tensor) -> Tensor:
        """Some of each listener's sessions, one at least: n x sessions, 1 or 0."""
        there = (count > 0).float()
        order = (torch.rand(count.shape) + 1 - there).argsort(dim=1).argsort(dim=1)
        share = (there.sum(dim=1, keepdim=True) * self._settings.told).round()
        return (order < share.clamp(min=1)).float() * there

    def _apart(self) -> Tensor:
        """What it costs that tracks and artists lie elsewhere than by their sound."""
        tracks, settings = self._network.tracks, self._settings
        own = settings.near_artist * tracks.own.weight.square().sum()
        artist = settings.near_sound * tracks.of_artist.weight.square().sum()
        cost: Tensor = (own + artist) / (2 * self._plays)
        return cost

    def _learn_at(self, rate: float) -> None:
        for group in self._optimiser.param_groups:
            group["lr"] = self._settings.learning_rate * rate


def _rate(progress: float) -> float:
    """Of the learning: up at first, then down along a cosine."""
    if progress < _WARM_UP:
        return progress / _WARM_UP
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - _WARM_UP) / (1 - _WARM_UP)))


def _of_two_sessions(plays: Plays) -> Ints:
    """Users of whose sessions one can be told from another."""
    pairs = np.unique(np.stack([plays.user, plays.sessions()])[:, plays.liked], axis=1)
    users, count = np.unique(pairs[0], return_counts=True)
    found: Ints = users[count > 1]
    return found


def _column(values: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(values).unsqueeze(1)


class _Judge:
    """The loss on plays that nothing was learned from, by what came before all of them."""

    def __init__(self, known: Plays, asked: Plays, settings: Settings) -> None:
        rng = np.random.default_rng(settings.seed)
        users = np.unique(asked.user)
        users = np.sort(rng.choice(users, min(len(users), _MOST_ASKED), replace=False))
        self._history = Histories(known, length=settings.shape.length).last(users)
        chosen = np.isin(asked.user, users)
        self._row = np.searchsorted(users, asked.user[chosen])
        self._target = asked.track[chosen]

    def loss(self, network: Network) -> float:
        lost = 0.0
        for rows, scores in in_parts(network, *self._history):
            here = (self._row >= rows.start) & (self._row < rows.stop)
            lost -= float(scores[self._row[here] - rows.start, self._target[here]].sum())
        return lost / max(1, len(self._target))


def in_parts(network: Network, history: Ints, session: Ints) -> Iterator[tuple[slice, Tensor]]:
    """Logarithms of chances of all tracks (that of no track is below all), some rows at a time."""
    network.eval()
    with torch.inference_mode():
        vectors, biases = network.tracks()
        for start in range(0, len(history), _ASKED_AT_ONCE):
            rows = slice(start, start + _ASKED_AT_ONCE)
            given = (torch.from_numpy(each[rows]) for each in (history, session))
            listened: Listened = network.listened(vectors, biases, *given)
            mixture = network.mixture(listened, vectors[1:], biases[1:])
            scores = network.scores_of_all(network.now(mixture, listened), vectors, biases)
            scores[:, NOTHING] = -1e9
            yield rows, scores
