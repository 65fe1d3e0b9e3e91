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
from functions.recommendations.training import card, deciding, files, held_out
from functions.recommendations.training.held_out import Candidates
from functions.recommendations.training.histories import Histories
from functions.recommendations.training.judging import Asked, judged, scores
from functions.recommendations.training.learner import Learner, Made
from functions.recommendations.training.reading import (
    Catalogue,
    Listening,
    NothingToLearn,
    Rows,
    catalogue,
    listening,
)
from functions.recommendations.training.sequences import Plays
from functions.recommendations.training.weighing import Doubles
from functions.recommendations.warehouse import Progress, StatementFailed, Warehouse
from shared.clock import Clock, utc_now
from shared.documents import from_document
from shared.telemetry import fields

# Of more, those of some listeners are learned from.
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
        learner: Learner,
        clock: Clock = utc_now,
    ) -> None:
        self._rows = rows
        self._warehouse = warehouse
        self._dataset = dataset
        self._documents = documents
        self._models = models
        self._learner = learner
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
        tried, said = await asyncio.to_thread(self._tried, learned, asked.candidates)
        weights, figures = judged(asked, said)
        decision = deciding.decide(figures, deep_in_service=asked.deep_in_service)
        made = self._card(learned, tried, figures, weights, decision)
        if decision.promoted:
            await self._into_service(before, slot, learned, tried.epochs, made)
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
        [counted] = self._rows.of(sql.count(self._dataset))
        share = MOST_PLAYS / max(1, counted["plays"])
        heard = listening(self._rows.of(sql.plays(self._dataset, suffix, share)))
        first, last = float(heard.plays.at.min()), float(heard.plays.at.max())
        cut = math.floor(last - min(HELD_OUT_S, _MOST_HELD_OUT * (last - first)))
        if not (heard.plays.at < cut).any():
            raise NothingToLearn("all plays are of one moment")
        return Learned(known, heard, cut)

    async def _held_out(self, learned: Learned, state: deep.DeepState) -> Asked:
        stored = (await self._documents.read([STATE])).get(STATE)
        factors = from_document(dict(stored.data), State).slot if stored else -1
        until = held_out.timestamp(learned.cut)
        for statement in held_out.statements(self._dataset, factors, until):
            await self._sql(statement)
        of = await asyncio.to_thread(held_out.candidates, self._rows.of, self._dataset)
        known = learned.listening.numbers()
        of = [each for each in of if each.user in known]
        # It must not have learned from the days that it is asked about.
        comparable = state.slot >= 0 and state.learned_until <= learned.cut
        name = state.name if comparable else ""
        weights = blend.weights_of(
            await self._warehouse.rows(blend.newest_weights(self._dataset), model=name),
            deep=comparable,
        )
        said: list[Doubles] = [np.zeros(len(each.tracks)) for each in of]
        if comparable:
            await self._sql(held_out.scores_in_service(self._dataset, state.slot, until))
            said = await asyncio.to_thread(held_out.scored, self._rows.of, self._dataset, of)
        return Asked(of, weights, said, name)

    def _tried(self, learned: Learned, of: Sequence[Candidates]) -> tuple[Made, list[Doubles]]:
        """How a model of what lies before the cut was made, and what it says of the candidates."""
        plays = learned.listening.plays
        known = plays.where(plays.at < learned.cut)
        model = self._learner.learn(known, learned.catalogue.tracks, validated=newest(known))
        numbers, users = learned.catalogue.numbers(), learned.listening.numbers()
        histories = Histories(known, length=self._learner.length)
        found: list[Doubles] = []
        for start in range(0, len(of), _SCORED_AT_ONCE):
            some = of[start : start + _SCORED_AT_ONCE]
            asked = np.array([users[each.user] for each in some])
            found += scores(model, histories.last(asked), some, numbers)
        return model.made, found

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
        plays, tracks = learned.listening.plays, learned.catalogue.tracks
        return self._learner.learn(plays, tracks, epochs=epochs).file()

    def _card(
        self,
        learned: Learned,
        made: Made,
        figures: deciding.Figures,
        weights: Mapping[str, float],
        decision: deciding.Decision,
    ) -> card.Card:
        plays, tracks = learned.listening.plays, learned.catalogue.tracks
        played = np.bincount(plays.track, minlength=len(tracks.artist))[1:] > 0
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
            training=made,
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


def newest(plays: Plays) -> NDArray[np.bool_]:
    """The end of the plays, by their time."""
    found: NDArray[np.bool_] = plays.at >= np.quantile(plays.at, 1 - _VALIDATED)
    return found
