"""The whole of a training: learn, try on days that were held out, decide, and put into service.

What is in service is pointed to by one document, which is written last: whatever goes wrong
before, and wherever this is cut off, the old model, its numbers and its weights stay as they were.
"""

import asyncio
import contextlib
import datetime
import logging
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.recommendations import deep
from functions.recommendations.models import blend
from functions.recommendations.models import deep as sql
from functions.recommendations.state import State
from functions.recommendations.store import STATE, Documents
from functions.recommendations.training import card, deciding, export, files, fitting, held_out
from functions.recommendations.training.held_out import Candidates
from functions.recommendations.training.reading import (
    Catalogue,
    Listening,
    NothingToLearn,
    Rows,
    catalogue,
    listening,
)
from functions.recommendations.training.sequences import NOTHING, Plays, looking_back
from functions.recommendations.training.weighing import Doubles, fit, ndcg, ndcg_of
from functions.recommendations.warehouse import Progress, StatementFailed, Warehouse
from shared.clock import Clock, utc_now
from shared.documents import from_document
from shared.telemetry import fields

MOST_PLAYS = 20_000_000
# A little less than from one training to the next, so that what is in service has not seen them.
HELD_OUT_S = 6 * 86_400
# Of a log that is short: so much of it at most.
_MOST_HELD_OUT = 0.2
# Of what is learned from, its end: by this the training stops.
_VALIDATED = 0.05
_WAIT_S = 600.0
_MOST_WAITS = 24
_SCORED_AT_ONCE = 64

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """`card` tells all of it."""

    promoted: bool
    slot: int
    card: card.Card


@dataclass(frozen=True)
class Learned:
    """What there is to learn from, and where it is cut, in seconds since the epoch."""

    catalogue: Catalogue
    listening: Listening
    cut: float


class Training:
    """One training; its statements bear ids of its own."""

    def __init__(
        self,
        *,
        rows: Rows,
        warehouse: Warehouse,
        dataset: str,
        documents: Documents,
        models: files.ModelFiles,
        settings: fitting.Settings,
        clock: Clock = utc_now,
    ) -> None:
        self._rows = rows
        self._warehouse = warehouse
        self._dataset = dataset
        self._documents = documents
        self._models = models
        self._settings = settings
        self._clock = clock
        self._version = f"{clock():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self._statements = 0

    async def run(self) -> Outcome:
        """Raises `NothingToLearn`, `StatementFailed`, `Unavailable`, `Conflict` and Google's."""
        before = await deep.read(self._documents)
        slot = before.state.next_slot
        await self._sql(sql.index(self._dataset, f"_{slot}"))
        learned = await asyncio.to_thread(self._read, f"_{slot}")
        try:
            asked = await self._held_out(learned, before.state)
        finally:
            await self._tidy()
        fitted, scores = await asyncio.to_thread(self._tried, learned, asked.candidates)
        weights, figures = judged(asked, scores)
        decision = deciding.decide(figures, deep_in_service=asked.deep_in_service)
        made = self._card(learned, fitted, figures, weights, decision)
        if decision.promoted:
            await self._into_service(before, slot, learned, fitted.epochs, made)
        else:
            self._keep_card(made)
            log.error(
                "no new deep model",
                extra=fields(
                    metric="recommendations/deep_kept",
                    version=self._version,
                    reason=decision.reason,
                    in_service=before.state.slot,
                ),
            )
        return Outcome(decision.promoted, slot, made)

    def _read(self, suffix: str) -> Learned:
        known = catalogue(self._rows.of(sql.tracks(self._dataset, suffix)))
        heard = listening(self._rows.of(sql.plays(self._dataset, suffix, MOST_PLAYS)))
        first, last = float(heard.plays.at.min()), float(heard.plays.at.max())
        cut = math.floor(last - min(HELD_OUT_S, _MOST_HELD_OUT * (last - first)))
        if not (heard.plays.at < cut).any():
            raise NothingToLearn("all plays are of one moment")
        return Learned(known, heard, cut)

    async def _held_out(self, learned: Learned, state: deep.DeepState) -> "Asked":
        stored = (await self._documents.read([STATE])).get(STATE)
        factors = from_document(dict(stored.data), State).slot if stored else -1
        until = held_out.timestamp(learned.cut)
        for statement in held_out.statements(self._dataset, factors, until):
            await self._sql(statement)
        of = await asyncio.to_thread(held_out.candidates, self._rows.of, self._dataset)
        # It must not have learned from the days that it is asked about.
        comparable = state.slot >= 0 and state.learned_until <= learned.cut
        name = state.name if comparable else ""
        weights = blend.weights_of(
            await self._warehouse.rows(blend.newest_weights(self._dataset), model=name),
            deep=comparable,
        )
        scores: list[Doubles] = [np.zeros(len(each.tracks)) for each in of]
        if comparable:
            await self._sql(held_out.scores_in_service(self._dataset, state.slot, until))
            scores = await asyncio.to_thread(held_out.scored, self._rows.of, self._dataset, of)
        return Asked(of, weights, scores, name)

    def _tried(
        self, learned: Learned, of: Sequence[Candidates]
    ) -> tuple[fitting.Fitted, list[Doubles]]:
        """A model of what lies before the cut, and what it says of the candidates."""
        plays = learned.listening.plays
        known = plays.where(plays.at < learned.cut)
        tracks = learned.catalogue.tracks
        fitted = fitting.fit(known, tracks, self._settings, newest(known), log.info)
        numbers, users = learned.catalogue.numbers(), learned.listening.numbers()
        scorer = export.scorer(fitted.network)
        found: list[Doubles] = []
        for start in range(0, len(of), _SCORED_AT_ONCE):
            found += _scores(scorer, known, of[start : start + _SCORED_AT_ONCE], numbers, users)
        return fitted, found

    async def _into_service(
        self, before: deep.Read, slot: int, learned: Learned, epochs: int, made: card.Card
    ) -> None:
        content = await asyncio.to_thread(self._retrained, learned, epochs)
        await asyncio.to_thread(self._models.write, self._version, files.MODEL, content)
        self._keep_card(made)
        path = self._models.path(self._version)
        await self._sql(sql.create(self._dataset, slot, path))
        await self._sql(sql.weights(self._dataset, slot, made.weights))
        await deep.put_into_service(
            self._documents,
            before,
            slot=slot,
            version=self._version,
            learned_until=math.ceil(float(learned.listening.plays.at.max())),
            now=int(self._clock().timestamp()),
        )
        log.info(
            "a deep model is promoted",
            extra=fields(
                metric="recommendations/deep_promoted",
                version=self._version,
                slot=slot,
                ndcg=made.figures.with_deep.mean,
                ahead=made.figures.ahead.mean,
            ),
        )

    def _retrained(self, learned: Learned, epochs: int) -> bytes:
        """On all plays, for as many epochs as were best."""
        settings = fitting.with_epochs(self._settings, epochs)
        plays, tracks = learned.listening.plays, learned.catalogue.tracks
        fitted = fitting.fit(plays, tracks, settings, None, log.info)
        return export.to_onnx(export.scorer(fitted.network))

    def _card(
        self,
        learned: Learned,
        fitted: fitting.Fitted,
        figures: deciding.Figures,
        weights: Mapping[str, float],
        decision: deciding.Decision,
    ) -> card.Card:
        plays, tracks = learned.listening.plays, learned.catalogue.tracks
        played = np.bincount(plays.track, minlength=len(tracks.artist))[1:] > 0
        shape = self._settings.shape
        return card.Card(
            version=self._version,
            made_at=self._clock().astimezone(datetime.UTC).isoformat(timespec="seconds"),
            data=card.Data(
                plays=len(plays),
                listeners=len(learned.listening.users),
                tracks=len(learned.catalogue.ids),
                tracks_with_sound=int(np.any(tracks.sound, axis=1).sum()),
                tracks_never_played=int((~played).sum()),
                first_play=card.iso(float(plays.at.min())),
                last_play=card.iso(float(plays.at.max())),
                held_out_from=card.iso(learned.cut),
            ),
            training=card.Training(
                seed=self._settings.seed,
                epochs=fitted.epochs,
                validation_losses=fitted.losses,
                seconds=fitted.seconds,
                parameters=sum(each.numel() for each in fitted.network.parameters()),
                length=shape.length,
                size=shape.size,
                blocks=shape.blocks,
                heads=shape.heads,
                tastes=shape.tastes,
            ),
            figures=figures,
            weights=dict(weights),
            decision=decision,
        )

    def _keep_card(self, made: card.Card) -> None:
        self._models.write(self._version, files.CARD, card.to_json(made))
        self._models.write(self._version, files.CARD_TEXT, card.to_markdown(made))

    async def _tidy(self) -> None:
        for statement in held_out.leftovers(self._dataset):
            # An erasure deletes people's lines where this could not.
            with contextlib.suppress(StatementFailed):
                await self._sql(statement)

    async def _sql(self, statement: str) -> None:
        self._statements += 1
        job_id = f"recommendations-training-{self._version}-{self._statements}"
        for _ in range(_MOST_WAITS):
            progress = await self._warehouse.run(statement, job_id=job_id, wait_s=_WAIT_S)
            if progress is Progress.done:
                return
        raise StatementFailed(f"{job_id} is still running")


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


def newest(plays: Plays) -> NDArray[np.bool_]:
    """The end of the plays, by their time."""
    found: NDArray[np.bool_] = plays.at >= np.quantile(plays.at, 1 - _VALIDATED)
    return found


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
        with_deep=ndcg(judges, fit(teachers)),
        without=ndcg(without, fit([each.question() for each, _, _ in halves[0]])),
        deep_alone=ndcg(judges, np.eye(size + 1)[size]),
        in_service=ndcg_of(
            without,
            [each.features @ of_service + of_deep * said for each, _, said in halves[1]],
        ),
        against=asked.model or "the ranking without a deep model",
    )
    learned = fit([*teachers, *judges])
    names = [*blend.NAMES, blend.DEEP]
    weights = dict(zip(names, learned.tolist(), strict=False)) if len(learned) else {}
    return weights, figures


def _scores(
    scorer: export.Scorer,
    plays: Plays,
    of: Sequence[Candidates],
    numbers: Mapping[str, int],
    users: Mapping[str, int],
) -> list[Doubles]:
    """As the file says them at night, of histories that end where the plays do."""
    counts = np.bincount(plays.user, minlength=len(users))
    ends = np.cumsum(counts)
    rows = np.array([users[each.user] for each in of])
    length = scorer.network.shape.length
    history, marks = looking_back(plays, (ends - counts)[rows], ends[rows], length=length)
    asked = np.full((len(of), export.CANDIDATES), NOTHING)
    for row, each in enumerate(of):
        offered = [numbers.get(track, NOTHING) for track in each.tracks[: export.CANDIDATES]]
        asked[row, : len(offered)] = offered
    found = export.ask(scorer, history, marks, asked)
    return [
        np.pad(said[: len(each.tracks)], (0, max(0, len(each.tracks) - export.CANDIDATES)))
        for each, said in zip(of, found, strict=True)
    ]
