"""`Learner` by the network of interests."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from functions.recommendations.training import export, fitting
from functions.recommendations.training.learner import Made
from functions.recommendations.training.sequences import Floats, Ints, Plays
from functions.recommendations.training.tracks import Tracks


class InterestsLearner:
    """Trains with these settings."""

    def __init__(self, settings: fitting.Settings) -> None:
        self._settings = settings

    @property
    def length(self) -> int:
        return self._settings.shape.length

    def learn(
        self,
        plays: Plays,
        tracks: Tracks,
        *,
        validated: NDArray[np.bool_] | None = None,
        epochs: int = 0,
    ) -> "InterestsModel":
        settings = fitting.with_epochs(self._settings, epochs) if epochs else self._settings
        return InterestsModel(fitting.fit(plays, tracks, settings, validated), settings)


class InterestsModel:
    """A network that has learned."""

    def __init__(self, fitted: fitting.Fitted, settings: fitting.Settings) -> None:
        self._scorer = export.scorer(fitted.network)
        self.made = Made(
            seed=settings.seed,
            epochs=fitted.epochs,
            losses=fitted.losses,
            seconds=fitted.seconds,
            parameters=sum(each.numel() for each in fitted.network.parameters()),
            network=dataclasses.asdict(settings.shape),
        )

    def scores(self, history: Ints, sessions: Ints, candidates: Ints) -> Floats:
        return export.ask(self._scorer, history, sessions, candidates)

    def file(self) -> bytes:
        return export.to_onnx(self._scorer)
