"""Trains the sequential model: sampled softmax over what was played next and not skipped."""

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
from torch.nn import functional

from functions.recommendations.training.network import Network, Shape
from functions.recommendations.training.sequences import (
    NOTHING,
    Ints,
    Plays,
    Windows,
    batches,
    looking_back,
    windows,
)
from functions.recommendations.training.tracks import Tracks

log = logging.getLogger(__name__)

_ASKED_AT_ONCE = 256
_MOST_ASKED = 4_000
_WARM_UP = 0.1
_LONGEST_GRADIENT = 1.0
_LEAST_PLACES = 256
_BATCHES = 200


@dataclass(frozen=True)
class Settings:
    """`negatives` are drawn anew for each batch, half as tracks are played and half evenly.

    A batch has `places` at most. Of few plays batches are smaller and epochs more, so that there
    are `least_steps`.
    """

    shape: Shape = field(default_factory=Shape)
    seed: int = 7
    epochs: int = 8
    patience: int = 2
    learning_rate: float = 5e-3
    decay: float = 0.01
    places: int = 2048
    least_steps: int = 1_000
    negatives: int = 512
    threads: int = 2


def with_epochs(settings: Settings, epochs: int) -> Settings:
    """Exactly so many."""
    return dataclasses.replace(settings, epochs=epochs, least_steps=0)


def _fitting(settings: Settings, plays: int) -> Settings:
    """For so many plays."""
    places = min(settings.places, max(_LEAST_PLACES, plays // _BATCHES))
    epochs = max(settings.epochs, math.ceil(settings.least_steps * places / max(1, plays)))
    patience = max(settings.patience, epochs // 5)
    return dataclasses.replace(settings, places=places, epochs=epochs, patience=patience)


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
    judge = _Judge(plays, held & plays.liked, settings) if held.any() else None
    known = plays.where(~held)
    settings = _fitting(settings, len(known))
    trainer = _Trainer(network, known, settings)
    losses: list[float] = []
    best, best_state = 0, copy.deepcopy(network.state_dict())
    for epoch in range(settings.epochs):
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
        elif epoch - best >= settings.patience:
            break
    if judge is not None:
        network.load_state_dict(best_state)
    network.eval()
    epochs = best + 1 if judge is not None else settings.epochs
    return Fitted(network, epochs, losses, time.monotonic() - began)


class _Trainer:
    """Changes the network, an epoch at a time."""

    def __init__(self, network: Network, plays: Plays, settings: Settings) -> None:
        self._network = network
        self._plays = plays
        self._settings = settings
        self._rng = np.random.default_rng(settings.seed)
        self._sampler = _Sampler(plays, len(network.tracks.artist), settings, self._rng)
        self._optimiser = torch.optim.AdamW(
            network.parameters(), lr=settings.learning_rate, weight_decay=settings.decay
        )

    def epoch(self, number: int) -> float:
        """The mean loss of a pass over all plays, cut into windows at other places each time."""
        settings = self._settings
        length = settings.shape.length
        offset = int(self._rng.integers(length))
        made = windows(self._plays, self._plays.liked, length=length, offset=offset)
        self._network.train()
        done, total, count = 0, 0.0, 0
        for batch in batches(made, settings.places, self._rng):
            self._learn_at(_rate((number + done / len(made)) / settings.epochs))
            done += len(batch)
            if not batch.learned.any():
                continue
            self._optimiser.zero_grad(set_to_none=True)
            losses = _losses(self._network, batch, *self._sampler.draw())
            losses.mean().backward()
            nn.utils.clip_grad_norm_(self._network.parameters(), _LONGEST_GRADIENT)
            self._optimiser.step()
            total += float(losses.detach().sum())
            count += len(losses)
        return total / max(1, count)

    def _learn_at(self, rate: float) -> None:
        for group in self._optimiser.param_groups:
            group["lr"] = self._settings.learning_rate * rate


def _rate(progress: float) -> float:
    """Of the learning: up at first, then down along a cosine."""
    if progress < _WARM_UP:
        return progress / _WARM_UP
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - _WARM_UP) / (1 - _WARM_UP)))


class _Sampler:
    """Draws negatives, and says the logarithm of how often each is expected among them."""

    def __init__(
        self, plays: Plays, tracks: int, settings: Settings, rng: np.random.Generator
    ) -> None:
        # Only what was played is held against the rest: what is new is not unloved.
        counts = np.bincount(plays.track[plays.liked], minlength=tracks).astype(float)
        counts[NOTHING] = 0
        played = counts > 0
        chances = 0.5 * counts / max(1.0, counts.sum()) + 0.5 * played / max(1, played.sum())
        self._tracks = np.flatnonzero(played)
        self._size = settings.negatives
        self._rng = rng
        with np.errstate(divide="ignore"):
            self._log = np.log(chances * self._size)
        self._totals = np.cumsum(chances[played])

    def draw(self) -> tuple[Tensor, Tensor]:
        """Tracks, and the logarithms; all of those that were played where they are few."""
        if len(self._tracks) <= self._size:
            return torch.from_numpy(self._tracks), torch.zeros(len(self._tracks))
        drawn = np.searchsorted(self._totals, self._rng.random(self._size) * self._totals[-1])
        found = self._tracks[np.minimum(drawn, len(self._tracks) - 1)]
        return torch.from_numpy(found), torch.from_numpy(self._log[found].astype(np.float32))


def _losses(network: Network, batch: Windows, negatives: Tensor, expected: Tensor) -> Tensor:
    """Of each place that is learned: minus the logarithm of its target's chance, as estimated.

    The sum over all tracks is the target's own part and, of each drawn one that is another, its
    part by how often it is expected to be drawn.
    """
    vectors, biases = network.tracks()
    states = network.states(vectors, torch.from_numpy(batch.track), torch.from_numpy(batch.mark))
    learned = torch.from_numpy(batch.learned)
    states, target = states[learned], torch.from_numpy(batch.target)[learned]
    right = network.scores_of_each(
        states, vectors[target].unsqueeze(1), biases[target].unsqueeze(1)
    )
    wrong = network.scores_of_all(states, vectors[negatives], biases[negatives]) - expected
    wrong = wrong.masked_fill(target.unsqueeze(1) == negatives, -1e9)
    total = torch.logsumexp(torch.cat([right, wrong], dim=1), dim=1)
    return total - right.squeeze(1)


class _Judge:
    """The loss on plays that nothing was learned from, each after all that came before it."""

    def __init__(self, plays: Plays, asked: NDArray[np.bool_], settings: Settings) -> None:
        rng = np.random.default_rng(settings.seed)
        places = np.flatnonzero(asked)
        self._places = np.sort(rng.choice(places, min(len(places), _MOST_ASKED), replace=False))
        counts = np.bincount(plays.user)
        begins = (np.cumsum(counts) - counts)[plays.user[self._places]]
        self._history = looking_back(plays, begins, self._places, length=settings.shape.length)
        self._target = plays.track[self._places]

    def loss(self, network: Network) -> float:
        losses = [
            functional.cross_entropy(scores, torch.from_numpy(self._target[rows])) * len(scores)
            for rows, scores in in_parts(network, *self._history)
        ]
        return float(sum(losses)) / len(self._target)


def in_parts(network: Network, track: Ints, mark: Ints) -> Iterator[tuple[slice, Tensor]]:
    """Scores of all tracks (that of no track is as good as minus infinite), some rows at a time."""
    network.eval()
    with torch.inference_mode():
        vectors, biases = network.tracks()
        biases = biases.clone()
        biases[NOTHING] = -1e9
        for start in range(0, len(track), _ASKED_AT_ONCE):
            rows = slice(start, start + _ASKED_AT_ONCE)
            # Places that are padding for all of these need not be looked at, but for the last.
            used = (track[rows] != NOTHING).any(axis=0)
            begins = int(used.argmax()) if used.any() else track.shape[1] - 1
            states = network.states(
                vectors,
                torch.from_numpy(track[rows, begins:]),
                torch.from_numpy(mark[rows, begins:]),
            )[:, -1]
            yield rows, network.scores_of_all(states, vectors, biases)
