"""The night's run: facts, a model, a ranking, mixes. It stops where it is and goes on later."""

import datetime
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from functions.recommendations.deep import DeepState
from functions.recommendations.features import statements as features
from functions.recommendations.making import MixMaker
from functions.recommendations.models import blend, deep, heldout, signals
from functions.recommendations.models import statements as models
from functions.recommendations.models.promotion import Decision, Sanity, decide, figures
from functions.recommendations.sharing import Sharer
from functions.recommendations.state import Held, Lease, Lost, State, Step
from functions.recommendations.warehouse import Progress, StatementFailed, Warehouse
from shared.clock import Clock, utc_now
from shared.telemetry import fields

# Less than a call may take; what is left is for the next one.
BUDGET_S = 80.0
_TRIES = 3

log = logging.getLogger(__name__)


class Report(msgspec.Struct, frozen=True):
    """What a call of the task found or did. `made` counts listeners whose mixes are new."""

    night: str
    step: Step
    made: int = 0
    kept: str = ""
    model: str = ""
    busy: bool = False


class Nightly:
    """`run` may be called at any time and any number of times, by several at once."""

    def __init__(
        self,
        *,
        lease: Lease,
        warehouse: Warehouse,
        dataset: str,
        maker: MixMaker,
        sharer: Sharer,
        deep_in_service: Callable[[], Awaitable[DeepState]],
        budget_s: float = BUDGET_S,
        clock: Clock = utc_now,
    ) -> None:
        self._lease = lease
        self._warehouse = warehouse
        self._dataset = dataset
        self._maker = maker
        self._sharer = sharer
        self._deep = deep_in_service
        self._budget_s = budget_s
        self._clock = clock

    async def run(self, *, again: bool = False) -> Report:
        """Goes as far as time allows. Raises `Unavailable` while BigQuery is not answering."""
        deadline = time.monotonic() + self._budget_s
        held = await self._lease.take(again=again)
        if held is None:
            return Report(night=self._clock().date().isoformat(), step=Step.done, busy=True)
        try:
            while held.state.step is not Step.done and time.monotonic() < deadline:
                reached = await self._go_on(held.state, deadline)
                if reached is None:
                    break
                await self._lease.keep(held, reached)
        except Lost:
            log.warning("another run has taken over", extra=fields(night=held.state.night))
            return Report(night=held.state.night, step=held.state.step, busy=True)
        except Exception:
            await self._let_go(held)
            raise
        await self._let_go(held)
        state = held.state
        return Report(
            night=state.night,
            step=state.step,
            made=state.made,
            kept=state.kept,
            model=f"mf_{state.slot}" if state.slot >= 0 else "",
        )

    async def _let_go(self, held: Held) -> None:
        try:
            await self._lease.release(held)
        except Lost:
            log.warning("another run has taken over", extra=fields(night=held.state.night))

    async def _go_on(self, state: State, deadline: float) -> State | None:
        """The state after the next piece of work; None while a statement runs on."""
        dataset = self._dataset
        statements: Sequence[str]
        match state.step:
            case Step.facts:
                statements, following = features.facts(dataset), Step.content
            case Step.content:
                content = [models.neighbours(dataset), models.content(dataset)]
                statements, following = [*content, *signals.relations(dataset)], Step.train
            case Step.signals:
                statements, following = signals.signals(dataset, state.slot), Step.deep
            case Step.deep:
                return await self._ask_deep(state, deadline)
            case Step.train:
                return await self._train(state, deadline)
            case Step.ranked:
                return await self._rank(state, deadline)
            case _:
                return await self._without_statements(state)
        return await self._statements(state, statements, following, deadline)

    async def _without_statements(self, state: State) -> State:
        match state.step:
            case Step.judge:
                return await self._judge(state)
            case Step.shared:
                return await self._share(state)
            case _:
                return await self._mixes(state)

    async def _statements(
        self, state: State, statements: Sequence[str], following: Step, deadline: float
    ) -> State | None:
        """One of them; whatever goes wrong with all its tries ends the run."""
        try:
            progress = await self._run(state, statements[state.part], deadline)
        except StatementFailed as error:
            return self._failed(state, error)
        if progress is Progress.running:
            return None
        if state.part + 1 < len(statements):
            return msgspec.structs.replace(state, part=state.part + 1, tries=0)
        return _at(state, following)

    async def _train(self, state: State, deadline: float) -> State | None:
        slot = state.next_slot
        statements = [
            models.create(self._dataset, slot),
            models.candidates(self._dataset, slot),
        ]
        try:
            progress = await self._run(state, statements[state.part], deadline)
        except StatementFailed as error:
            if state.tries + 1 < _TRIES:
                return msgspec.structs.replace(state, tries=state.tries + 1)
            return self._keep(state, f"the training failed: {error}"[:500])
        if progress is Progress.running:
            return None
        if state.part + 1 < len(statements):
            return msgspec.structs.replace(state, part=state.part + 1, tries=0)
        return _at(state, Step.judge)

    async def _judge(self, state: State) -> State:
        slot = state.next_slot
        proven = await self._proven(state)
        state = msgspec.structs.replace(state, figures={**state.figures, **proven})
        try:
            decision, measured = await self._look_at(slot, state)
        except StatementFailed as error:
            return self._keep(state, f"the evaluation failed: {error}"[:500])
        if not decision.promoted:
            return self._keep(state, decision.reason)
        log.info(
            "a model is promoted",
            extra=fields(metric="recommendations/model_promoted", slot=slot, **measured),
        )
        return msgspec.structs.replace(
            _at(state, Step.signals),
            slot=slot,
            figures={**proven, **measured},
            promoted_at=state.night,
        )

    async def _proven(self, state: State) -> dict[str, float]:
        """What the ranking in service was worth since it was made; nothing where none can say."""
        if not state.ranked_at:
            return {}
        since = datetime.datetime.fromtimestamp(state.ranked_at, datetime.UTC)
        try:
            rows = await self._warehouse.rows(
                heldout.hits(self._dataset), since=since, night=state.night
            )
        except StatementFailed as error:
            log.warning(
                "the ranking in service was not measured", extra=fields(reason=str(error)[:500])
            )
            return {}
        proven = heldout.worth(rows)
        if proven:
            log.info(
                "the ranking in service is measured",
                extra=fields(metric="recommendations/ranking_measured", **proven),
            )
        return proven

    async def _look_at(self, slot: int, state: State) -> tuple[Decision, dict[str, float]]:
        rows = await self._warehouse.rows(models.evaluate(self._dataset, slot))
        evaluated = rows[0] if rows else {}
        [seen] = await self._warehouse.rows(models.sanity(self._dataset, slot))
        sanity = msgspec.convert(dict(seen), Sanity)
        return decide(evaluated, sanity, state.figures), figures(evaluated)

    def _keep(self, state: State, reason: str) -> State:
        """Yesterday's model and mixes stay; who has no mixes yet still gets some."""
        log.error(
            "no new model tonight",
            extra=fields(
                metric="recommendations/model_kept",
                night=state.night,
                reason=reason,
                in_service=state.slot,
            ),
        )
        return msgspec.structs.replace(_at(state, Step.signals), kept=reason)

    async def _ask_deep(self, state: State, deadline: float) -> State | None:
        """Tonight's candidates, scored by the deep model in service; a night can do without."""
        found = await self._deep()
        if found.slot < 0:
            return _at(state, Step.ranked)
        try:
            progress = await self._run(state, deep.scores(self._dataset, found.slot), deadline)
        except StatementFailed as error:
            if state.tries + 1 < _TRIES:
                return msgspec.structs.replace(state, tries=state.tries + 1)
            log.error(
                "the deep model says nothing tonight",
                extra=fields(
                    metric="recommendations/deep_failed",
                    night=state.night,
                    reason=str(error)[:500],
                ),
            )
            return _at(state, Step.ranked)
        if progress is Progress.running:
            return None
        return msgspec.structs.replace(_at(state, Step.ranked), deep=found.name)

    async def _rank(self, state: State, deadline: float) -> State | None:
        """The candidates in their order, by the weights that hold tonight."""
        weights = await self._weights(state.deep)
        scored = deep.SCORES if blend.DEEP in weights else None
        statements = [blend.ranked(self._dataset, weights, deep_scores=scored)]
        reached = await self._statements(state, statements, Step.shared, deadline)
        if reached is None or reached.step is not Step.shared:
            return reached
        return msgspec.structs.replace(reached, ranked_at=int(self._clock().timestamp()))

    async def _weights(self, model: str) -> blend.Weights:
        """Those that go with a deep model; without it where they are not there."""
        try:
            rows = await self._warehouse.rows(blend.newest_weights(self._dataset), model=model)
        except StatementFailed as error:
            log.warning(
                "the weights that were learned are not here",
                extra=fields(reason=str(error)[:500]),
            )
            return blend.DEFAULTS
        return blend.weights_of(rows, deep=bool(model))

    async def _share(self, state: State) -> State:
        try:
            await self._sharer.share()
        except StatementFailed as error:
            return self._failed(state, error)
        return _at(state, Step.mixes)

    def _failed(self, state: State, error: StatementFailed) -> State:
        if state.tries + 1 < _TRIES:
            return msgspec.structs.replace(state, tries=state.tries + 1)
        reason = f"{state.step.value} failed: {error}"[:500]
        log.error(
            "tonight's run is given up",
            extra=fields(metric="recommendations/night_failed", night=state.night, reason=reason),
        )
        return msgspec.structs.replace(_at(state, Step.done), kept=reason)

    async def _mixes(self, state: State) -> State:
        """The mixes of the next few listeners."""
        try:
            batch = await self._maker.make(
                after=state.cursor,
                slot=state.slot,
                # Without any model ever there is nothing of yesterday's to be kept.
                only_new=bool(state.kept) and state.slot >= 0,
            )
        except StatementFailed as error:
            return self._failed(state, error)
        if batch is None:
            log.info(
                "mixes are made",
                extra=fields(
                    metric="recommendations/mixes_made", night=state.night, listeners=state.made
                ),
            )
            return _at(state, Step.done)
        return msgspec.structs.replace(
            state, cursor=batch.last, made=state.made + batch.made, tries=0
        )

    async def _run(self, state: State, statement: str, deadline: float) -> Progress:
        """Under an id of its own, so that a call that comes back finds it."""
        name = f"{state.night}-{state.run}-{state.step.value}-{state.part}-{state.tries}"
        return await self._warehouse.run(
            statement,
            job_id=f"recommendations-{name}",
            wait_s=max(1.0, deadline - time.monotonic()),
        )


def _at(state: State, step: Step) -> State:
    cursor = state.cursor if step is Step.mixes else ""
    return msgspec.structs.replace(state, step=step, part=0, tries=0, cursor=cursor)
